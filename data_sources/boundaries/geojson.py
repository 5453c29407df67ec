"""Reads regions from a GeoJSON file and makes their shapes light; with an error that helps for bad files."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from data_sources import limits
from data_sources.boundaries.regions import Regions, Shapes, spelling
from data_sources.errors import BoundaryError

__all__ = ["read_boundaries"]

_LIKELY_NAMES = ("name", "nom", "district", "region", "county", "state", "province", "label", "title")
# Coordinates finer than this share of the map's extent are closer together than a quarter of a pixel.
_GRID = 1 / 8_000
_EARTH_KM = 6371.0

Ring = np.ndarray
Polygon = list[Ring]


def read_boundaries(content: bytes, filename: str = "the file") -> Regions:
    """Read the polygons of a GeoJSON file.

    Parameters
    ----------
    content : bytes
    filename : str
        For messages and the title.

    Returns
    -------
    Regions
        Rings run as plotly.js wants them; their corners lie on a common grid, fine enough for a screen, so
        that shapes of any detail travel as a few hundred kB and neighbours still touch. `properties` has the
        features' own values.

    Raises
    ------
    BoundaryError
        If it is no GeoJSON, has no polygon, is too large, or has coordinates that are no degrees.
    """
    features = _features(_parsed(content, filename), filename)
    found = [(feature, _polygons(feature.get("geometry"), filename)) for feature in features]
    kept = [(feature, polygons) for feature, polygons in found if polygons]
    if not kept:
        kinds = sorted({str((feature.get("geometry") or {}).get("type")) for feature in features})
        raise BoundaryError(
            f'"{filename}" has {len(features):,} features, but none with a shape '
            f"(found: {', '.join(kinds)}). A map of regions needs Polygon or MultiPolygon."
        )
    if len(kept) > limits.BOUNDARY_REGIONS:
        raise BoundaryError(
            f'"{filename}" has {len(kept):,} regions; at most {limits.BOUNDARY_REGIONS:,} are drawn. '
            "Leave some out, or join them into larger ones."
        )
    notes = []
    if len(kept) < len(features):
        notes.append(f"{len(features) - len(kept):,} features are no polygons and are left out.")
    shapes, dropped = _lightened([polygons for _, polygons in kept])
    if dropped:
        notes.append(f"{dropped:,} corners finer than the screen are left out.")
    middles = np.array([_middle(polygons) for polygons in shapes])
    properties = _properties([feature for feature, _ in kept], shapes)
    spellings = _spellings(properties)
    names = _names(properties, spellings)
    stem = re.sub(r"\.(geo)?json$", "", Path(filename).name, flags=re.IGNORECASE) or "map"
    return Regions(
        name=re.sub(r"[^a-z0-9]+", "-", stem.casefold()).strip("-") or "map",
        title=stem,
        keys=tuple(str(place) for place in range(len(kept))),
        names=names,
        lon=middles[:, 0],
        lat=middles[:, 1],
        drawn=np.ones(len(kept), dtype=bool),
        spellings=spellings,
        geojson=_written(shapes),
        properties=properties,
        source=Path(filename).name,
        notes=tuple(notes),
    )


# -- reading --------------------------------------------------------------------------------------------


def _parsed(content: bytes, filename: str) -> Any:
    if len(content) > limits.BOUNDARY_FILE_BYTES:
        raise BoundaryError(
            f'"{filename}" has more than {limits.BOUNDARY_FILE_BYTES / 1e6:,.0f} MB. '
            "Simplify its shapes first, for instance with mapshaper."
        )
    if not content.strip():
        raise BoundaryError(f'"{filename}" is empty. Choose a GeoJSON file.')
    try:
        return json.loads(content.decode("utf-8-sig"), parse_constant=_no_number)
    except UnicodeDecodeError as error:
        raise BoundaryError(f'"{filename}" is not UTF-8 text, which GeoJSON is. Save it as UTF-8.') from error
    except (ValueError, RecursionError) as error:
        raise BoundaryError(f'"{filename}" is no JSON: {str(error)[:80]}. Choose a GeoJSON file.') from error


def _no_number(name: str) -> float:
    raise ValueError(f"{name} is not a number")


def _features(document: Any, filename: str) -> list[dict[str, Any]]:
    kind = document.get("type") if isinstance(document, dict) else None
    if kind == "Topology":
        raise BoundaryError(f'"{filename}" is TopoJSON. Convert it to GeoJSON, for instance with mapshaper.')
    if kind == "Feature":
        document = {"features": [document]}
    elif kind != "FeatureCollection":
        raise BoundaryError(
            f'"{filename}" is JSON, but no GeoJSON: its type is {str(kind)[:40]!r}, not "FeatureCollection".'
        )
    features = document.get("features")
    if not isinstance(features, list) or not features:
        raise BoundaryError(f'"{filename}" is a GeoJSON file without features: there is nothing to draw.')
    if not all(isinstance(feature, dict) for feature in features):
        raise BoundaryError(f'"{filename}" has features that are no objects. Export it again.')
    return features


def _polygons(geometry: Any, filename: str) -> list[Polygon]:
    """Return the polygons of a geometry, each its rings, the outer one first; none for lines and points."""
    if not isinstance(geometry, dict):
        return []
    kind, coordinates = geometry.get("type"), geometry.get("coordinates")
    if kind == "GeometryCollection":
        parts = geometry.get("geometries")
        return [
            polygon
            for part in (parts if isinstance(parts, list) else [])
            if isinstance(part, dict) and part.get("type") != kind
            for polygon in _polygons(part, filename)
        ]
    if kind not in ("Polygon", "MultiPolygon"):
        return []
    try:
        given: list[Any] = [coordinates] if kind == "Polygon" else list(coordinates or ())
        polygons = [[_ring(ring) for ring in polygon or ()] for polygon in given]
    except (TypeError, ValueError, LookupError, OverflowError) as error:
        raise BoundaryError(
            f'"{filename}" has a polygon whose corners are not pairs of numbers. Export it again.'
        ) from error
    polygons = [[ring for ring in polygon if len(ring) >= 4] for polygon in polygons if polygon]
    for polygon in polygons:
        for ring in polygon:
            worst = ring[np.argmax(np.abs(ring).sum(axis=1))]
            if (np.abs(ring) > (360.001, 90.001)).any():
                raise BoundaryError(
                    f'"{filename}" has coordinates such as {worst[0]:.6g}, {worst[1]:.6g}, which are no '
                    "degrees of longitude and latitude. Save it in WGS 84 (EPSG:4326)."
                )
    return [polygon for polygon in polygons if polygon]


def _ring(corners: Any) -> Ring:
    ring = np.array([[corner[0], corner[1]] for corner in corners], dtype=float).reshape(-1, 2)
    if not np.isfinite(ring).all():
        raise ValueError("a corner is not finite")
    if len(ring) and (ring[0] != ring[-1]).any():
        ring = np.vstack([ring, ring[:1]])
    return ring


# -- shapes ---------------------------------------------------------------------------------------------


def _lightened(shapes: list[list[Polygon]]) -> tuple[list[list[Polygon]], int]:
    """Put all corners on one grid and drop those that fall together; neighbours keep their common borders."""
    rings = [ring for polygons in shapes for polygon in polygons for ring in polygon]
    before = sum(len(ring) for ring in rings)
    every = np.vstack(rings)
    step = float((every.max(axis=0) - every.min(axis=0)).max()) * _GRID or 1e-6
    while True:
        made = [[_gridded(polygon, step) for polygon in polygons] for polygons in shapes]
        after = sum(len(ring) for polygons in made for polygon in polygons for ring in polygon)
        if after <= limits.BOUNDARY_CORNERS or after <= 5 * len(rings):
            break
        step *= 1.5
    small = [_without_specks(polygons, 2 * step) for polygons in made]
    return small, before - after


def _gridded(polygon: Polygon, step: float) -> Polygon:
    rings = []
    for place, ring in enumerate(polygon):
        snapped = np.round(ring / step) * step
        kept = np.r_[True, (snapped[1:] != snapped[:-1]).any(axis=1)]
        short = snapped[kept]
        if len(short) >= 4:
            rings.append(_wound(short, outer=place == 0))
        elif place == 0:
            # A region smaller than the grid stays as it is: it must not vanish.
            rings.append(
                _wound(ring if len(ring) <= 8 else ring[[0, len(ring) // 3, 2 * len(ring) // 3, 0]], True)
            )
    return rings


def _without_specks(polygons: list[Polygon], least: float) -> list[Polygon]:
    """Leave out islands that are smaller than the grid when the region has larger ones."""
    large = [polygon for polygon in polygons if (np.ptp(polygon[0], axis=0) > least).any()]
    return large or polygons


def _wound(ring: Ring, outer: bool) -> Ring:
    """Let an outer ring run clockwise and a hole the other way, as d3 wants it: else the sea is filled."""
    clockwise = _planar_area(ring) < 0
    return ring if clockwise == outer else ring[::-1]


def _planar_area(ring: Ring) -> float:
    x, y = ring[:, 0], ring[:, 1]
    return float((x[:-1] * y[1:] - x[1:] * y[:-1]).sum()) / 2


def _middle(polygons: list[Polygon]) -> tuple[float, float]:
    """Return the middle of the largest polygon as plotly.js has it: the mean of its corners."""
    largest = max(polygons, key=lambda polygon: abs(_planar_area(polygon[0])))
    corners = np.vstack([ring[:-1] for ring in largest])
    lon, lat = corners.mean(axis=0)
    return float(lon), float(lat)


def _area_km2(polygons: list[Polygon]) -> float:
    total = 0.0
    for polygon in polygons:
        for place, ring in enumerate(polygon):
            lon, lat = np.radians(ring).T
            part = abs(float((np.diff(lon) * (2 + np.sin(lat[:-1]) + np.sin(lat[1:]))).sum())) / 2
            total += part if place == 0 else -part
    return total * _EARTH_KM**2


def _written(shapes: list[list[Polygon]]) -> Shapes:
    def lists(polygon: Polygon) -> list[Any]:
        return [np.round(ring, 6).tolist() for ring in polygon]

    features = [
        {
            "type": "Feature",
            "id": str(place),
            "properties": {},
            "geometry": {"type": "MultiPolygon", "coordinates": [lists(polygon) for polygon in polygons]},
        }
        for place, polygons in enumerate(shapes)
    ]
    return Shapes(type="FeatureCollection", features=features)


# -- what the features say ------------------------------------------------------------------------------


def _properties(features: list[dict[str, Any]], shapes: list[list[Polygon]]) -> pd.DataFrame:
    """Return the plain values of the features as columns; their area where there is no number."""
    rows = []
    for feature in features:
        given = feature.get("properties")
        row = dict(_plain(given)) if isinstance(given, dict) else {}
        if isinstance(feature.get("id"), (str, int)) and "id" not in row:
            row["id"] = feature["id"]
        rows.append(row)
    frame = pd.DataFrame(rows, index=range(len(rows)))
    if not len(frame.columns):
        frame["region"] = [str(place + 1) for place in range(len(frame))]
    measured = [
        name
        for name in frame.columns
        if pd.api.types.is_numeric_dtype(frame[name].dtype) and frame[name].duplicated().any()
    ]
    if not measured and "area (km²)" not in frame:
        frame["area (km²)"] = [float(f"{_area_km2(polygons):.5g}") for polygons in shapes]
    return frame


def _plain(properties: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    for name, value in properties.items():
        finite = isinstance(value, float) and math.isfinite(value)
        if finite or value is None or isinstance(value, (str, bool, int)):
            yield name, value


def _spellings(properties: pd.DataFrame) -> dict[str, dict[str, int]]:
    """Return the columns that tell the regions apart: spelling to place."""
    found: dict[str, dict[str, int]] = {}
    for name in properties.columns:
        cells = properties[name]
        if pd.api.types.is_float_dtype(cells.dtype) and not (cells.dropna() % 1 == 0).all():
            continue
        known = {spelling(cell): place for place, cell in enumerate(cells) if not pd.isna(cell)}
        if len(known) == int(cells.notna().sum()) >= 0.9 * len(cells):
            found[str(name)] = known
    return found or {"place in the file": {str(place + 1): place for place in range(len(properties))}}


def _names(properties: pd.DataFrame, spellings: dict[str, dict[str, int]]) -> tuple[str, ...]:
    def rank(column: str) -> tuple[int, int]:
        text = not pd.api.types.is_numeric_dtype(properties[column].dtype)
        folded = column.casefold()
        likely = next((i for i, word in enumerate(_LIKELY_NAMES) if word in folded), len(_LIKELY_NAMES))
        return (0 if text else 1, likely)

    columns = [column for column in spellings if column in properties.columns]
    if not columns:
        return tuple(f"region {place + 1}" for place in range(len(properties)))
    best = min(columns, key=rank)
    return tuple("" if pd.isna(cell) else str(cell) for cell in properties[best])
