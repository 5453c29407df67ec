"""Controls made from the params of a state, for the sidebars of the dashboards."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import panel as pn
import panel_material_ui as pmui
import param

from dashboards.parts.history import History

__all__ = ["choice", "player", "section", "slider", "switch"]

# Four short words fit side by side in the sidebar; more are a list to open.
_SEGMENTS = 4
_SEGMENT_CHARS = 24
_PLAY_INTERVAL_MS = 900


def slider(parameter: param.Parameter, history: History, **options: Any) -> pn.widgets.Widget:
    """Make a slider that follows the hand, and becomes one step of history when the hand lets go.

    Parameters
    ----------
    parameter : param.Parameter
        Of a state object, e.g. ``state.param.year``: a number or range with bounds, or a selector,
        whose objects are the stops.
    history : History
        Of the same state.
    **options
        For the widget: label, format, step, description, ….

    Returns
    -------
    Widget
        Whole numbers up to 9999 are written without a thousands separator: 2007, not 2,007.
    """
    name, kind = str(parameter.name), type(parameter)
    options.setdefault("label", parameter.label)
    options.setdefault("sizing_mode", "stretch_width")
    value = getattr(parameter.owner, name)
    if isinstance(parameter, param.Selector):
        widget = pmui.DiscreteSlider(options=_stops(parameter), value=value, **options)
        _follow_objects(parameter, widget)
    else:
        low, high = parameter.bounds or (None, None)
        if low is None or high is None:
            raise TypeError(f"a slider needs both bounds; {name} has {parameter.bounds}")
        whole = isinstance(parameter, param.Integer)
        options = {
            "start": low,
            "end": high,
            "step": parameter.step or (1 if whole else (high - low) / 100),
            "format": "0" if whole and high < 10_000 else "0,0" if whole else "0[.]00",
            **options,
        }
        widgets = {param.Range: pmui.RangeSlider, param.Integer: pmui.IntSlider}
        widget = widgets.get(kind, pmui.FloatSlider)(value=value, **options)
    _join(parameter, widget, history)
    return widget


def player(parameter: param.Parameter, history: History, **options: Any) -> pn.widgets.Widget:
    """Make a slider with play, pause and step over the objects of a selector, e.g. the years.

    Playing is one step of history, made at the pause.

    Parameters
    ----------
    parameter : param.Selector
        Of a state object.
    history : History
        Of the same state.
    **options
        For the widget: interval (milliseconds), label, ….
    """
    name = str(parameter.name)
    widget = pmui.DiscretePlayer(
        **{
            "label": parameter.label,
            "options": _stops(parameter),
            "value": getattr(parameter.owner, name),
            "interval": _PLAY_INTERVAL_MS,
            "loop_policy": "once",
            "show_loop_controls": False,
            "show_value": True,
            "value_align": "start",
            "visible_buttons": ["first", "previous", "pause", "play", "next", "last"],
            "sizing_mode": "stretch_width",
            **options,
        }
    )
    _follow_objects(parameter, widget)
    _join(parameter, widget, history, moving=lambda: widget.direction != 0)
    widget.param.watch(lambda event: event.new == 0 and history.commit(), "direction")
    return widget


def choice(
    parameter: param.Parameter,
    buttons: bool | None = None,
    labels: dict[Any, str] | None = None,
    **options: Any,
) -> pn.widgets.Widget:
    """Make a control to choose one of the objects of a selector, or several of a list selector.

    Parameters
    ----------
    parameter : param.Selector or param.ListSelector
        Of a state object; new objects reach the control.
    buttons : bool, optional
        Buttons side by side or a list to open; by default what fits the sidebar.
    labels : dict, optional
        Object to the words that stand for it.
    **options
        For the widget.
    """
    objects = list(parameter.objects)
    words = [str((labels or {}).get(item, item)) for item in objects]
    many = isinstance(parameter, param.ListSelector)
    if buttons is None:
        buttons = len(words) <= _SEGMENTS and sum(map(len, words)) <= _SEGMENT_CHARS
    if buttons:
        kind = pmui.CheckButtonGroup if many else pmui.RadioButtonGroup
        options = {"size": "small", "color": "primary", **options}
    else:
        kind = pmui.MultiChoice if many else pmui.Select
        # A MultiChoice takes its size for a number of rows.
        options = options if many else {"size": "small", **options}
    options.setdefault("sizing_mode", "stretch_width")
    options.setdefault("label", parameter.label)
    if labels:
        options["options"] = dict(zip(words, objects, strict=True))
    widget = kind.from_param(parameter, **options)
    return widget


def switch(parameter: param.Parameter, **options: Any) -> pn.widgets.Widget:
    """Make a switch for a boolean."""
    options = {"label": parameter.label, "size": "small", "sizing_mode": "stretch_width", **options}
    return pmui.Switch.from_param(parameter, **options)


def section(title: str, *controls: pn.viewable.Viewable) -> pmui.Column:
    """Put a small heading over controls that belong together.

    Parameters
    ----------
    title : str
        Written by us, never from data.
    *controls
        In the order of the work.
    """
    heading = pmui.Typography(
        title,
        variant="overline",
        margin=(8, 10, 0, 10),
        sx={"letterSpacing": "0.06em", "lineHeight": 1.6, "color": "text.secondary", "fontSize": "12px"},
    )
    return pmui.Column(heading, *controls, sizing_mode="stretch_width", margin=0)


# -- inside -------------------------------------------------------------------------------------


def _stops(parameter: param.Parameter) -> dict[str, Any]:
    return {"all" if item is None else str(item): item for item in parameter.objects}


def _follow_objects(parameter: param.Parameter, widget: pn.widgets.Widget) -> None:
    def refill(_: param.parameterized.Event) -> None:
        stops = _stops(parameter)
        value = getattr(parameter.owner, str(parameter.name))
        if value not in stops.values():
            value = next(iter(stops.values()), None)
        widget.param.update(options=stops, value=value)

    parameter.owner.param.watch(refill, str(parameter.name), what="objects")


def _join(
    parameter: param.Parameter,
    widget: pn.widgets.Widget,
    history: History,
    moving: Callable[[], bool] = lambda: False,
) -> None:
    """Link widget and param both ways: `value` while dragged, one step of history when released."""
    state, name = parameter.owner, str(parameter.name)

    def from_hand(event: param.parameterized.Event) -> None:
        if event.new != getattr(state, name):
            with history.dragging():
                state.param.update(**{name: event.new})

    def released(_: param.parameterized.Event) -> None:
        if not moving():
            history.commit()

    def from_state(event: param.parameterized.Event) -> None:
        if widget.value != event.new:
            widget.value = event.new

    widget.param.watch(from_hand, "value")
    widget.param.watch(released, "value_throttled", onlychanged=False)
    state.param.watch(from_state, name)
