"""Fresh visitors: links that reproduce the view, broken links, phones, the dark, and each for himself."""

import json

import pytest

pytestmark = pytest.mark.browser


def painted(explorer, view):
    """All that a picture shows, comparable between visitors."""
    paths = ("x", "y", "marker.color", "marker.colors", "values", "level", "selectedpoints")
    title, outlines = explorer.plot(view).texts(".gtitle"), explorer.outlined(view)
    # Plotly writes a colour in small or large letters by the way it came.
    shown = [trace for trace in explorer.traces(view, *paths) if trace["visible"] is True]
    traces = json.dumps(shown).lower()
    return {"title": title, "outlines": outlines, "traces": traces}


def test_a_link_shows_a_fresh_visitor_the_same_picture(explorer, visit_explorer):
    explorer.plot("histogram").drag_box((45, 72))
    explorer.until(lambda: explorer.chosen("histogram") is not None)
    explorer.plot("histogram").legend_click("Americas")
    explorer.until(lambda: explorer.chosen("legend") is not None)
    explorer.choose(time=1987, scale="share", kind="scatter", arrangement="wrap")
    explorer.until(lambda: "1987" in explorer.plot("facets").texts(".gtitle")[0])
    explorer.plot("sunburst").click_sector("World/Africa")
    explorer.until(lambda: explorer.state.level == "World/Africa")
    explorer.still("sunburst")
    query = explorer.until(lambda: "l=" in (query := explorer.query()) and query)
    explorer.page.mouse.move(700, 4)

    other = visit_explorer(query)
    assert other.page is not explorer.page
    assert other.dashboard is not explorer.dashboard
    assert other.state.snapshot() == explorer.state.snapshot()
    assert (other.headline(), other.chips(), other.crumbs()) == (
        explorer.headline(),
        explorer.chips(),
        explorer.crumbs(),
    )
    for view in explorer.dashboard.views:

        def same(view=view):
            assert painted(other, view) == painted(explorer, view)

        explorer.until(same, f"the same {view}")
    assert other.query() == query

    # Each visitor for himself.
    other.page.get_by_role("button", name="Clear selection in every view").click()
    other.until(lambda: not other.state.selection, "cleared there")
    other.until(lambda: other.headline().startswith("142 countries"))
    assert explorer.state.selection
    assert not explorer.headline().startswith("142 countries")


def test_a_broken_link_says_so_and_falls_back(visit_explorer):
    junk = "v=1&y=1234&m=%3Cimg%20src%3Dx%20onerror%3Dalert(1)%3E&s=%7Bnot%20json&bs=share&zz=1"
    one = visit_explorer(junk)
    dialogs = []
    one.page.on("dialog", lambda dialog: (dialogs.append(dialog.message), dialog.dismiss()))
    toast = one.page.get_by_text("This link could not be read in full")
    toast.first.wait_for()
    said = toast.first.inner_text()
    assert "1234" in said
    assert one.state.time == 2007
    assert one.state.measure == "lifeExp"
    assert not one.state.selection
    assert one.state.scale == "share"  # what is good in it holds
    assert one.headline().startswith("142 countries")
    assert sum(one.bins().values()) == 142
    assert not dialogs
    one.plot("histogram").click_point(72.5, 5)
    one.until(lambda: one.headline().startswith("39 of 142"), "the page lives")


PHONE = {
    "viewport": {"width": 400, "height": 800},
    "is_mobile": True,
    "has_touch": True,
    "user_agent": "Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 Chrome/120.0 Mobile Safari/537.36",
}


def test_a_phone_shows_everything_within_its_width_in_the_dark(visit_explorer):
    one = visit_explorer(**PHONE, color_scheme="light")
    page = one.page
    wide = page.evaluate("[document.scrollingElement.scrollWidth, window.innerWidth]")
    assert wide[0] <= wide[1] == 400
    beyond = page.evaluate(
        "window.brushlinkDeep('.js-plotly-plot, .MuiPaper-root, .selection-bar, .clock')"
        ".filter(e => e.checkVisibility()).map(e => e.getBoundingClientRect())"
        ".filter(r => r.width > 0 && r.left >= 0 && r.right > 401).length"
    )
    assert beyond == 0
    # The drawer with the controls is closed until asked for.
    measure = page.get_by_role("combobox", name="Measure", exact=True)
    assert not measure.is_visible() or measure.bounding_box()["x"] < 0
    for view in one.dashboard.views:
        one.plot(view).box_of(".main-svg")
        assert one.plot(view).layout("width") <= 400
    # Plotly's buttons would lie on the title: they come when the picture is tapped.
    buttons = "return getComputedStyle(gd.querySelector('.modebar')).opacity;"
    assert one.plot("histogram").js(buttons) == "0"
    one.plot("histogram").click_point(72.5, 5)
    one.until(lambda: one.headline().startswith("39 of 142"), "a tap selects")
    page.touchscreen.tap(*one.plot("histogram").px(50, 30))
    one.until(lambda: one.plot("histogram").js(buttons) == "1", "the buttons of the picture that was tapped")


def luminance(color):
    """Rough brightness, 0 to 255, of "rgb(1, 2, 3)"."""
    parts = [float(part) for part in color[color.index("(") + 1 : -1].split(",")[:3]]
    return sum(parts) / 3


def test_the_dark_reaches_every_picture_and_keeps_what_is_selected(explorer):
    page = explorer.page
    explorer.plot("histogram").drag_box((60, 80))
    explorer.until(lambda: explorer.chosen("histogram") is not None)
    explorer.plot("sunburst").click_sector("World/Asia")
    explorer.until(lambda: explorer.state.level == "World/Asia")
    explorer.still("sunburst")
    chosen, countries = explorer.state.selection, explorer.countries()
    people = explorer.dashboard.selected["pop"].sum()
    explorer.until(lambda: sum(explorer.bar_tops(1).values()) == people, "the bars of both choices")

    def ink(view):
        return luminance(explorer.plot(view).js("return getComputedStyle(gd.querySelector('.gtitle')).fill;"))

    assert all(ink(view) < 100 for view in explorer.dashboard.views)
    bars = explorer.bar_tops(1)
    page.get_by_role("button", name="Dark mode").click()
    try:
        for view in explorer.dashboard.views:
            explorer.until(lambda view=view: ink(view) > 160, f"{view} in light ink")
        ground = page.evaluate("getComputedStyle(document.body).backgroundColor")
        assert luminance(ground) < 60
        assert explorer.state.selection == chosen
        assert explorer.countries() == countries
        explorer.until(lambda: explorer.bar_tops(1) == bars, "the selected bars")
        explorer.until(lambda: explorer.outlined("histogram") >= 1, "the brush")
        explorer.until(
            lambda: explorer.plot("sunburst").trace(0, "level", full=True) == "World/Asia", "the drill"
        )
        # What follows is drawn in the dark too.
        explorer.pick("Stacked by", "nothing")
        explorer.until(lambda: len(explorer.stacks()) == 2, "one stack and the rest")
        assert ink("histogram") > 160
    finally:
        page.get_by_role("button", name="Light mode").click()
        explorer.until(lambda: ink("histogram") < 100, "light again")
