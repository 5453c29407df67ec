"""The catalogue tells the truth about the dashboards."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image

import dashboards
from dashboards.parts.catalogue import DASHBOARDS, FOLDER, Entry, entry, load
from dashboards.parts.dashboard import Dashboard

every = pytest.mark.parametrize("item", DASHBOARDS, ids=lambda item: item.slug)
PICTURE_BYTES = 150_000


@every
def test_an_entry_says_what_the_dashboard_says(item: Entry) -> None:
    kind = load(item.slug)
    assert issubclass(kind, Dashboard)
    assert kind.__name__ == item.class_name
    assert (kind.slug, kind.title, kind.tags) == (item.slug, item.title, item.tags)
    assert kind.__module__ == f"dashboards.{item.slug}"
    assert item.file == Path(sys.modules[kind.__module__].__file__ or "")


@every
def test_an_introduction_is_two_sentences(item: Entry) -> None:
    assert len(re.findall(r"[.!?](?:\s|$)", load(item.slug).intro)) == 2


@every
@pytest.mark.parametrize("mode", ["light", "dark"])
def test_a_card_has_a_small_picture(item: Entry, mode: str) -> None:
    file = item.picture(mode)
    assert file.stat().st_size <= PICTURE_BYTES
    with Image.open(file) as picture:
        assert picture.size == (960, 600)


@every
def test_a_dashboard_file_ends_by_serving_the_imported_class(item: Entry) -> None:
    text = item.file.read_text(encoding="utf-8")
    assert text.endswith(f'if pn.state.served:\n    open_page("{item.slug}")\n')


def test_every_file_in_the_folder_is_a_page_of_the_catalogue() -> None:
    # panel serve dashboards/[a-z]*.py makes a page of each.
    names = {file.stem for file in FOLDER.glob("[a-z]*.py")}
    assert names == {item.slug for item in DASHBOARDS} | {"gallery"}


def test_slugs_are_their_own() -> None:
    assert len({item.slug for item in DASHBOARDS}) == len(DASHBOARDS)


@every
def test_the_view_on_the_card_can_be_opened(item: Entry) -> None:
    assert load(item.slug)().state.apply_query(item.card_view) == []


def test_an_unknown_slug_names_the_known() -> None:
    with pytest.raises(KeyError, match="gapminder"):
        entry("gapminer")


def test_the_package_hands_out_the_classes() -> None:
    classes = [item.class_name for item in DASHBOARDS]
    assert dashboards.__all__ == [*classes, "LinkedPlotly", "link_selections", "notebook_extension"]
    assert all(callable(getattr(dashboards, name)) for name in dashboards.__all__)
    assert dashboards.GapminderExplorer is load("gapminder")
    with pytest.raises(AttributeError, match="GapminderExplorer"):
        _ = dashboards.Nothing


def test_the_catalogue_loads_neither_panel_nor_plotly() -> None:
    code = (
        "import sys; import dashboards; from dashboards.parts.catalogue import DASHBOARDS; "
        "assert not {'panel', 'plotly', 'pandas', 'bokeh'} & set(sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
