"""Send a page before its session is made, since both take long and can be done at once; called by the shell.

A page's HTML names scripts and styles; what it shows comes later, over the websocket of its session. Bokeh
makes the session first all the same, because it asks the models which scripts they need. For one address,
theme and width the answer is the same at each visit, but for the session's token: so it is kept, and from the
second visit on the server makes the session while the browser takes in the scripts.
"""

from __future__ import annotations

import functools
import json
from collections.abc import Mapping
from typing import Any, NamedTuple
from weakref import WeakSet

import panel.io.server as panel_server
from bokeh.document import Document
from bokeh.server.contexts import ApplicationContext
from bokeh.util.token import generate_jwt_token, generate_session_id
from panel.config import config
from panel.io.handlers import PanelCodeHandler
from tornado.httputil import HTTPServerRequest
from tornado.ioloop import IOLoop
from tornado.web import authenticated

from dashboards.parts.chrome import is_narrow, theme_of

__all__ = ["send_early"]

# Who brings a session or a token, or embeds the page elsewhere, gets a page of their own.
_ASKS_FOR_MORE = frozenset({"bokeh-token", "bokeh-session-id", "bokeh-absolute-url"})


class _Page(NamedTuple):
    """All that the HTML of a page depends on; few, since a server has few addresses."""

    path: str
    theme: str
    narrow: bool


# The HTML before and after the token.
_kept: dict[_Page, tuple[str, str]] = {}
_allowed: WeakSet[Document] = WeakSet()


def send_early(document: Document) -> None:
    """Allow that later visitors are sent the same HTML as this session's, before theirs is made.

    Its scripts must be those of every session there, whatever the address asks. It happens for a page that a
    served file makes: a function may show something else each time.
    """
    _install()
    _allowed.add(document)


@functools.cache
def _install() -> None:
    """Put ourselves before Panel's handler of pages, and behind its writer of HTML.

    Panel's own ``--reuse-sessions warm`` does the same, but it must be asked for, and keeps the first
    visitor's session for ever. Can go when Panel sends a page before its session by itself.
    """
    answer = panel_server.DocHandler.get
    write = panel_server.server_html_page_for_session

    @authenticated
    async def get(self: Any, *args: Any, **kwargs: Any) -> None:
        kept = _kept.get(page) if (page := _page_of(self)) else None
        if kept is None:
            await answer(self, *args, **kwargs)
        else:
            await _send(self, *kept)

    def noted(session: Any, *args: Any, **kwargs: Any) -> str:
        html: str = write(session, *args, **kwargs)
        if session.document in _allowed:
            _keep(session, html)
        return html

    panel_server.DocHandler.get = get
    panel_server.server_html_page_for_session = noted


def _page_of(handler: Any) -> _Page | None:
    """Return the page that is asked for; None when Panel has more to do than to send it."""
    request, application = handler.request, handler.application
    served = handler.application_context.application.handlers
    if (
        config.autoreload
        or config.reuse_sessions
        or config.authorize_callback
        or not application.generate_session_ids
        or not any(isinstance(one, PanelCodeHandler) and not one.failed for one in served)
        or request.path == application.prefix
        or "Bokeh-Session-Id" in request.headers
        or _ASKS_FOR_MORE & request.arguments.keys()
    ):
        return None
    seen = handler._generate_token_payload()
    return _page(request.path, seen["cookies"], seen["headers"], seen["arguments"])


def _page(
    path: str, cookies: Mapping[str, str], headers: Mapping[str, Any], arguments: Mapping[str, list[bytes]]
) -> _Page:
    asked = arguments.get("theme", [b""])[0].decode("ascii", "ignore")
    return _Page(path, theme_of(cookies, asked), is_narrow(cookies, headers))


def _keep(session: Any, html: str) -> None:
    """Keep the HTML of a session, in which its token stands once."""
    request = session.document.session_context.request
    parts = html.split(json.dumps(session.token))
    if len(parts) == 2 and not _ASKS_FOR_MORE & request.arguments.keys():
        _kept[_page(request.path, request.cookies, request.headers, request.arguments)] = parts[0], parts[1]


async def _send(handler: Any, before: str, after: str) -> None:
    """Answer with a page and the token of a session that is made when the page is on its way."""
    application = handler.application
    keys = {"secret_key": application.secret_key, "signed": application.sign_sessions}
    session_id = generate_session_id(**keys)
    token = generate_jwt_token(
        session_id,
        expiration=application.session_token_expiration,
        extra_payload=handler._generate_token_payload(),
        **keys,
    )
    # As Panel: a page kept by the browser would come with a token that is out of date.
    handler.set_header("Cache-Control", "no-store")
    handler.set_header("Content-Type", "text/html")
    await handler.finish(f"{before}{json.dumps(token)}{after}")
    IOLoop.current().add_callback(
        _make_session, handler.application_context, session_id, handler.request, token
    )


async def _make_session(
    context: ApplicationContext, session_id: Any, request: HTTPServerRequest, token: str
) -> None:
    # The page's websocket would make it too, but comes when the browser has taken in all scripts.
    await context.create_session_if_needed(session_id, request, token)
