"""`brushlink serve`: the gallery and its dashboards on a web server, a thin layer over `panel serve`."""

from __future__ import annotations

import argparse
import contextlib
import errno
import os
import secrets
import socket
import sys
import threading
import time
import webbrowser
from collections.abc import Iterable, Sequence
from pathlib import Path

__all__ = ["DEFAULT_PORT", "add_parser", "dashboard_files", "panel_command", "run"]

DEFAULT_PORT = 5006
PORTS_TRIED = 100
"""How far the search for a free port goes: further means that something else is wrong with the machine."""
START_SECONDS = 60
"""How long the address waits to be said until the server answers; a cold start takes 3 to 10 s."""
ANY_ADDRESS = frozenset({"0.0.0.0", "::"})
STORE_VARIABLE = "BRUSHLINK_STORE"
"""Tells the pages where to keep what is drawn (`dashboards.parts.store`, which loads Panel)."""
IMAGES_VARIABLE = "BRUSHLINK_IMAGES"
"""Tells the pages of a folder whose images may be chosen (`dashboards.parts.image_folder`)."""
LOGIN = Path(__file__).resolve().with_name("login.html")
"""The page that asks for a password; Panel's own asks a CDN for its pictures."""
SECRET_VARIABLE = "BOKEH_COOKIE_SECRET"
OURS = Path(__file__).resolve().parent.parent / "dashboards"

DESCRIPTION = """\
Serve the gallery and every dashboard, at the addresses of
`panel serve dashboards/[a-z]*.py --index gallery`.
Every option of `panel serve` may be added (`panel serve --help` lists them)."""
EXAMPLES = """\
examples:
  brushlink serve                                  at http://localhost:5006
  brushlink serve --port 8080 --open               and open a browser
  brushlink serve --address 0.0.0.0                for others in the same network
  brushlink serve --prefix lab/brushlink           behind a proxy that keeps the path
  brushlink serve --store /srv/work.sqlite         keep what visitors draw there
  brushlink serve --images /data/plates            offer the images in a folder
  brushlink serve --num-procs 4                    any option of `panel serve`
  brushlink serve mine.py                          beside a dashboard of your own
"""


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add `serve` to the command line."""
    parser = subparsers.add_parser(
        "serve",
        help="open the gallery",
        description=DESCRIPTION,
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument(
        "--port", type=_port, help=f"port (default {DEFAULT_PORT}, or the next free one; 0 for any)"
    )
    parser.add_argument("--address", default="localhost", help="address to listen on (default localhost)")
    parser.add_argument("--prefix", default="", help="path before all addresses, e.g. lab/brushlink")
    parser.add_argument(
        "--next-free", action="store_true", help="take the next free port if --port is in use"
    )
    keep = parser.add_mutually_exclusive_group()
    keep.add_argument(
        "--store", metavar="FILE", help="where to keep what visitors draw (default: in your data folder)"
    )
    keep.add_argument("--no-store", action="store_true", help="keep nothing of what visitors draw")
    parser.add_argument(
        "--images", metavar="DIR", help="folder whose images visitors may open (nothing outside of it)"
    )
    parser.add_argument("--open", action="store_true", help="open a browser once the server answers")
    parser.set_defaults(run=run, passes_on=True)


def _port(text: str) -> int:
    port = int(text) if text.isascii() and text.isdigit() else -1
    if not 0 <= port <= 65535:
        raise argparse.ArgumentTypeError(f"{text!r} is not a port: give a number from 0 to 65535")
    return port


def dashboard_files() -> list[Path]:
    """Return the files that are served, one a page, sorted; each file's name is its address."""
    return sorted(OURS.glob("[a-z]*.py"))


def is_free(address: str, port: int) -> bool:
    """Tell whether a server could listen there now.

    Raises
    ------
    OSError
        If the address is not one of this machine, or the port needs rights that the user lacks.
    """
    flags = socket.AI_PASSIVE
    host = None if address in ANY_ADDRESS else address
    for family, kind, protocol, _, place in socket.getaddrinfo(
        host, port, type=socket.SOCK_STREAM, flags=flags
    ):
        with contextlib.closing(socket.socket(family, kind, protocol)) as probe:
            if os.name != "nt":  # the same option as Tornado's: a port just left (TIME_WAIT) counts as free
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            if family == socket.AF_INET6:
                probe.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
            try:
                probe.bind(place)
            except OSError as error:
                if error.errno == errno.EADDRINUSE:
                    return False
                if family == socket.AF_INET6 and error.errno == errno.EADDRNOTAVAIL:
                    continue  # localhost resolves to ::1 on a machine without IPv6
                raise
    return True


def next_free(address: str, port: int) -> int | None:
    """Return the first free port above `port`, or None if a hundred are taken."""
    ports = range(port + 1, min(port + 1 + PORTS_TRIED, 65536))
    return next((other for other in ports if is_free(address, other)), None)


def visitors_origins(address: str, port: int) -> list[str]:
    """Return the hosts under which a visitor may open the pages.

    Bokeh refuses the websocket of a page that was opened under any other name, and by itself knows only
    `localhost`: the page would come, but stay empty.

    Parameters
    ----------
    address : str
        Address to listen on; for "any" addresses the machine's own names and addresses are allowed.
    port : int
        Port of the server.
    """
    hosts = ["localhost", "127.0.0.1"]
    if address in ANY_ADDRESS:
        name = socket.gethostname()
        hosts.append(name)
        with contextlib.suppress(OSError):
            hosts += [str(place[4][0]) for place in socket.getaddrinfo(name, None, socket.AF_INET)]
        with contextlib.suppress(OSError), socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
            # Names the address that the machine's own network knows it by; a UDP connect sends nothing.
            probe.connect(("192.0.2.1", 9))
            hosts.append(probe.getsockname()[0])
    else:
        hosts.append(f"[{address}]" if ":" in address else address)
    return [f"{host}:{port}" for host in dict.fromkeys(hosts)]


def panel_command(arguments: argparse.Namespace, port: int) -> list[str]:
    """Return the `panel` command line that serves the gallery; what the user added comes last and wins."""
    rest: Sequence[str] = arguments.rest
    line = ["panel", "serve", *map(str, dashboard_files()), "--index", "gallery"]
    if not _asks_for(rest, "--unix-socket"):  # Bokeh allows no address beside a socket file
        line += ["--address", arguments.address, "--port", str(port)]
    line += ["--prefix", arguments.prefix] if arguments.prefix else []
    if not _asks_for(rest, "--allow-websocket-origin") and "BOKEH_ALLOW_WS_ORIGIN" not in os.environ:
        for origin in visitors_origins(arguments.address, port):
            line += ["--allow-websocket-origin", origin]
    if _has_passwords(rest) and not _asks_for(rest, "--basic-login-template"):
        line += ["--basic-login-template", str(LOGIN)]
    return [*line, *rest]


def _asks_for(rest: Iterable[str], option: str) -> bool:
    return any(part == option or part.startswith(f"{option}=") for part in rest)


def _has_passwords(rest: Iterable[str]) -> bool:
    return _asks_for(rest, "--basic-auth") or "PANEL_BASIC_AUTH" in os.environ


def run(arguments: argparse.Namespace) -> int:
    """Serve until interrupted; return 1 when the port cannot be had."""
    try:
        port = _settle_port(arguments)
    except OSError as error:
        return _refuse(
            f"cannot listen at {arguments.address}:{arguments.port or DEFAULT_PORT}: {error.strerror}."
        )
    if port is None:
        return 1
    if arguments.images and not Path(arguments.images).is_dir():
        return _refuse(f"--images {arguments.images}: there is no such folder.")
    scheme = "https" if _asks_for(arguments.rest, "--ssl-certfile") else "http"
    host = "localhost" if arguments.address in ANY_ADDRESS else arguments.address
    path = arguments.prefix.strip("/")
    url = f"{scheme}://{f'[{host}]' if ':' in host else host}:{port}/{path}{'/' if path else ''}"
    threading.Thread(target=_announce, args=(url, host, port, arguments.open), daemon=True).start()

    # Processes that the server starts inherit what stands in the environment.
    if arguments.images:
        os.environ[IMAGES_VARIABLE] = str(Path(arguments.images).absolute())
    if arguments.no_store or arguments.store:
        os.environ[STORE_VARIABLE] = "off" if arguments.no_store else str(Path(arguments.store).absolute())
    if _has_passwords(arguments.rest) and not _asks_for(arguments.rest, "--cookie-secret"):
        # Signs the cookies of those who have logged in; they log in anew after a restart.
        os.environ.setdefault(SECRET_VARIABLE, secrets.token_hex(32))

    from panel.command import main

    sys.argv = panel_command(arguments, port)
    with contextlib.suppress(KeyboardInterrupt):
        main(sys.argv)
    return 0


def _settle_port(arguments: argparse.Namespace) -> int | None:
    """Choose the port, or say why there is none."""
    wanted = DEFAULT_PORT if arguments.port is None else arguments.port
    if wanted == 0:
        with contextlib.closing(socket.create_server(("", 0))) as probe:
            return int(probe.getsockname()[1])
    if is_free(arguments.address, wanted):
        return int(wanted)
    other = next_free(arguments.address, wanted)
    if other is None:
        _refuse(f"port {wanted} and the {PORTS_TRIED} after it are in use. Name another with --port.")
    elif arguments.next_free or arguments.port is None:
        _say(f"Port {wanted} is in use: taking {other}.")
        return other
    else:
        # Who names a port (a proxy behind it, say) must not be moved silently.
        _refuse(f"port {wanted} is in use. Free it, or run: brushlink serve --port {other}")
    return None


def _announce(url: str, host: str, port: int, browser: bool) -> None:
    """Say the address once the server answers, and open a browser there where the machine has a screen."""
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        with contextlib.suppress(OSError), socket.create_connection((host, port), timeout=1):
            _say(f"Brushlink is at {url} (Ctrl+C stops it)")
            # Without a screen webbrowser would start a text browser inside the terminal.
            graphical = os.name == "nt" or sys.platform == "darwin"
            if browser and (graphical or any(map(os.environ.get, ("DISPLAY", "WAYLAND_DISPLAY")))):
                webbrowser.open(url)
            return
        time.sleep(0.1)


def _say(text: str) -> None:
    sys.stderr.write(f"{text}\n")
    sys.stderr.flush()


def _refuse(text: str) -> int:
    _say(f"brushlink serve: {text}")
    return 1
