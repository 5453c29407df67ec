"""Tables and figures as files: what "download" offers and what it hands over; used by the shell."""

from __future__ import annotations

import io
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from dashboards.parts.limits import DOWNLOAD_BYTES
from data_sources import BrushlinkError

if TYPE_CHECKING:
    import pandas as pd

    from dashboards.parts.dashboard import Dashboard

__all__ = ["MIME_TYPES", "DownloadError", "figure_label", "file_for", "offered", "table_bytes"]

MIME_TYPES = {
    "csv": "text/csv;charset=utf-8",
    "parquet": "application/vnd.apache.parquet",
    "json": "application/json",
    "geojson": "application/geo+json",
    "png": "image/png",
    "tif": "image/tiff",
    "npy": "application/octet-stream",
    "zip": "application/zip",
}
TABLE_FORMATS = ("csv", "parquet")
FIGURE_FORMATS = ("png", "svg", "json")


class DownloadError(BrushlinkError):
    """A file that was asked for cannot be made."""


def offered(dashboard: Dashboard) -> list[tuple[str, list[dict[str, Any]]]]:
    """List what can be downloaded: headings with rows of kind, name, label, formats."""
    tables = [
        {"kind": "table", "name": name, "label": name, "formats": list(TABLE_FORMATS)}
        for name in dashboard.tables()
    ]
    files = [
        {"kind": "file", "name": name, "label": name, "formats": list(formats)}
        for name, formats in dashboard.files().items()
    ]
    figures = [
        {"kind": "figure", "name": name, "label": figure_label(name), "formats": list(FIGURE_FORMATS)}
        for name in dashboard.views
    ]
    return [("Data", [*tables, *files]), ("Figures", figures)]


def file_for(dashboard: Dashboard, request: Mapping[str, Any]) -> tuple[str, str, bytes]:
    """Make the file that a message from the browser asks for.

    Parameters
    ----------
    dashboard : Dashboard
    request : mapping
        kind ("table", "file" or "figure"), name and format; it comes from outside, so all of it is checked.

    Returns
    -------
    tuple of (str, str, bytes)
        File name, MIME type, content.

    Raises
    ------
    DownloadError
        When there is no such table, figure or format, or it is larger than `DOWNLOAD_BYTES`.
    """
    kind, name, format_ = (str(request.get(key, "")) for key in ("kind", "name", "format"))
    tables, files = dashboard.tables(), dashboard.files()
    if kind == "table" and name in tables and format_ in TABLE_FORMATS:
        content = table_bytes(tables[name](), format_)
    elif kind == "file" and format_ in files.get(name, {}):
        content = files[name][format_]()
    elif kind == "figure" and name in dashboard.views and format_ == "json":
        content = str(dashboard.views[name].figure.to_json()).encode()
    else:
        raise DownloadError(f"There is no {kind or 'file'} “{name}” as “{format_}” on this page.")
    if len(content) > DOWNLOAD_BYTES:
        raise DownloadError(
            f"“{name}” as {format_} is {len(content) / 1e6:,.0f} MB and at most "
            f"{DOWNLOAD_BYTES / 1e6:,.0f} MB go through the browser. Choose less of it, or Parquet."
        )
    return (
        f"{dashboard.slug}-{_file_words(name)}.{format_}",
        MIME_TYPES.get(format_, "application/octet-stream"),
        content,
    )


def table_bytes(frame: pd.DataFrame, format_: str) -> bytes:
    """Write a table as CSV (UTF-8 with a mark, so that Excel reads it right) or Parquet, without index."""
    if format_ == "csv":
        return frame.to_csv(index=False).encode("utf-8-sig")
    buffer = io.BytesIO()
    frame.to_parquet(buffer, index=False)
    return buffer.getvalue()


def figure_label(name: str) -> str:
    """Return the name of a view as people read it."""
    return name.replace("_", " ").replace("-", " ").capitalize()


def _file_words(name: str) -> str:
    kept = "".join(char if char.isalnum() else "-" for char in name.lower())
    return "-".join(part for part in kept.split("-") if part) or "table"
