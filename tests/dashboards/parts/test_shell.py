"""What a page knows without a browser: whose class it shows, in which mode, and what it says."""

from __future__ import annotations

import logging
import runpy
from typing import Any

import panel as pn
import panel_material_ui as pmui
import pytest

from dashboards.parts import shell
from dashboards.parts.catalogue import DASHBOARDS, Entry, load
from dashboards.parts.chrome import is_narrow, theme_of
from dashboards.parts.dashboard import Dashboard
from data_sources import TableError
from tests.browser.apps.tiny import Tiny

every = pytest.mark.parametrize("item", DASHBOARDS, ids=lambda item: item.slug)


@every
def test_a_served_file_shows_the_class_of_the_imported_module(
    item: Entry, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown: list[Any] = []
    monkeypatch.setattr(shell, "serve_class", shown.append)
    # Panel runs the file under a name of its own: its classes are copies.
    copies = runpy.run_path(str(item.file), run_name="bokeh_app_0")
    assert shown == [load(item.slug)]
    assert copies[item.class_name] is not shown[0]


@pytest.mark.parametrize(
    ("cookies", "asked", "mode"),
    [
        ({}, None, "light"),
        ({"brushlink-system": "dark"}, None, "dark"),
        ({"brushlink-system": "dark", "brushlink-theme": "light"}, None, "light"),
        ({"brushlink-theme": "light"}, "dark", "dark"),
        ({"brushlink-theme": "<script>"}, "blue", "light"),
    ],
)
def test_the_mode_of_a_page(cookies: dict[str, str], asked: str | None, mode: str) -> None:
    assert theme_of(cookies, asked) == mode


@pytest.mark.parametrize(
    ("cookies", "headers", "narrow"),
    [
        ({}, {}, False),
        ({}, {"User-Agent": "Mozilla/5.0 (X11; Linux x86_64) Chrome/140.0 Safari/537.36"}, False),
        ({}, {"User-Agent": "Mozilla/5.0 (Linux; Android 14) Chrome/140.0 Mobile Safari/537.36"}, True),
        ({}, {"Sec-Ch-Ua-Mobile": "?1"}, True),
        ({"brushlink-width": "wide"}, {"Sec-Ch-Ua-Mobile": "?1"}, False),
        ({"brushlink-width": "narrow"}, {}, True),
        ({"brushlink-width": "<script>"}, {}, False),
    ],
)
def test_a_narrow_page(cookies: dict[str, str], headers: dict[str, str], narrow: bool) -> None:
    assert is_narrow(cookies, headers) is narrow


@pytest.mark.parametrize(
    ("error", "message"),
    [
        (
            TableError("“x.csv” has no rows. Choose another file."),
            "“x.csv” has no rows. Choose another file.",
        ),
        (ValueError("no <b>"), "Something went wrong in Tiny dashboard: ValueError: no <b>"),
        (KeyError(), "Something went wrong in Tiny dashboard: KeyError: no further explanation"),
    ],
)
def test_an_error_is_said_and_logged(
    error: Exception, message: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    said = []
    monkeypatch.setattr(shell, "say", lambda text, kind: said.append((text, kind)))
    with caplog.at_level(logging.ERROR):
        shell.Shell(Tiny()).show_error(error)
    assert said == [(message, "error")]
    (record,) = caplog.records
    assert record.exc_info
    assert record.exc_info[1] is error


def test_in_a_notebook_the_controls_stand_beside_the_pictures() -> None:
    dashboard = Tiny()
    shown = dashboard.__panel__()
    assert shown is dashboard.__panel__()
    assert isinstance(shown, pmui.Row)
    assert not shown.select(pmui.Page)
    assert shown.select(pmui.IntSlider)
    assert dashboard.views["bars"].figure
    undo, redo, reset = shown.select(pmui.IconButton)[:3]
    assert (undo.disabled, redo.disabled, reset.disabled) == (True, True, True)
    dashboard.state.year = 1952
    assert (undo.disabled, redo.disabled, reset.disabled) == (False, True, False)
    undo.clicks += 1
    assert dashboard.state.year == 2007
    assert (undo.disabled, redo.disabled) == (True, False)


def test_a_dashboard_must_show_something() -> None:
    with pytest.raises(NotImplementedError):
        Dashboard.main(Tiny())


def test_pictures_follow_the_theme() -> None:
    dashboard = Tiny()
    assert isinstance(dashboard.main_area, pn.viewable.Viewable)
    before = dashboard.views["bars"].figure.layout.template
    dashboard.theme = "dark"
    assert dashboard.views["bars"].figure.layout.template != before
