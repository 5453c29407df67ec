"""Files that a page hands over, read back with pandas and plotly."""

from __future__ import annotations

import io
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pandas as pd
import plotly.graph_objects as go
import plotly.io as pio
import pytest

from dashboards.parts import downloads
from dashboards.parts.downloads import DownloadError, file_for, offered

FRAME = pd.DataFrame(
    {"name": ["Côte d’Ivoire", '<img src=x onerror=alert(1)>", 1', None], "pop": [1.5, None, 3.0]},
    index=[5, 6, 7],
)
FIGURE = go.Figure(go.Bar(x=["a", "b"], y=[1, 2]))


class Fake:
    """What downloads need of a dashboard."""

    slug = "fake"
    views = {"bar_chart": SimpleNamespace(figure=FIGURE)}  # noqa: RUF012

    def tables(self) -> dict[str, Callable[[], pd.DataFrame]]:
        return {"Selected rows": lambda: FRAME}

    def files(self) -> dict[str, dict[str, Callable[[], bytes]]]:
        return {"Shapes": {"geojson": lambda: b"{}"}}


def ask(**request: Any) -> tuple[str, str, bytes]:
    return file_for(Fake(), request)  # type: ignore[arg-type]


def test_what_is_offered() -> None:
    (data, [*tables, shapes]), (figures, pictures) = offered(Fake())  # type: ignore[arg-type]
    assert (data, figures) == ("Data", "Figures")
    assert (shapes["kind"], shapes["label"], shapes["formats"]) == ("file", "Shapes", ["geojson"])
    assert [(row["label"], row["formats"]) for row in tables] == [("Selected rows", ["csv", "parquet"])]
    assert [(row["label"], row["formats"]) for row in pictures] == [("Bar chart", ["png", "svg", "json"])]


def test_another_file_is_what_the_dashboard_makes() -> None:
    asked = {"kind": "file", "name": "Shapes", "format": "geojson"}
    assert ask(**asked) == ("fake-shapes.geojson", "application/geo+json", b"{}")


def test_csv_is_what_pandas_reads_back() -> None:
    name, mime, content = ask(kind="table", name="Selected rows", format="csv")
    assert name == "fake-selected-rows.csv"
    assert mime.startswith("text/csv")
    assert content.startswith(b"\xef\xbb\xbf")  # the mark without which Excel reads umlauts wrong
    pd.testing.assert_frame_equal(pd.read_csv(io.BytesIO(content)), FRAME.reset_index(drop=True))


def test_parquet_keeps_all() -> None:
    name, _, content = ask(kind="table", name="Selected rows", format="parquet")
    assert name == "fake-selected-rows.parquet"
    pd.testing.assert_frame_equal(pd.read_parquet(io.BytesIO(content)), FRAME.reset_index(drop=True))


def test_a_figure_as_json_is_the_figure() -> None:
    name, _, content = ask(kind="figure", name="bar_chart", format="json")
    assert name == "fake-bar-chart.json"
    assert pio.from_json(content.decode()) == FIGURE


@pytest.mark.parametrize(
    "request_",
    [
        {},
        {"kind": "table", "name": "../../etc/passwd", "format": "csv"},
        {"kind": "table", "name": "Selected rows", "format": "pickle"},
        {"kind": "figure", "name": "bar_chart", "format": "csv"},
        {"kind": ["table"], "name": None, "format": 3},
    ],
)
def test_what_is_not_offered_is_refused(request_: dict[str, Any]) -> None:
    with pytest.raises(DownloadError, match="There is no"):
        ask(**request_)


def test_too_much_is_refused_with_advice(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(downloads, "DOWNLOAD_BYTES", 10)
    with pytest.raises(DownloadError, match=r"Choose less of it, or Parquet\."):
        ask(kind="table", name="Selected rows", format="csv")
