"""Undo, links, Back and Forward as a hand uses them."""

from __future__ import annotations

import pytest

from tests.browser.shell.tiny_page import TinyPage

pytestmark = pytest.mark.browser


def entries(tiny: TinyPage) -> int:
    return int(tiny.page.evaluate("history.length"))


def slide(tiny: TinyPage, label: str, share: float, steps: int = 12) -> None:
    """Drag the thumb of a slider to a share of its track."""
    thumb = tiny.page.get_by_role("slider", name=label)
    track = thumb.locator("xpath=ancestor::*[contains(@class, 'MuiSlider-root')]").bounding_box()
    box = thumb.bounding_box()
    assert box
    assert track
    mouse = tiny.page.mouse
    mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    mouse.down()
    mouse.move(track["x"] + share * track["width"], track["y"] + track["height"] / 2, steps=steps)


def test_buttons_say_what_they_can(tiny: TinyPage) -> None:
    for name in ("Undo", "Redo", "Start over"):
        assert tiny.button(name).is_disabled()
    tiny.choose(color="country")
    tiny.wait(lambda: tiny.button("Undo").is_enabled())
    assert tiny.button("Start over").is_enabled()
    tiny.button("Undo").click()
    tiny.wait(lambda: tiny.state.color == "continent")
    tiny.wait(lambda: tiny.button("Undo").is_disabled() and tiny.button("Redo").is_enabled())
    tiny.button("Redo").click()
    tiny.wait(lambda: tiny.state.color == "country")
    tiny.button("Start over").click()
    tiny.wait(lambda: tiny.state.color == "continent")
    tiny.wait(lambda: tiny.button("Start over").is_disabled())
    tiny.wait_query("")


def test_a_drag_is_one_step_and_one_entry(tiny: TinyPage) -> None:
    seen: list[int] = []
    tiny.state.param.watch(lambda event: seen.append(event.new), "year")
    before = entries(tiny)
    slide(tiny, "Year", 0.2, steps=20)
    tiny.wait(lambda: len(seen) >= 3, "the state follows the hand")
    assert tiny.page.evaluate("location.search") == ""
    assert not tiny.shell.dashboard.history.can_undo
    tiny.page.mouse.up()
    tiny.wait(lambda: tiny.shell.dashboard.history.steps == 1)
    year = tiny.state.year
    assert 1952 <= year <= 1972
    tiny.wait_query(f"?v=1&y={year}")
    assert entries(tiny) == before + 1
    assert tiny.page.locator("text=2,007").count() == 0
    tiny.button("Undo").click()
    tiny.wait(lambda: tiny.state.year == 2007)
    # The slider shows what the state says.
    tiny.wait(lambda: tiny.page.get_by_role("slider", name="Year").input_value() == "2007")


def test_playing_is_one_step(tiny: TinyPage) -> None:
    tiny.page.get_by_role("button", name="First frame").click()
    tiny.wait_query("?v=1&st=1952")
    before = entries(tiny)
    tiny.page.get_by_role("button", name="Play", exact=True).click()
    tiny.wait(lambda: tiny.state.stop >= 1962, "plays")
    assert entries(tiny) == before
    tiny.page.get_by_role("button", name="Pause", exact=True).click()
    tiny.wait(lambda: tiny.shell.dashboard.history.steps == 2)
    tiny.wait_query(f"?v=1&st={tiny.state.stop}")
    assert entries(tiny) == before + 1


def test_keys(tiny: TinyPage) -> None:
    tiny.choose(color="country")
    tiny.choose(shares=True)
    tiny.wait_query("?v=1&c=country&sh=1")
    keys = tiny.page.keyboard
    keys.press("Control+z")
    tiny.wait(lambda: not tiny.state.shares)
    keys.press("Control+z")
    tiny.wait(lambda: tiny.state.color == "continent")
    keys.press("Control+Shift+z")
    tiny.wait(lambda: tiny.state.color == "country")
    keys.press("Control+y")
    tiny.wait(lambda: tiny.state.shares)
    keys.press("Meta+z")
    tiny.wait(lambda: not tiny.state.shares)
    # A focused slider lets the keys through, a text field keeps them.
    tiny.page.get_by_role("slider", name="Year").focus()
    keys.press("Control+Shift+z")
    tiny.wait(lambda: tiny.state.shares)
    note = tiny.page.get_by_role("textbox", name="Note")
    note.fill("words")
    keys.press("Control+z")
    tiny.wait(lambda: note.input_value() != "words")
    assert tiny.state.shares


def test_back_and_forward(tiny: TinyPage) -> None:
    tiny.choose(color="country")
    tiny.wait_query("?v=1&c=country")
    tiny.choose(year=1957)
    tiny.wait_query("?v=1&y=1957&c=country")
    before = entries(tiny)
    tiny.page.go_back()
    tiny.wait(lambda: (tiny.state.year, tiny.state.color) == (2007, "country"))
    tiny.page.go_back()
    tiny.wait(lambda: tiny.state.color == "continent")
    assert tiny.page.evaluate("location.search") == ""
    tiny.page.go_forward()
    tiny.page.go_forward()
    tiny.wait(lambda: (tiny.state.year, tiny.state.color) == (1957, "country"))
    assert tiny.page.evaluate("location.search") == "?v=1&y=1957&c=country"
    assert entries(tiny) == before
    # One visit all along: the page was never loaded anew; and Back is what undo would have done.
    assert len(tiny.shells) == 1
    tiny.button("Undo").click()
    tiny.wait(lambda: tiny.state.year == 2007)
    # Undo is an entry too, so Back takes it back.
    tiny.wait_query("?v=1&c=country")
    tiny.page.go_back()
    tiny.wait(lambda: tiny.state.year == 1957)


def test_two_quick_backs_end_where_the_browser_is(tiny: TinyPage) -> None:
    for year in (1952, 1957, 1962):
        tiny.choose(year=year)
        tiny.wait_query(f"?v=1&y={year}")
    tiny.page.evaluate("history.go(-1); setTimeout(() => history.go(-1), 5)")
    tiny.wait(lambda: tiny.state.year == 1952)
    assert tiny.page.evaluate("location.search") == "?v=1&y=1952"


def test_a_link_reproduces_the_view_and_a_reload_keeps_it(tiny: TinyPage) -> None:
    tiny.open("?v=1&y=1957&c=~3Cb")
    tiny.toast("could not be read in full", "Colour", "<b")
    assert tiny.state.year == 1957
    tiny.open("?v=1&y=1962&sh=1&n=New_York")
    assert (tiny.state.year, tiny.state.shares, tiny.state.note) == (1962, True, "New York")
    assert tiny.button("Undo").is_disabled()
    tiny.wait(lambda: tiny.button("Start over").is_enabled())
    tiny.page.reload()
    tiny.wait(lambda: len(tiny.shells) == 4)
    assert (tiny.state.year, tiny.state.note) == (1962, "New York")


def test_a_broken_link_says_so_and_falls_back(tiny: TinyPage) -> None:
    tiny.open("?v=1&y=banana&sh=1&zz=%3Cimg%20src%3Dx%20onerror%3Dwindow.hacked%3D1%3E&s=%5B%5B")
    toast = tiny.toast("Year", "banana", "Selection")
    assert "zz" in toast.inner_text()
    assert tiny.state.year == 2007
    assert tiny.state.shares
    assert tiny.page.evaluate("window.hacked") is None


def test_copying_the_link(tiny: TinyPage) -> None:
    tiny.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    tiny.choose(year=1972)
    tiny.wait_query("?v=1&y=1972")
    tiny.button("Copy link").click()
    tiny.toast("Link copied", "as you see it")
    assert tiny.page.evaluate("navigator.clipboard.readText()") == tiny.url + "?v=1&y=1972"


def test_copying_says_what_a_link_cannot_carry(tiny: TinyPage) -> None:
    tiny.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    tiny.button("Long lasso").click()
    tiny.button("Own file").click()
    tiny.wait(lambda: tiny.state.own_table)
    tiny.button("Copy link").click()
    tiny.toast("Link copied", "your own file and the lasso (too long for an address)")
    assert tiny.page.evaluate("navigator.clipboard.readText()") == tiny.url
