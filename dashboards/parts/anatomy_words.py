"""What the anatomy of a figure says of a node, of an edit and of the code, as plain data; pure."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from dashboards.parts.chart_catalogue import Chart
from dashboards.parts.code_view import code_rows
from dashboards.parts.figure_code import call_code, marked_lines, python_code, short_json, shortened
from dashboards.parts.figure_nodes import editable_text
from dashboards.parts.figure_paths import Edit, applied, read_edits
from dashboards.parts.figure_schema import (
    TILED_TYPES,
    TRACE_TYPES,
    EditError,
    Path,
    Spec,
    attributes_at,
    dots,
    place_of,
    value_of,
    words_at,
)
from dashboards.parts.figure_spelling import Spelling, proof, spellings
from dashboards.parts.figure_values import json_text, literal, summary
from dashboards.parts.limits import CODE_CHARS

__all__ = ["answer_of", "code_tabs", "detail_of", "edits_from", "spelled", "whole_code"]


def edits_from(path: Path, text: str, spec: Spec) -> list[Edit]:
    """Read what was typed into a node: a value, or text without its quotes."""
    try:
        return read_edits(f"{dots(path)} = {text}", spec)
    except EditError as error:
        try:
            literal(text)
        except ValueError:
            return read_edits(f"{dots(path)} = {json.dumps(text)}", spec)
        raise error


def detail_of(path: Path, spec: Spec) -> dict[str, Any]:
    """Say everything about one place of a figure."""
    place = place_of(path, spec)
    words, may, choices = words_at(path, spec)
    value = value_of(spec, path)
    detail: dict[str, Any] = {
        "path": dots(path),
        "kind": place.kind,
        "words": words,
        "may": may,
        "choices": choices,
        "is_set": value is not None,
        "is_color": type(place.validator).__name__ == "ColorValidator",
        "text": editable_text(value) if place.kind == "value" else "",
        "attributes": [],
    }
    detail["long"] = detail["is_set"] and place.kind == "value" and not detail["text"]
    if place.kind == "object":
        present = value if isinstance(value, Mapping) else {}
        detail["attributes"] = [
            [item.name, item.kind, item.words[:220], ""]
            for item in attributes_at(place)
            if item.name not in present
        ]
    elif place.kind == "list":
        count = len(value or ())
        detail["attributes"] = [[f"[{count}]", "object", "One more.", f"{dots(path)}[{count}]"]]
    elif place.kind == "traces":
        count = len(value or ())
        detail["attributes"] = [
            [kind, "object", "", f"data[{count}].type"] for kind in TRACE_TYPES if kind not in TILED_TYPES
        ]
    return detail


def spelled(path: Path, spec: Spec) -> dict[str, Any]:
    """Show what stands at a path in three spellings."""
    value = value_of(spec, path)
    if len(path) < 2 or not editable_text(value):
        return {}
    return {"rows": [[dots(path), "", ""]], "spellings": _named([spellings(Edit(path, value), spec)])}


def _named(ways: list[Spelling]) -> list[list[str]]:
    names = ("Dots", "Underscores", "Dict")
    return [[name, "\n".join(way[n] for way in ways)] for n, name in enumerate(names)]


def answer_of(edits: list[Edit], before: Spec) -> dict[str, Any]:
    """Show edits in three spellings, with before and after."""
    spec, rows, ways, said = before, [], [], ""
    for edit in edits[:20]:
        old = value_of(spec, edit.path)
        now = "removed" if edit.value is None else summary(edit.value)
        rows.append([dots(edit.path), "not set" if old is None else summary(old), now])
        ways.append(spellings(edit, spec))
        spec = applied(spec, [edit])
    edit = edits[0]
    if len(edits) == 1 and len(edit.path) > 2 - (edit.path[0] == "layout"):
        results = proof(edit, before)
        size = len(results[0].encode())
        if len(set(results)) == 1:
            said = f"All three make the same JSON, to the byte ({size:,} bytes without columns)."
    return {"rows": rows, "spellings": _named(ways), "proof": said}


GRAPH_OBJECTS, JSON = "Graph objects", "JSON"


def code_tabs(spec: Spec, chart: Chart | None, base: Spec, edits: list[Edit]) -> list[dict[str, Any]]:
    """Make the tabs of a `CodeView`: the call that made a figure if there was one, graph objects, JSON."""
    short, before = shortened(spec), shortened(base)
    tabs = [_tab(GRAPH_OBJECTS, python_code(before), python_code(short), python=True)]
    if chart is not None:
        name = chart.library if chart.library != "graph objects" else "As it was called"
        tabs.insert(0, _tab(name, chart.call, call_code(chart, base, edits), python=True))
    return [*tabs, _tab(JSON, short_json(base), short_json(spec), python=False)]


def whole_code(name: str, spec: Spec, chart: Chart | None, base: Spec, edits: list[Edit]) -> str:
    """Return all of what a tab of `code_tabs` shows cut."""
    if name == JSON:
        return json_text(spec)
    return python_code(spec) if chart is None or name == GRAPH_OBJECTS else call_code(chart, base, edits)


def _tab(name: str, old: str, new: str, python: bool) -> dict[str, Any]:
    note = "Long lists are cut here; copying gives all of it." if "in all" in new else ""
    if len(new) > CODE_CHARS:
        note = f"The first {CODE_CHARS:,} of {len(new):,} characters; copying gives all of it."
        old, new = old[:CODE_CHARS], new[:CODE_CHARS]
    return {"name": name, "note": note, "rows": code_rows(marked_lines(old, new), python)}
