"""One JupyterLab for all tests about notebooks."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.browser.notebook.jupyterlab import Lab, jupyterlab


@pytest.fixture(scope="package")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    """A running JupyterLab with an empty folder."""
    with jupyterlab(tmp_path_factory.mktemp("lab")) as running:
        yield running
