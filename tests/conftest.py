"""Fixtures that every test may use; the browser's own live in tests/browser/conftest.py."""

from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

# Shared cores make single examples slow now and then: no deadline, the test's own timeout guards.
# The same examples in every run: a test that fails once in a while would teach everybody to run it again.
settings.register_profile(
    "brushlink", deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("brushlink")

REPOSITORY = Path(__file__).resolve().parents[1]


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


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Say what runs in one process when several do: all that uses a browser, else the tests of a file."""
    for item in items:
        group = "browser" if item.get_closest_marker("browser") else item.path.name
        item.add_marker(pytest.mark.xdist_group(group))
