"""Visitors of the tests: each has cookies, storage and a screen of their own; for harness and fixtures.

A context of the browser that has loaded a page once holds its ten megabytes of scripts, compiled: so one
that a visitor left is cleared of all that a page keeps there, and given to the next with the same device.
"""

from __future__ import annotations

import json
import os
from typing import Any
from urllib.parse import urlsplit

from playwright.sync_api import Browser, BrowserContext, Error, Page

from tests.browser.driver import DEEP_QUERY_JS, PATIENCE_S

__all__ = ["VIEWPORT", "arrive", "leave"]

VIEWPORT = {"width": 1400, "height": 900}
# The first page of a machine that is busy: the server takes in its packages, the browser ten megabytes.
NAVIGATION_MS = 90_000
# All that a page can keep but what the browser itself does of scripts.
KEPT_BY_PAGES = "local_storage,indexeddb,service_workers,cache_storage,websql,file_systems"

# How many times slower the pages are to run: finds tests that lean on a quick machine.
SLOWER = float(os.environ.get("BRUSHLINK_SLOWER", "1"))

_devices: dict[BrowserContext, str] = {}
_cleared: dict[tuple[Browser, str], list[Page]] = {}


def arrive(browser: Browser, **options: Any) -> Page:
    """Open an empty page for a fresh visitor; give it back with `leave`.

    Parameters
    ----------
    browser : Browser
    **options
        Of the browser's context; 1400 × 900 when no viewport is given.
    """
    device = json.dumps(options, sort_keys=True)
    if waiting := _cleared.get((browser, device)):
        return waiting.pop()
    context = browser.new_context(**{"viewport": VIEWPORT, **options})
    context.set_default_timeout(PATIENCE_S * 1000)
    context.set_default_navigation_timeout(NAVIGATION_MS)
    context.add_init_script(DEEP_QUERY_JS)
    _devices[context] = device
    return _slowed(context.new_page())


def _slowed(page: Page) -> Page:
    if SLOWER > 1:
        page.context.new_cdp_session(page).send("Emulation.setCPUThrottlingRate", {"rate": SLOWER})
    return page


def leave(page: Page) -> None:
    """Close all pages of a visitor, and forget what they kept."""
    context = page.context
    browser, device = context.browser, _devices[context]
    try:
        blank = context.new_page()
        origins = {"{0.scheme}://{0.netloc}".format(urlsplit(one.url)) for one in context.pages}
        for one in context.pages:
            if one is not blank:
                one.close()
        context.clear_cookies()
        context.clear_permissions()
        context.grant_permissions(json.loads(device).get("permissions", []))
        probe = context.new_cdp_session(blank)
        for origin in origins:
            if origin.startswith("http"):
                probe.send("Storage.clearDataForOrigin", {"origin": origin, "storageTypes": KEPT_BY_PAGES})
        probe.detach()
    except Error:  # the page crashed, say: nobody uses this one again
        context.close()
        return
    assert browser is not None
    _cleared.setdefault((browser, device), []).append(_slowed(blank))
