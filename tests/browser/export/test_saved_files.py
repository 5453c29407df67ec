"""Every saved file opens from the disk with the network off, and its links answer as Python does."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pandas as pd
import plotly.data
import pytest
from playwright.sync_api import Page, expect

from dashboards import GapminderExplorer, WorldMap
from dashboards.gallery import static_gallery
from dashboards.parts.catalogue import DASHBOARDS, load
from dashboards.parts.downloads import table_bytes
from data_sources import AllOf, InPolygon, Interval, IsIn, Selection
from tests.browser.export.hand import Hand

HOSTILE = "<img src=x onerror=alert(1)>"


@pytest.mark.parametrize("slug", [entry.slug for entry in DASHBOARDS])
def test_a_file_opens_without_a_network(
    saved: Callable[..., Path], open_file: Callable[..., Page], slug: str
) -> None:
    dashboard = load(slug)
    page = open_file(saved(slug, dashboard))  # type: ignore[arg-type]
    assert page.title() == f"{dashboard.title} · Brushlink"
    pictures = page.locator(".plot")
    assert pictures.count() > 0
    for place in range(pictures.count()):
        assert pictures.nth(place).locator(".main-svg").count() > 0
    expect(page.locator("#live code").first).to_have_text("brushlink serve")
    page.get_by_role("button", name="Dark mode").click()
    expect(page.get_by_role("button", name="Light mode")).to_be_visible()
    ground = page.evaluate("getComputedStyle(document.documentElement).backgroundColor")
    assert ground == "rgb(21, 24, 29)"
    page.set_viewport_size({"width": 400, "height": 800})
    page.wait_for_function(
        "Object.values(brushlink.page.plots).every((gd) => gd._fullLayout.width === gd.clientWidth)"
    )
    assert page.evaluate("document.documentElement.scrollWidth") <= 400


def test_the_gallery_links_the_files(
    tmp_path: Path, new_page: Callable[..., Page], faults: list[str]
) -> None:
    (tmp_path / "index.html").write_text(static_gallery(), encoding="utf-8")
    page = new_page(offline=True)
    page.goto((tmp_path / "index.html").as_uri())
    for entry in DASHBOARDS:
        link = page.get_by_role("link", name=f"Open {entry.title}")
        assert link.get_attribute("href") == f"./{entry.slug}.html"
    page.get_by_role("searchbox").fill("lasso")
    expect(page.get_by_role("link", name="Open World map")).to_be_visible()
    page.get_by_role("button", name="Dark mode").click()
    assert page.evaluate("getComputedStyle(document.documentElement).backgroundColor") == "rgb(21, 24, 29)"
    assert not faults


def owned(selection: Selection, view: str) -> object:
    return next((one for owner, one in selection.items if owner.split()[0] == view), None)


def rows_are_those_of(hand: Hand) -> None:
    """The list names what Python selects, and its file is the one that the live page gives."""
    selected = hand.explorer.selected
    card = hand.page.get_by_role("region", name="Selected rows")
    expect(card.locator(".hint")).to_have_text(f"1–10 of {len(selected)}")
    assert card.locator("tbody tr td:first-child").all_inner_texts() == list(selected["country"][:10])
    on = card.get_by_role("button", name="Rows behind")
    for start in range(10, len(selected), 10):
        on.click()
        shown = card.locator("tbody tr td:first-child").all_inner_texts()
        assert shown == list(selected["country"][start : start + 10])
    expect(on).to_be_disabled()
    with hand.page.expect_download() as given:
        card.get_by_role("button", name="Download CSV").click()
    assert given.value.suggested_filename == f"{hand.explorer.slug}-selected-rows.csv"
    assert Path(given.value.path()).read_bytes() == table_bytes(selected, "csv")


PAPER_JS = """(width) => Object.values(brushlink.page.plots).every(
  (gd) => gd._fullLayout.width === gd.clientWidth
  && (width ? gd.clientWidth === width : gd.clientWidth !== 690))"""


@pytest.mark.parametrize("slug", ["gapminder", "worldmap"])
def test_paper_is_white_and_has_its_own_width(
    saved: Callable[..., Path], open_file: Callable[..., Page], slug: str
) -> None:
    page = open_file(saved(slug, GapminderExplorer if slug == "gapminder" else WorldMap))
    page.get_by_role("button", name="Dark mode").click()
    page.emulate_media(media="print")
    page.wait_for_function(PAPER_JS, arg=690)
    assert page.evaluate("getComputedStyle(document.documentElement).backgroundColor") == "rgb(255, 255, 255)"
    inks = page.evaluate("Object.values(brushlink.page.plots).map((gd) => gd._fullLayout.font.color)")
    assert {ink.lower() for ink in inks} == {"#20262e"}
    # What has no use on paper: controls, hints, how to start a server.
    for hidden in (".clock", ".hint", "#live", "header button", ".listed button"):
        assert not any(one.is_visible() for one in page.locator(hidden).all()), hidden
    page.emulate_media(media="screen")
    page.wait_for_function(PAPER_JS, arg=0)
    assert page.evaluate("getComputedStyle(document.documentElement).backgroundColor") == "rgb(21, 24, 29)"
    # As a printer asks for it: the map, too, is drawn before the sheets are.
    assert page.pdf(format="A4").startswith(b"%PDF")
    page.wait_for_function(PAPER_JS, arg=0)


def test_gapminder_answers_the_mouse(saved: Callable[..., Path], open_file: Callable[..., Page]) -> None:
    page = open_file(saved("gapminder", GapminderExplorer))
    hand = Hand(page, GapminderExplorer())

    hand.drag("histogram", (42, 20), (58, 10))
    selection = hand.until(lambda now: owned(now, "histogram") is not None)
    brush = owned(selection, "histogram")
    assert isinstance(brush, Interval)
    assert (brush.low, brush.high) == (pytest.approx(42, abs=0.3), pytest.approx(58, abs=0.3))
    expect(page.get_by_role("status").first).to_contain_text(
        f"{len(hand.explorer.selected)} of 142 countries"
    )

    rows_are_those_of(hand)

    hand.click("bars", 1, 3e8)
    hand.until(lambda now: owned(now, "bars") == IsIn("continent", ("Africa",)))
    rows_are_those_of(hand)

    page.get_by_role("slider", name="Time").focus()
    page.keyboard.press("ArrowLeft")
    page.wait_for_function("brushlink.page.links.state.moment === 10")
    hand.compare()
    page.get_by_role("button", name="Play").click()
    page.wait_for_function("brushlink.page.links.state.moment === 11")
    hand.compare()

    page.get_by_role("button", name="Clear selection").click()
    hand.until(lambda now: not now)

    hand.sector("sunburst", "Asia")
    hand.until(lambda now: owned(now, "tree") == IsIn("continent", ("Asia",)))
    expect(page.locator(".crumbs")).to_have_text("World› Asia")
    page.wait_for_function("brushlink.page.plots.treemap.data[0].level === 'World/Asia'")
    page.get_by_role("button", name="World", exact=True).click()
    hand.until(lambda now: not now)

    hand.legend("histogram", 2)
    hand.until(
        lambda now: owned(now, "legend") == IsIn("continent", ("Asia", "Europe", "Americas", "Oceania"))
    )
    hand.legend("histogram", 2)
    hand.until(lambda now: not now)

    hand.drag("facets", (50, 10), (70, 4), number="3")
    selection = hand.until(lambda now: owned(now, "facets") is not None)
    panel = owned(selection, "facets")
    assert isinstance(panel, AllOf)
    assert panel.predicates[0] == IsIn("continent", ("Africa",))

    page.get_by_role("button", name="Start over").click()
    hand.until(lambda now: not now)
    hand.click("histogram", 72.5, 5)
    hand.until(lambda now: owned(now, "histogram") == Interval("lifeExp", 70, 75))
    hand.click("histogram", 72.5, 5)
    hand.until(lambda now: not now)


def test_the_map_answers_the_mouse(saved: Callable[..., Path], open_file: Callable[..., Page]) -> None:
    page = open_file(saved("worldmap", WorldMap))
    hand = Hand(page, WorldMap())
    box = page.locator("#plot-map").bounding_box()
    assert box is not None
    ring = page.evaluate(
        """(ring) => {
          const {projection} = brushlink.page.plots.map._fullLayout.geo._subplot
          return ring.map((place) => projection(place))
        }""",
        [[-20, 35], [50, 35], [52, -36], [-20, -36], [-20, 30]],
    )
    page.mouse.move(box["x"] + ring[0][0], box["y"] + ring[0][1])
    page.mouse.down()
    for x, y in ring[1:]:
        page.mouse.move(box["x"] + x, box["y"] + y, steps=4)
    page.mouse.up()
    selection = hand.until(lambda now: owned(now, "map") is not None)
    assert isinstance(owned(selection, "map"), InPolygon)
    assert {"Nigeria", "Kenya", "South Africa"} <= set(hand.explorer.selected["country"])
    assert "China" not in set(hand.explorer.selected["country"])
    page.get_by_role("button", name="One step back").click()
    page.wait_for_function("brushlink.page.links.state.moment === 10")
    hand.compare()
    hand.drag("histogram", (42, 20), (58, 10))
    hand.until(lambda now: owned(now, "histogram") is not None)
    page.get_by_role("button", name="Clear selection").click()
    hand.until(lambda now: not now)
    hand.click("ranking", 3, 30)
    selection = hand.until(lambda now: owned(now, "ranking") is not None)
    assert len(hand.explorer.selected) == 1


def test_what_is_saved_is_what_is_shown(saved: Callable[..., Path], open_file: Callable[..., Page]) -> None:
    brush = AllOf((IsIn("continent", ("Africa",)), Interval("lifeExp", 40, 50, closed="both")))

    def make() -> GapminderExplorer:
        explorer = GapminderExplorer(time=1987, measure="lifeExp")
        explorer.state.selection = Selection().with_predicate(explorer.state.owner("facets"), brush)
        explorer.theme = "dark"
        return explorer

    page = open_file(saved("as-shown", make))
    hand = Hand(page, make())
    assert hand.selection() == hand.explorer.state.selection
    hand.compare()
    assert page.evaluate("brushlink.page.plots.facets.layout.selections[0].xref") == "x3"
    expect(page.locator(".clock output")).to_have_text("1987")
    expect(page.get_by_role("button", name="Light mode")).to_be_visible()


def test_names_from_data_are_only_text(saved: Callable[..., Path], open_file: Callable[..., Page]) -> None:
    frame = plotly.data.gapminder().query("year > 1998")
    frame = pd.DataFrame(frame.replace({"China": HOSTILE, "Asia": "</script>" + HOSTILE}))
    page = open_file(saved("hostile", lambda: GapminderExplorer(frame)))
    hand = Hand(page, GapminderExplorer(frame))
    hand.click("bars", 0, 1e9)
    hand.until(lambda now: owned(now, "bars") is not None)
    expect(page.locator(".chip")).to_contain_text(HOSTILE)
    hand.sector("treemap", "img")
    page.wait_for_timeout(300)
    assert page.locator("img").count() == 0


def test_the_anatomy_finds_what_is_clicked(
    saved: Callable[..., Path], open_file: Callable[..., Page]
) -> None:
    page = open_file(saved("anatomy", load("anatomy")))
    tree = page.get_by_role("tree", name="Figure")
    tree.get_by_role("treeitem", name="title").first.click()
    expect(page.get_by_role("region", name="Selected attribute")).to_contain_text("layout.title")
    page.evaluate("scrollTo(0, 0)")
    ground = page.locator("#plot-figure .nsewdrag").first
    bar, around = page.locator("#plot-figure .bars path").first.bounding_box(), ground.bounding_box()
    assert bar is not None
    assert around is not None
    # Relative to the picture, which may still move: Playwright waits until it rests.
    x, y = bar["x"] + bar["width"] / 2 - around["x"], bar["y"] + bar["height"] / 2 - around["y"]
    ground.click(position={"x": x, "y": y})
    expect(tree.get_by_role("treeitem", selected=True)).to_contain_text("[1]")
    page.get_by_role("tab", name="JSON").click()
    expect(page.get_by_text("My first figure").last).to_be_visible()


def test_events_fill_their_panels(saved: Callable[..., Path], open_file: Callable[..., Page]) -> None:
    page = open_file(saved("events", load("events")))
    place = page.evaluate(
        """() => {
          const gd = brushlink.page.plots.figure, {xaxis, yaxis} = gd._fullLayout
          const {left, top} = gd.getBoundingClientRect()
          return [left + xaxis._offset + xaxis.d2p(2), top + yaxis._offset + yaxis.d2p(2)]
        }"""
    )
    page.mouse.move(place[0] - 40, place[1])
    page.mouse.move(*place, steps=3)
    # A hand rests before it presses; Plotly tells of a hover a moment after the move.
    expect(page.locator("section[data-stream=hover] .count")).not_to_have_text("0")
    page.mouse.down()
    page.mouse.up()
    clicks = page.locator("section[data-stream=click]")
    expect(clicks.locator(".count")).to_have_text("1")
    expect(clicks.locator(".payload")).to_contain_text("x: 2")
    page.locator("#plot-figure .legendtoggle").first.click()
    expect(page.locator("section[data-stream=restyle] .payload")).to_contain_text("legendonly")
    page.get_by_role("button", name="Clear").click()
    expect(clicks.locator(".count")).to_have_text("0")
