"""The page around a dashboard: bar, drawers, address, messages; dashboard files call `open_page`."""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import panel as pn
import panel_material_ui as pmui
import param

from dashboards.parts import catalogue
from dashboards.parts.autosave import Autosave
from dashboards.parts.browser_cures import install_cures
from dashboards.parts.chrome import (
    MARK,
    PAGE_SX,
    PAGE_TEMPLATE,
    is_narrow,
    material_theme,
    template_variables,
    theme_of,
)
from dashboards.parts.dashboard import Dashboard
from dashboards.parts.downloads import figure_label, file_for, offered
from dashboards.parts.early_page import send_early
from dashboards.parts.escape import escape
from dashboards.parts.limits import INSPECT_CHARS
from dashboards.parts.page_bar import PageBar
from dashboards.parts.static_file import file_of
from dashboards.parts.store import the_store
from dashboards.parts.under_the_hood import HOOD, SOURCE, Drawer
from data_sources import BrushlinkError

__all__ = ["Shell", "make_page", "open_page", "say", "serve_class"]

logger = logging.getLogger(__name__)

# The page that figures are taken to.
ANATOMY = "anatomy"
SIDEBAR_WIDTH = 312
DRAWER_WIDTH = 560
_ERROR_MS = 9_000
_NOTE_MS = 5_000

_INTRO_CSS = """
:host { flex: none; }
p { margin: 0; max-width: 110ch; font: 14px/1.5 var(--brushlink-font, sans-serif);
  color: var(--mui-palette-text-secondary); }
"""


def open_page(slug: str) -> Shell:
    """Put the page of a dashboard into the running session; the last line of a dashboard file.

    Panel runs that file under a module name of its own, so its classes are copies: the page is made
    from the class of the imported module.

    Parameters
    ----------
    slug : str
        Name of the dashboard in the catalogue.
    """
    return serve_class(catalogue.load(slug))


def serve_class(make: Callable[[], Dashboard]) -> Shell:
    """Put the page of any dashboard into the running session, also of one that no catalogue knows.

    Parameters
    ----------
    make : callable
        A dashboard class, or a function that makes a dashboard.
    """
    shell = make_page(make)
    shell.page.servable()
    return shell


def make_page(make: Callable[[], Dashboard]) -> Shell:
    """Make a dashboard and its page for the running session, and leave showing it to the caller."""
    known = getattr(make, "extensions", ())
    install_cures(*known, notifications=True)
    shell = Shell(make())
    # A function that makes a dashboard could not tell what it needs.
    if late := set(shell.dashboard.extensions).difference(("plotly", *known)):
        pn.extension(*sorted(late))
    else:
        send_early(pn.state.curdoc)
    # Both hold for this session alone: another visitor has another page.
    pn.config.exception_handler = shell.show_error
    pn.state.curdoc.template_variables.update(template_variables(shell.dashboard.theme, shell.narrow))
    return shell


def say(message: str, kind: str = "info") -> None:
    """Show a message to the user for a while.

    Parameters
    ----------
    message : str
        Plain text; the message area sets it as text, so nothing needs to be escaped.
    kind : {"info", "success", "warning", "error"}
    """
    area = pn.state.notifications
    if area is None:
        logger.log(logging.ERROR if kind == "error" else logging.INFO, message)
        return
    area.send(message, duration=_ERROR_MS if kind in ("error", "warning") else _NOTE_MS, type=kind)


class Shell:
    """A dashboard with the page around it.

    Parameters
    ----------
    dashboard : Dashboard

    Attributes
    ----------
    page : panel_material_ui.Page
    bar : PageBar
    narrow : bool
        Whether the page opened with its controls folded away.
    """

    def __init__(self, dashboard: Dashboard) -> None:
        self.dashboard = dashboard
        self._problems = self._read_address()
        self._visiting = False
        mode = theme_of(pn.state.cookies, _asked_theme())
        self.narrow = is_narrow(pn.state.cookies, pn.state.headers)
        dashboard.theme = mode
        self.bar = self._make_bar()
        self._autosave = self._make_autosave()
        self._drawer = Drawer(dashboard, lambda: self.page.param.update(contextbar_open=False))
        self.page = self._make_page()
        self._link()

    # -- making ---------------------------------------------------------------------------------

    def _make_bar(self) -> PageBar:
        dashboard = self.dashboard
        return PageBar(
            title=dashboard.title,
            slug=dashboard.slug,
            dark=dashboard.theme == "dark",
            sizing_mode="stretch_width",
            margin=0,
        )

    def _make_autosave(self) -> Autosave | None:
        store = the_store() if self.dashboard.document_version else None
        return Autosave(self.dashboard, self.bar, store, say) if store is not None else None

    def _make_page(self) -> pmui.Page:
        dashboard = self.dashboard
        intro = pn.pane.HTML(
            f"<p>{escape(dashboard.intro)}</p>",
            stylesheets=[_INTRO_CSS],
            sizing_mode="stretch_width",
            margin=(10, 16, 4, 16),
            css_classes=["intro"],
        )
        main = dashboard.main_area
        column = dashboard.controls_column
        page = pmui.Page(
            meta_title=f"{dashboard.title} · Brushlink",
            title="",
            favicon=MARK,
            header=[self.bar],
            sidebar=[column] if dashboard.has_controls else [],
            main=[pmui.Column(intro, main, sizing_mode="stretch_width", margin=0)],
            contextbar=[self._drawer.layout],
            contextbar_variant="auto",
            contextbar_width=DRAWER_WIDTH,
            contextbar_resizable=True,
            sidebar_width=SIDEBAR_WIDTH,
            sidebar_open=not self.narrow,
            site_url="./",
            theme_toggle=False,
            busy_indicator="linear",
            dark_theme=dashboard.theme == "dark",
            theme_config=material_theme(),
            sx=PAGE_SX,
            template=PAGE_TEMPLATE,
        )
        self.bar.files = [[heading, rows] for heading, rows in offered(dashboard)]
        if dashboard.slug != ANATOMY:
            self.bar.figures = [{"name": name, "label": figure_label(name)} for name in dashboard.views]
        return page

    def _link(self) -> None:
        bar, history = self.bar, self.dashboard.history
        bar.answer(
            ready=self._on_ready,
            save=self._on_save,
            undo=lambda _: history.undo(),
            redo=lambda _: history.redo(),
            reset=lambda _: history.reset(),
            pop=self._on_pop,
            copied=self._on_copied,
            download=self._on_download,
            save_file=self._on_save_file,
            no_figure=self._on_no_figure,
            long_figure=self._on_long_figure,
            inspect=lambda message: self.inspect(str(message.get("tab", ""))),
            theme=lambda message: self.set_theme(bool(message.get("dark"))),
        )
        history.param.watch(self._on_step, "steps")
        self._show_history()
        self.page.param.watch(self._on_drawer, "contextbar_open")

    # -- address --------------------------------------------------------------------------------

    def _read_address(self) -> list[str]:
        location = pn.state.location
        query = (location.search if location is not None else "") or ""
        problems = self.dashboard.state.apply_query(query) if query else []
        self.dashboard.history.start_here()
        return problems

    def _on_ready(self, message: Mapping[str, Any]) -> None:
        _mark_loaded()
        if self._autosave is not None:
            self._autosave.open(message)
        problems, self._problems = self._problems, []
        if problems:
            self._complain(problems)

    def _on_save(self, _: Mapping[str, Any]) -> None:
        if self._autosave is not None:
            self._autosave.save()

    def _on_pop(self, message: Mapping[str, Any]) -> None:
        with self._browser_leads():
            problems = self.dashboard.history.visit(str(message.get("query", "")))
        if problems:
            self._complain(problems)

    def _on_step(self, *_: param.parameterized.Event) -> None:
        self._show_history()
        if not self._visiting:
            self.bar.go(self.dashboard.state.to_query(), push=True)

    @contextlib.contextmanager
    def _browser_leads(self) -> Iterator[None]:
        """While the browser goes through its own history the address is right already: do not write it."""
        self._visiting = True
        try:
            yield
        finally:
            self._visiting = False

    def _show_history(self) -> None:
        history = self.dashboard.history
        self.bar.param.update(
            can_undo=history.can_undo, can_redo=history.can_redo, can_reset=history.can_reset
        )

    def _complain(self, problems: list[str]) -> None:
        say("This link could not be read in full. " + " ".join(problems), "warning")

    def _on_copied(self, message: Mapping[str, Any]) -> None:
        if not message.get("done"):
            say("The browser does not let this page copy. Copy the address from the address bar.", "warning")
            return
        left_out = self.dashboard.state.link(shared=bool(self.bar.share)).left_out
        if left_out:
            say(f"Link copied. It cannot carry {' and '.join(left_out)}.", "warning")
        else:
            what = "a copy of this page and of what you drew" if self.bar.share else "this page as you see it"
            say(f"Link copied: it opens {what}.", "success")

    # -- theme ----------------------------------------------------------------------------------

    def set_theme(self, dark: bool) -> None:
        """Turn page and pictures dark or light."""
        self.dashboard.theme = "dark" if dark else "light"
        self.page.dark_theme = dark
        self.bar.dark = dark
        if self.bar.inspecting == SOURCE:
            self._show_drawer(SOURCE)

    # -- downloads ------------------------------------------------------------------------------

    def _on_download(self, message: Mapping[str, Any]) -> None:
        self.bar.send_file(*file_for(self.dashboard, message))

    def _on_save_file(self, _: Mapping[str, Any]) -> None:
        """Hand over the page as it is now: one HTML file that works without a server."""
        content = file_of(self.dashboard).encode("utf-8")
        self.bar.send_file(f"{self.dashboard.slug}.html", "text/html", content)
        say(
            f"Saved as {self.dashboard.slug}.html, {len(content) / 1e6:.1f} MB: it opens without a server.",
            "success",
        )

    def _on_no_figure(self, message: Mapping[str, Any]) -> None:
        say(f"“{message.get('label', 'The figure')}” is not on the page now; show it first.", "warning")

    def _on_long_figure(self, message: Mapping[str, Any]) -> None:
        length = message.get("length")
        size = f"{length / 1e6:,.1f} million" if isinstance(length, int) else "too many"
        say(
            f"“{message.get('label', 'The figure')}” is {size} characters long as JSON, and at most "
            f"{INSPECT_CHARS / 1e6:,.0f} million go to another page. Show less of it, or download the JSON.",
            "warning",
        )

    # -- under the hood -------------------------------------------------------------------------

    def inspect(self, tab: str) -> None:
        """Open the drawer at "hood" or "source", or close it when it shows that."""
        if tab not in (HOOD, SOURCE):
            return
        if self.page.contextbar_open and self.bar.inspecting == tab:
            self.page.contextbar_open = False
            return
        self._show_drawer(tab)
        self.page.contextbar_open = True

    def _show_drawer(self, tab: str) -> None:
        self._drawer.show(tab, self.bar.dark)
        self.bar.inspecting = tab

    def _on_drawer(self, event: param.parameterized.Event) -> None:
        if not event.new:
            self._show_drawer("")

    # -- errors ---------------------------------------------------------------------------------

    def show_error(self, error: BaseException) -> None:
        """Say what went wrong, and write it to the log with its traceback; the page lives on."""
        logger.error("a callback of %s failed", self.dashboard.slug, exc_info=error)
        if isinstance(error, BrushlinkError):
            say(str(error), "error")
        else:
            text = str(error) or "no further explanation"
            say(f"Something went wrong in {self.dashboard.title}: {type(error).__name__}: {text}", "error")


def _mark_loaded() -> None:
    """Make Panel send what changes from now on.

    Panel 1.9.4 drops every change made between the moment the browser fetches the models and the moment it
    has drawn them all (`panel.io.document._drain_unconnected_events`, from holoviz/panel#8698): a brush made
    in those seconds would be answered and never shown. A message from the browser proves that it has the
    models. Can go when ``test_what_changes_while_a_page_is_drawn_is_shown`` passes without.
    """
    document = pn.state.curdoc
    if document is not None:
        pn.state._connected[document] = pn.state._loaded[document] = True


def _asked_theme() -> str | None:
    asked = pn.state.session_args.get("theme") if pn.state.curdoc else None
    return asked[0].decode("ascii", "ignore") if asked else None
