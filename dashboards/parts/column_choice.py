"""A list to choose a column (or hierarchy, bin width, …) of the present table by its label; for explorers."""

from __future__ import annotations

from typing import Any

import panel_material_ui as pmui
import param

from dashboards.parts.explorer_state import ROWS, ExplorerState
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

    def words() -> dict[str, Any]:
        return {_word(state, name, item): item for item in state.param[name].objects}

    def show(*_: param.parameterized.Event) -> None:
        offered = words()
        shown = next((word for word, item in offered.items() if item == getattr(state, name)), None)
        # The words are the values: a list shows nothing for the value None.
        widget.param.update(options=list(offered), value=shown)

    def chosen(event: param.parameterized.Event) -> None:
        offered = words()
        if event.new in offered and offered[event.new] != getattr(state, name):
            state.param.update(**{name: offered[event.new]})

    widget = pmui.Select(label=parameter.label, size="small", sizing_mode="stretch_width", **options)
    show()
    widget.param.watch(chosen, "value")
    state.param.watch(show, [name, "table", "measure"])
    state.param.watch(show, name, what="objects")
    return widget


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
        return " › ".join(columns[column].label for column in state.path_columns(item))
    return columns[item].label if item in columns else str(item)
