"""Fixtures that every test may use; the browser's own live in tests/browser/conftest.py."""

import os
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from xdist.scheduler import LoadFileScheduling

# Shared cores make single examples slow now and then: no deadline, the test's own timeout guards.
# The same examples in every run: a test that fails once in a while would teach everybody to run it again.
settings.register_profile(
    "brushlink", deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("brushlink")

REPOSITORY = Path(__file__).resolve().parents[1]

# A test that wants what is drawn to be kept names a file of its own: never the user's.
os.environ["BRUSHLINK_STORE"] = "off"


@pytest.fixture(scope="session")
def repository() -> Path:
    """Root of the checkout."""
    return REPOSITORY


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Folder of reference data beside the checkout; tests that read it are skipped where it is absent."""
    folder = REPOSITORY.parent / "shared"
    if not folder.is_dir():
        pytest.skip(f"no reference data at {folder.name}/ beside the checkout")
    return folder


class BrowserApart(LoadFileScheduling):
    """Of several processes one drives the browser, and the others run the rest a file at a time."""

    def _split_scope(self, nodeid: str) -> str:
        return "browser" if nodeid.startswith("tests/browser/") else str(super()._split_scope(nodeid))


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> BrowserApart:
    """Hand the tests out as `BrowserApart` says; asked when pytest runs with ``-n``."""
    return BrowserApart(config, log)
