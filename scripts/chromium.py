"""Prints the path of a Chromium that really starts, and installs one if none does; called before the tests.

Being on PATH proves nothing: Ubuntu's apt package `chromium-browser` is a stub that asks for snap. So each
candidate has to print a page without a window. Runs in the project's environment: Playwright is there.
"""

from __future__ import annotations

import argparse
import glob
import importlib.util
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from environment import apt_environment, is_root, say

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome", "microsoft-edge")
PLACES = (
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    "/snap/bin/chromium",
)
FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-dev-shm-usage",
)
WORD = "brushlink-was-painted"
LAUNCH_SECONDS = 30  # a cold start on a slow machine takes 5 s; a stub that hangs is given up after this
DOWNLOAD_SECONDS = 300


def launches(path: str) -> bool:
    """Tell whether the browser at `path` renders a page without a window."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        page = Path(profile) / "page.html"
        page.write_text(f"<script>document.write('{WORD[:9]}' + '{WORD[9:]}')</script>", encoding="utf-8")
        command = [path, *FLAGS, f"--user-data-dir={profile}/data", "--dump-dom", page.as_uri()]
        try:
            done = subprocess.run(
                command, capture_output=True, timeout=LAUNCH_SECONDS, stdin=subprocess.DEVNULL
            )
        except (OSError, subprocess.TimeoutExpired):
            return False
        return done.returncode == 0 and WORD.encode() in done.stdout


def playwright_browsers() -> list[str]:
    """Browsers that Playwright has downloaded, newest first."""
    folders = [
        os.environ.get("PLAYWRIGHT_BROWSERS_PATH", ""),
        os.path.expanduser("~/.cache/ms-playwright"),
        os.path.expanduser("~/Library/Caches/ms-playwright"),
    ]
    found: list[str] = []
    for folder in filter(None, folders):
        for tail in (
            "chrome-linux*/chrome",
            "chrome-linux*/headless_shell",
            "chrome-mac*/Chromium.app/Contents/MacOS/Chromium",
        ):
            found += glob.glob(os.path.join(folder, "chromium*-*", tail))
    return sorted(found, reverse=True)


def candidates() -> Iterator[str]:
    """Every place where a Chromium can be, the one the user names first."""
    if named := os.environ.get("BRUSHLINK_CHROMIUM"):
        yield named
    for name in NAMES:
        for folder in os.environ.get("PATH", os.defpath).split(os.pathsep):
            if found := shutil.which(name, path=folder or os.curdir):
                yield found
    yield from playwright_browsers()
    yield from (place for place in PLACES if os.path.exists(place))


def find() -> str | None:
    """Return the first browser that starts, or None."""
    tried: set[str] = set()
    for path in candidates():
        real = os.path.realpath(path)
        if real not in tried and launches(path):
            return path
        tried.add(real)
    return None


def download() -> None:
    """Ask Playwright for its own browser; quiet, and harmless where there is no network."""
    if importlib.util.find_spec("playwright") is None:
        return
    environment = {"PLAYWRIGHT_DOWNLOAD_CONNECTION_TIMEOUT": "10000", **apt_environment()}
    steps = [["install", "chromium"]]
    if is_root():  # the browser may have come without the system libraries that it needs
        steps.append(["install-deps", "chromium"])
    for step in steps:
        command = [sys.executable, "-m", "playwright", *step]
        try:
            done = subprocess.run(
                command,
                capture_output=True,
                timeout=DOWNLOAD_SECONDS,
                stdin=subprocess.DEVNULL,
                env=environment,
            )
        except (OSError, subprocess.TimeoutExpired):
            return
        if done.returncode or find():
            return


def install_with_system() -> None:
    """Install a Chromium with the system's package manager; for root only."""
    for manager, steps in {
        "apt-get": (["update"], ["install", "--yes", "--no-install-recommends", "chromium"]),
        "dnf": (["install", "--assumeyes", "chromium"],),
        "apk": (["add", "chromium"],),
        "pacman": (["-Sy", "--noconfirm", "chromium"],),
    }.items():
        if found := shutil.which(manager):
            for step in steps:
                subprocess.run(
                    [found, *step], capture_output=True, stdin=subprocess.DEVNULL, env=apt_environment()
                )
            return


def main() -> int:
    """Entry point: print the path of a working browser; exit code 1 and one line to run if there is none."""
    parser = argparse.ArgumentParser(description="Print the path of a Chromium that starts.")
    parser.add_argument("--install", action="store_true", help="install one if none is found")
    arguments = parser.parse_args()
    path = find()
    if path is None and arguments.install:
        say("No Chromium that starts was found: fetching Playwright's")
        download()
        path = find()
        if path is None and is_root():
            say("Playwright's cannot be had here: asking the system's package manager")
            install_with_system()
            path = find()
    if path is None:
        say(
            "The browser tests need a Chromium, and none was found that starts. Run one of\n"
            "    .venv/bin/python -m playwright install --with-deps chromium\n"
            "    sudo apt install chromium\n"
            "or leave those tests out: make test BROWSER=none"
        )
        return 1
    sys.stdout.write(f"{path}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
