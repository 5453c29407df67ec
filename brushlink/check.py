"""`brushlink check URL`: whether a running gallery is well, by what its pages hold; loads no Panel."""

from __future__ import annotations

import argparse
import asyncio
import html
import re
import sys
import urllib.error
import urllib.parse
import urllib.request
from dataclasses import dataclass

__all__ = ["Finding", "add_parser", "check_page", "run"]

SECONDS = 30.0
"""How long a page may take; the first one after a start loads Panel and takes 3 to 10 s."""
_TITLE = re.compile(r"<title>\s*([^<]*?)\s*</title>")
_TOKEN = re.compile(r'"token":\s*"([\w.=-]+)"')

DESCRIPTION = """\
Ask a running gallery whether it is well: each page must come, have its own title and content, and its
websocket must open as in a browser. An answer 200 alone says little: a page whose script failed has it too.
Exit code 0 when all is well, 1 when not: made for health checks of containers and for monitors."""
EXAMPLES = """\
examples:
  brushlink check http://localhost:5006                       all pages
  brushlink check http://localhost:5006 gapminder             some of them
  brushlink check https://lab.example.org/brushlink/          behind a proxy, as visitors see it
"""


@dataclass(frozen=True)
class Finding:
    """What is the matter with a page.

    Attributes
    ----------
    page : str
        Its name.
    problem : str
        In words; empty when it is well.
    """

    page: str
    problem: str = ""


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add `check` to the command line."""
    parser = subparsers.add_parser(
        "check",
        help="tell whether a running gallery is well",
        description=DESCRIPTION,
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument("url", metavar="URL", help="address of the gallery, with its prefix")
    parser.add_argument("pages", metavar="NAME", nargs="*", help="pages to look at (default: all)")
    parser.add_argument(
        "--timeout", type=float, default=SECONDS, metavar="S", help=f"seconds a page may take ({SECONDS:.0f})"
    )
    parser.add_argument(
        "--no-websocket", action="store_true", help="look at the pages alone (from a name no visitor uses)"
    )
    parser.set_defaults(run=run, parser=parser)


def run(arguments: argparse.Namespace) -> int:
    """Print a line a page; return 1 when one of them is not well."""
    from dashboards.parts.catalogue import DASHBOARDS
    from data_sources.errors import did_you_mean

    titles = {"gallery": "Brushlink"} | {entry.slug: entry.title for entry in DASHBOARDS}
    if unknown := [name for name in arguments.pages if name not in titles]:
        arguments.parser.error(f"there is no page {unknown[0]!r}. {did_you_mean(unknown[0], list(titles))}")
    if urllib.parse.urlsplit(arguments.url).scheme not in ("http", "https"):
        arguments.parser.error(f"{arguments.url!r} is no address: give one such as http://localhost:5006")
    findings = [
        check_page(arguments.url, name, titles[name], arguments.timeout, not arguments.no_websocket)
        for name in arguments.pages or titles
    ]
    for finding in findings:
        stream = sys.stderr if finding.problem else sys.stdout
        stream.write(f"/{finding.page}: {finding.problem or 'well'}\n")
    return int(any(finding.problem for finding in findings))


def check_page(url: str, page: str, title: str, seconds: float = SECONDS, websocket: bool = True) -> Finding:
    """Look at one page as a browser does.

    Parameters
    ----------
    url : str
        Address of the gallery.
    page : str
        Name of the page.
    title : str
        What the title of the page must begin with.
    seconds : float
        How long it may take.
    websocket : bool
        Whether to open its websocket as well.
    """
    address = f"{url.rstrip('/')}/{page}"
    try:
        with urllib.request.urlopen(address, timeout=seconds) as answer:
            body, landed = answer.read().decode(errors="replace"), answer.geturl()
    except urllib.error.HTTPError as error:
        return Finding(page, f"answers {error.code} {error.reason}")
    except (urllib.error.URLError, OSError) as error:
        return Finding(page, f"does not answer: {getattr(error, 'reason', error)}")
    if urllib.parse.urlsplit(landed).path.rstrip("/") != urllib.parse.urlsplit(address).path.rstrip("/"):
        return Finding(page, f"leads to {landed}, such as a login: ask where none is needed")
    found = _TITLE.search(body)
    name = html.unescape(found[1]) if found else ""
    if not name.startswith(title):
        return Finding(
            page, f"has the title {name!r}, not {title!r}: its script failed, or it is another page"
        )
    token = _TOKEN.search(body)
    if page != "gallery" and token is None:
        return Finding(page, "comes without a session: its script failed")
    if token is None or not websocket:
        return Finding(page)  # the front door is plain HTML
    return Finding(page, asyncio.run(_websocket_problem(address, token[1], seconds)))


async def _websocket_problem(address: str, token: str, seconds: float) -> str:
    """Open the websocket of a page; return what is wrong, or nothing."""
    from tornado.httpclient import HTTPClientError, HTTPRequest
    from tornado.websocket import websocket_connect

    parts = urllib.parse.urlsplit(address)
    request = HTTPRequest(
        f"{'wss' if parts.scheme == 'https' else 'ws'}://{parts.netloc}{parts.path}/ws",
        headers={"Origin": f"{parts.scheme}://{parts.netloc}"},
        connect_timeout=seconds,
        request_timeout=seconds,
    )
    try:
        socket = await websocket_connect(request, subprotocols=["bokeh", token])
        try:
            first = await asyncio.wait_for(socket.read_message(), seconds)
        finally:
            socket.close()
            while await asyncio.wait_for(socket.read_message(), seconds) is not None:
                pass  # until the other side has closed, too
    except HTTPClientError as error:
        if error.code == 403:
            return f"its websocket is refused: start with --allow-websocket-origin {parts.netloc}"
        return f"its websocket answers {error.code}: the proxy must pass websockets on (Upgrade, Connection)"
    except (OSError, TimeoutError) as error:
        return f"its websocket does not open: {error or 'no answer'}"
    return (
        "" if first and "ACK" in str(first) else "its websocket closes without a word: see the server's log"
    )
