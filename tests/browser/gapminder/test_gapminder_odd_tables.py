"""Tables that a user may bring: hostile names, none or many rows, files that are no tables."""

import io

import numpy as np
import pandas as pd
import pytest

from data_sources import Table
from tests.browser.gapminder.explorer_page import GAPMINDER
from tests.dashboards.parts.odd_tables import HOSTILE, odd_tables

pytestmark = [pytest.mark.browser, pytest.mark.slow]


def hostile_gapminder():
    """Gapminder with a country whose name is markup."""
    frame = GAPMINDER.drop(columns=["iso_alpha", "iso_num"])
    return frame.assign(country=frame.country.replace("China", HOSTILE))


def scripts_run(page):
    """What a script in the data would have left behind: images in the page with its source."""
    return page.evaluate("window.brushlinkDeep('img').filter(e => e.getAttribute('src') === 'x').length")


def test_a_country_named_like_markup_is_shown_as_it_is_named(visit_explorer):
    one = visit_explorer(table=hostile_gapminder())
    page, dialogs = one.page, []
    page.on("dialog", lambda dialog: (dialogs.append(dialog.message), dialog.dismiss()))
    assert "142" in one.headline() or "1,704" in one.headline()
    one.choose(time=2007, stack="continent", bars="continent", height="pop")
    # On hover.
    one.until(lambda: max(one.bar_tops(0).values()) == 3_811_953_827, "bars of 2007")
    one.plot("bars").hover(0, 600e6)
    one.until(lambda: HOSTILE in one.hover_text("bars"), "the name on hover, as it is written")
    # In sectors, crumbs, chips, bars and rows.
    one.choose(bars="country")
    one.until(
        lambda: one.plot("bars").texts(".xtick text")[:1] == [HOSTILE[:17] + "…"], "the name on the axis"
    )
    one.choose(bars="continent")
    sector = next(id for id in one.traces("sunburst", "ids")[0]["ids"] if id.endswith(HOSTILE))
    one.choose(level=sector)
    one.until(lambda: one.crumbs() and one.crumbs()[-1] == HOSTILE, "the name in the trail")
    assert any(HOSTILE in text for text in one.plot("treemap").texts("g.slice"))
    one.plot("sunburst").click_sector(sector)
    one.until(lambda: one.dashboard.selected.country.tolist() == [HOSTILE], "selected")
    one.until(lambda: any("<img src=x" in chip for chip in one.chips()), "the name on a chip")
    rows = page.locator(".row-list .tabulator-row")
    one.until(lambda: rows.count() == 1 and HOSTILE in rows.first.inner_text(), "the name in the rows")
    assert scripts_run(page) == 0
    assert dialogs == []


def messages(one):
    """What the pictures say instead of showing something."""
    return {view: one.plot(view).texts(".annotation-text") for view in one.dashboard.views}


def bring(one, oddity):
    """Show a table of the user's, as dropping its file does."""
    frame = odd_tables()[oddity]
    one.choose(own=Table(frame, name="odd", title=oddity), data="own")
    one.until(lambda: one.headline().startswith(f"{len(frame):,} "), f"{oddity}: the rows")
    return frame


def test_tables_of_none_one_and_many(explorer):
    one = explorer
    bring(one, "only text")
    one.until(lambda: any("no column of numbers" in text for text in messages(one)["histogram"]), "said so")
    one.until(lambda: sum(one.bar_tops(0).values()) == 6, "bars count rows")

    frame = bring(one, "500 categories")
    one.until(lambda: sum(one.bins().values()) == len(frame), "all values in the bins")
    one.choose(bars="tag", height="rows")
    one.until(lambda: sum(one.bar_tops(0).values()) == 1000, "all rows in the bars")
    names = one.plot("bars").layout("xaxis.ticktext")
    assert "others" in names[-1]
    assert len(names) < 60

    bring(one, "a measure without values")
    one.choose(measure="size")
    one.until(lambda: "6 without a value" in one.plot("histogram").texts(".gtitle")[0], "said so")
    assert one.bins() == {}

    bring(one, "one row")
    one.until(lambda: sum(one.bins().values()) == 1, "one row, one bar")
    bring(one, "no rows")
    one.until(lambda: any("no rows" in text for text in messages(one)["facets"]), "said so")
    assert one.bins() == {}

    bring(one, "hostile names")
    one.until(lambda: sum(one.bins().values()) == 8)
    assert scripts_run(one.page) == 0
    one.choose(facets="group", kind="histogram", arrangement="wrap")
    one.until(lambda: HOSTILE in messages(one)["facets"], "a panel by its name")

    # And back: the page is as it was.
    one.choose(data="gapminder")
    one.until(lambda: sum(one.bins().values()) == 142, "Gapminder again")


def test_a_file_is_explored_and_what_is_no_table_says_so(explorer):
    page = explorer.page
    rng = np.random.default_rng(3)
    frame = pd.DataFrame(
        {"region": rng.choice(["north", "south"], 60), "height": rng.normal(170, 9, 60).round(1)}
    )
    chooser = page.locator("input[type=file]").first
    chooser.set_input_files(
        {"name": "people.csv", "mimeType": "text/csv", "buffer": frame.to_csv(index=False).encode()}
    )
    explorer.until(lambda: explorer.state.data == "own", "the file is taken")
    explorer.until(lambda: explorer.headline().startswith("60 rows"), "its rows")
    explorer.until(lambda: sum(explorer.bins().values()) == 60, "its histogram")
    counts = frame.region.value_counts()
    explorer.until(lambda: explorer.bar_tops(0) == counts.to_dict(), "its bars")
    explorer.plot("bars").click_point(0, 5)
    explorer.until(lambda: explorer.headline().startswith(f"{counts.iloc[0]} of 60 rows"), "it is linked")

    picture = io.BytesIO(b"\x89PNG\r\n\x1a\n" + bytes(200)).getvalue()
    page.locator("input[type=file]").first.set_input_files(
        {"name": "cells.csv", "mimeType": "text/csv", "buffer": picture}
    )
    problem = page.get_by_role("alert").filter(has_text="cells.csv")
    problem.first.wait_for()
    assert explorer.headline().endswith("of 60 rows") or "60 rows" in explorer.headline()
    assert explorer.state.data == "own"
