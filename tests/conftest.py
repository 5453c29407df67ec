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


class BrowserFirst(LoadFileScheduling):
    """Of several processes the first begins with the browser, the others with the rest; then all help.

    What runs as one: a folder of browser tests, since it shares a page, and elsewhere a file.
    """

    def _split_scope(self, nodeid: str) -> str:
        return nodeid.rsplit("/", 1)[0] if nodeid.count("/") > 2 and _in_browser(nodeid) else _file(nodeid)

    def _assign_work_unit(self, node: Any) -> None:
        first = node is self.nodes[0]
        scope = next((one for one in self.workqueue if _in_browser(one) == first), next(iter(self.workqueue)))
        self.workqueue.move_to_end(scope, last=False)
        super()._assign_work_unit(node)


def _in_browser(nodeid: str) -> bool:
    return nodeid.startswith("tests/browser/")


def _file(nodeid: str) -> str:
    return nodeid.split("::", 1)[0]


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> BrowserFirst:
    """Hand the tests out as `BrowserFirst` says; asked when pytest runs with ``-n``."""
    return BrowserFirst(config, log)
