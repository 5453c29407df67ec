"""The chart catalogue in a browser, the talk's steps, and figures from other dashboards."""

from __future__ import annotations

import json
from collections.abc import Callable

import plotly.graph_objects as go
import pytest
from playwright.sync_api import Page

from tests.browser.anatomy.conftest import AnatomyPage
from tests.browser.conftest import watch
from tests.browser.driver import Plot, wait_until

pytestmark = pytest.mark.browser


def test_hierarchical_finds_sunburst_treemap_icicle(anatomy: AnatomyPage) -> None:
    page = anatomy.page
    page.get_by_label("Search charts").fill("hierarchical")
    names = page.locator(".finder li .open b")
    anatomy.until(lambda: names.all_text_contents() == ["Sunburst", "Treemap", "Icicle"])
    page.get_by_role("button", name="Show the call of Treemap").click()
    anatomy.until(lambda: "px.treemap(" in (page.locator(".finder pre").text_content() or ""), "its call")
    page.locator(".finder li .open").nth(0).click()
    anatomy.until(lambda: anatomy.plot.trace(0, "type") == "sunburst")
    anatomy.plot.click_sector("Asia")
    anatomy.until(lambda: anatomy.dashboard.views["figure"].level.endswith("Asia"), "its events arrive")
    anatomy.until(lambda: anatomy.selected() == "data[0]", "a sector is its trace")


def test_a_holoviews_chart_is_a_figure_like_any_other(anatomy: AnatomyPage) -> None:
    page = anatomy.page
    page.get_by_label("Search charts").fill("holoviews curves")
    page.locator(".finder li .open").nth(0).click()
    anatomy.until(lambda: anatomy.plot.js("return gd.data[0].name;") == "wave")
    assert "hv.Curve(" in anatomy.code("HoloViews")
    anatomy.type_edit("data[0].line.color = 'tomato'")
    anatomy.until(
        lambda: (
            anatomy.plot.js("return getComputedStyle(gd.querySelector('.js-line')).stroke;")
            == "rgb(255, 99, 71)"
        )
    )


def test_a_chart_is_copied_as_its_call_and_as_json(anatomy: AnatomyPage) -> None:
    page = anatomy.page
    page.get_by_label("Search charts").fill("treemap")
    page.locator(".finder li .open").nth(0).click()
    anatomy.until(lambda: anatomy.plot.trace(0, "type") == "treemap")
    anatomy.type_edit("title_text = 'Mine'")
    anatomy.until(lambda: anatomy.title() == "Mine")

    def copied(tab: str, start: str) -> str:
        anatomy.code(tab)
        page.get_by_role("button", name=f"Copy as {tab}").click()
        read = lambda: page.evaluate("navigator.clipboard.readText()")  # noqa: E731
        anatomy.until(lambda: read().startswith(start), f"{tab} in the clipboard")
        return str(read())

    call = copied("Plotly Express", "import")
    assert "px.treemap(" in call
    made: dict[str, go.Figure] = {}
    exec(call, made)  # our own text
    assert made["fig"].layout.title.text == "Mine"
    whole = json.loads(copied("JSON", "{"))
    assert whole["layout"]["title"]["text"] == "Mine"
    assert whole["data"][0]["labels"] == list(made["fig"].data[0].labels)


def test_a_map_is_drawn_without_a_network(anatomy: AnatomyPage) -> None:
    page = anatomy.page
    page.get_by_label("Search charts").fill("choropleth map")
    page.locator(".finder li .open").nth(0).click()
    anatomy.until(
        lambda: (anatomy.plot.js("return gd.querySelectorAll('.choroplethlayer path').length;") or 0) > 100,
        "countries",
    )


def test_the_steps_of_the_talk(anatomy: AnatomyPage) -> None:
    page = anatomy.page
    for name, count in (("1 Empty figure", 0), ("2 Scatter", 1), ("3 Bars beside it", 2)):
        page.get_by_role("button", name=name).click()
        anatomy.until(lambda count=count: anatomy.plot.js("return gd.data.length;") == count, name)
        assert anatomy.title() == ""
    page.get_by_role("button", name="4 A title").click()
    anatomy.until(lambda: anatomy.title() == "My first figure")


def test_a_picture_of_another_dashboard_is_taken_apart(
    serve: Callable[..., str], page: Page, faults: list[str]
) -> None:
    url = serve("dashboards/anatomy.py", "dashboards/gapminder.py", args=("--index", "gapminder"))
    page.goto(f"{url}/gapminder")
    bars = Plot(page, "bars").wait_drawn(60)
    page.get_by_role("button", name="Inspect a figure").click()
    with page.expect_popup() as opened:
        page.get_by_role("button", name="Inspect Bars").click()
    watch(opened.value, faults)
    anatomy = Plot(opened.value, "figure")
    wait_until(opened.value, lambda: anatomy.js("return gd.data[0].type;") == "bar", message="brought")
    assert opened.value.url.endswith("/anatomy#inspect"), "the figure is in no address"
    wait_until(opened.value, lambda: anatomy.trace(0, "y") == bars.trace(0, "y"), message="the same bars")
    assert anatomy.layout("title.text") == bars.layout("title.text")
    opened.value.reload()
    wait_until(opened.value, lambda: anatomy.js("return gd.data[0].type;") == "bar", message="kept")


def test_inspect_says_when_the_page_for_it_is_not_served(
    serve: Callable[..., str], page: Page, faults: list[str]
) -> None:
    url = serve("dashboards/gapminder.py", args=("--index", "gapminder"))
    page.goto(f"{url}/gapminder")
    Plot(page, "bars").wait_drawn(60)
    page.get_by_role("button", name="Inspect a figure").click()
    dialog = page.get_by_role("dialog", name="Inspect a figure")
    dialog.get_by_text("is not served here. Serve anatomy.py").wait_for()
    assert dialog.get_by_role("button").count() == 0, "nothing leads to a page that is not there"
    assert len(page.context.pages) == 1
    # The browser itself writes down that it asked for what is not there.
    assert [fault for fault in faults if "404" not in fault] == []
    faults.clear()
