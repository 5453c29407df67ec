"""What the documentation must hold: a page a dashboard, and every public name."""

from __future__ import annotations

import re
from pathlib import Path

from dashboards.parts.catalogue import DASHBOARDS

DOCS = Path(__file__).resolve().parents[1] / "docs"


def test_each_dashboard_has_a_page_with_its_pictures() -> None:
    for entry in DASHBOARDS:
        text = (DOCS / "dashboards" / f"{entry.slug}.md").read_text(encoding="utf-8")
        assert text.startswith(f"# {entry.title}\n")
        for mode in ("light", "dark"):
            assert entry.picture(mode).name in text
        assert f"`{entry.class_name}`" in text
    listed = (DOCS / "dashboards" / "index.md").read_text(encoding="utf-8").splitlines()
    assert [line for line in listed if (DOCS / "dashboards" / f"{line}.md").is_file()] == [
        entry.slug for entry in DASHBOARDS
    ]


def test_the_reference_holds_every_public_name() -> None:
    import dashboards
    import data_sources
    import segmentation

    for package in (dashboards, segmentation):
        text = (DOCS / "reference" / f"{package.__name__}.md").read_text(encoding="utf-8")
        told = set(re.findall(r"auto(?:class|function|exception):: ([\w.]+)", text))
        data = {"BACKENDS", "CrossValidation", "HotSpot", "Picture", "StoredFeatures"}
        assert set(package.__all__) - told - data == set()
    text = (DOCS / "reference" / "data_sources.md").read_text(encoding="utf-8")
    told = set(re.findall(r"auto(?:class|function|exception):: ([\w.]+)", text))
    answers = {"Groups", "Histogram", "Lines", "Segments", "Tree", "MISSING", "TABLE_SUFFIXES"}
    assert set(data_sources.__all__) - told - answers - {"predicate_from_json"} == set()
