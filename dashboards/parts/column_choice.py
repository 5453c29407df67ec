"""A list to choose a column (or hierarchy, bin width, …) of the present table by its label; for explorers."""

from __future__ import annotations

from typing import Any

import panel_material_ui as pmui
import param

from dashboards.parts.explorer_state import PATH_JOIN, ROWS, ExplorerState
from data_sources.wording import number_text

__all__ = ["column_choice"]


def column_choice(parameter: param.Parameter, **options: Any) -> pmui.Select:
    """Make a list whose entries follow the table.

    Parameters
    ----------
    parameter : param.Selector
        Of an `ExplorerState`.
    **options
        For the widget.
    """
    state, name = parameter.owner, str(parameter.name)
    widget = pmui.Select(
        label=parameter.label,
        options=_words(state, name),
        value=getattr(state, name),
        size="small",
        sizing_mode="stretch_width",
        **options,
    )

    def chosen(event: param.parameterized.Event) -> None:
        if event.new != getattr(state, name):
            state.param.update(**{name: event.new})

    def refill(_: param.parameterized.Event) -> None:
        widget.param.update(options=_words(state, name), value=getattr(state, name))

    def follow(event: param.parameterized.Event) -> None:
        if widget.value != event.new:
            widget.param.update(options=_words(state, name), value=event.new)

    widget.param.watch(chosen, "value")
    state.param.watch(follow, name)
    state.param.watch(refill, ["table"])
    state.param.watch(refill, name, what="objects")
    return widget


def _words(state: ExplorerState, name: str) -> dict[str, Any]:
    return {_word(state, name, item): item for item in state.param[name].objects}


def _word(state: ExplorerState, name: str, item: Any) -> str:
    columns = state.table.columns
    if item is None:
        return {"width": "automatic", "time": "all", "stack": "nothing"}.get(name, "–")
    if item == ROWS:
        return f"Number of {state.noun}"
    if name == "width":
        unit = columns[state.measure].unit if state.measure else ""
        return f"{number_text(item)} {unit}".rstrip()
    if name == "path":
        return " › ".join(columns[column].label for column in item.split(PATH_JOIN))
    return columns[item].label if item in columns else str(item)
