"""What the user chose, and how it is written into a link; every dashboard's state is a subclass."""

from __future__ import annotations

import copy
import json
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar
from urllib.parse import parse_qsl, quote

import param

from dashboards.parts.limits import URL_QUERY_CHARS, URL_READ_CHARS
from data_sources import BrushlinkError, Selection
from data_sources.errors import did_you_mean

__all__ = ["URL_VERSION", "DashboardState", "Link"]

URL_VERSION = 1
"""Number of the way links are written; a link with a higher one is read as far as it is understood."""

_VERSION_KEY = "v"
# Keys that other programs put into addresses; everything else that is not ours is reported.
_FOREIGN_KEYS = re.compile(r"theme|copy|utm_\w+|fbclid|gclid|bokeh-[\w-]+|token|embed", re.ASCII)
# JSON is full of quotes, which addresses write as %22; the tilde and the underscore travel as they are.
_SWAPPED = str.maketrans('"~ _', '~"_ ')
# Left unquoted because browsers leave them so: the address in the bar equals the one we wrote.
_SAFE = "~,:!*()/@$;"


@dataclass(frozen=True)
class Link:
    """A state written for an address.

    Attributes
    ----------
    query : str
        Without the question mark; empty when everything is as at first.
    left_out : tuple of str
        What the link cannot carry, in words: too long for an address, or the user's own file.
    """

    query: str
    left_out: tuple[str, ...] = ()


class DashboardState(param.Parameterized):
    """What the user chose in one dashboard: the base class of every dashboard's state.

    A subclass declares params and says in `URL_KEYS` which of them are choices. Choices are what
    undo, links and "reset" are about; other params are passing things (a hovered point). Values of
    choices are replaced, never changed in place.

    Attributes
    ----------
    URL_KEYS : dict of str to str
        Param name to the short key that stands for it in a link; in the order in which they are written.
    NOT_IN_URL : dict of str to str
        Choices that no link can carry, with the words that say so: ``{"own_table": "your own file"}``.
    IN_COPY : tuple of str
        Those of `NOT_IN_URL` that a copied link brings nevertheless, where the page keeps what is drawn.
    SET_FIRST : tuple of str
        Choices that decide what the others may be (the table before its columns). They are set first, one
        after the other in this order, so that watchers can put the other params right.
    """

    selection = param.ClassSelector(
        class_=Selection, default=Selection(), instantiate=False, allow_None=False, label="Selection"
    )

    URL_KEYS: ClassVar[dict[str, str]] = {"selection": "s"}
    NOT_IN_URL: ClassVar[dict[str, str]] = {}
    IN_COPY: ClassVar[tuple[str, ...]] = ()
    SET_FIRST: ClassVar[tuple[str, ...]] = ()

    def __init__(self, **params: Any) -> None:
        super().__init__(**params)
        self._at_first = self.snapshot()

    # -- choices --------------------------------------------------------------------------------

    @property
    def choices(self) -> list[str]:
        """Names of the params that are choices; those that decide about others first."""
        names = [*self.URL_KEYS, *(name for name in self.NOT_IN_URL if name not in self.URL_KEYS)]
        return sorted(names, key=lambda name: name not in self.SET_FIRST)

    def default(self, name: str) -> Any:
        """Return the value of a choice when nothing was chosen.

        A subclass whose defaults depend on a choice in `SET_FIRST` answers for the present one.
        """
        return self._at_first[name]

    def snapshot(self) -> dict[str, Any]:
        """Return all choices by name, to be given to `restore` later."""
        return {name: _copied(getattr(self, name)) for name in self.choices}

    def restore(self, snapshot: Mapping[str, Any]) -> None:
        """Set all choices at once; names that are missing keep their value.

        Parameters
        ----------
        snapshot : mapping of str to object
            As `snapshot` returned it.
        """
        for group in self._in_turn(list(snapshot)):
            changed = [name for name in group if snapshot[name] != getattr(self, name)]
            if changed:
                self.param.update(**{name: _copied(snapshot[name]) for name in changed})

    def _in_turn(self, names: list[str]) -> list[list[str]]:
        """Group choices as they have to be set: those that decide about others one by one, then the rest."""
        first = [[name] for name in self.SET_FIRST if name in names]
        return [*first, [name for name in names if name not in self.SET_FIRST]]

    # -- links ----------------------------------------------------------------------------------

    def link(self, shared: bool = False) -> Link:
        """Write the choices that differ from the default as a query, and say what had to be left out.

        Parameters
        ----------
        shared : bool
            Whether the link brings a copy of what is kept (`IN_COPY`).
        """
        parts: dict[str, str] = {}
        for name, key in self.URL_KEYS.items():
            value = getattr(self, name)
            if name not in self.NOT_IN_URL and value != self.default(name):
                parts[name] = f"{key}={quote(_written(value), safe=_SAFE)}"
        left_out = [
            words
            for name, words in self.NOT_IN_URL.items()
            if getattr(self, name) != self.default(name) and not (shared and name in self.IN_COPY)
        ]
        while sum(len(text) + 1 for text in parts.values()) + len(_VERSION_KEY) + 2 > URL_QUERY_CHARS:
            longest = max(parts, key=lambda name: len(parts[name]))
            del parts[longest]
            left_out.append(f"the {self.param[longest].label.lower()} (too long for an address)")
        query = "&".join([f"{_VERSION_KEY}={URL_VERSION}", *parts.values()]) if parts else ""
        return Link(query, tuple(left_out))

    def to_query(self) -> str:
        """Write the choices that differ from the default as the query of an address, without "?"."""
        return self.link().query

    def apply_query(self, query: str) -> list[str]:
        """Set all choices from the query of an address; what is not named in it goes back to its default.

        Parameters
        ----------
        query : str
            With or without the question mark. Never raises for what stands in it.

        Returns
        -------
        list of str
            What could not be read, as sentences for the user (they quote the query: escape them for HTML).
            Such a choice takes its default, the others are set as the query says.
        """
        given, problems = self._parsed(query)
        for group in self._in_turn(self.choices):
            values: dict[str, Any] = {}
            asked = set()
            for name in group:
                key = self.URL_KEYS.get(name, "")
                if name in self.NOT_IN_URL:
                    continue
                if key in given:
                    try:
                        values[name] = _read(self.param[name], given[key])
                        asked.add(name)
                        continue
                    except (ValueError, TypeError, KeyError, RecursionError, BrushlinkError) as error:
                        problems.append(self._complaint(name, given[key], error))
                values[name] = self.default(name)
            self._set_what_fits(values, asked, problems)
        return problems

    def _parsed(self, query: str) -> tuple[dict[str, str], list[str]]:
        query = query.removeprefix("?")
        if len(query) > URL_READ_CHARS:
            return {}, [
                f"The link is {len(query):,} characters long and at most {URL_READ_CHARS:,} are read; "
                "showing the page as it opens."
            ]
        given = dict(parse_qsl(query, keep_blank_values=True))
        problems = []
        version = given.pop(_VERSION_KEY, str(URL_VERSION))
        if not (version.isascii() and version.isdigit() and 1 <= int(version) <= URL_VERSION):
            problems.append(
                f"The link is of version “{_short(version)}”; this page reads version {URL_VERSION}, "
                "so parts of it may be missing."
            )
        known = set(self.URL_KEYS.values())
        problems += [
            f"“{_short(key)}” is nothing this page knows. {did_you_mean(key, sorted(known))}"
            for key in given
            if key not in known and not _FOREIGN_KEYS.fullmatch(key)
        ]
        return given, problems

    def _set_what_fits(self, values: dict[str, Any], asked: set[str], problems: list[str]) -> None:
        fitting: dict[str, Any] = {}
        for name, value in values.items():
            for candidate in (value, self.default(name)):
                if candidate == getattr(self, name):
                    break
                try:
                    # Param validates without setting: nothing is announced before all are known to be good.
                    self.param[name]._validate(candidate)
                except (ValueError, TypeError) as error:
                    if name in asked and candidate is value:
                        problems.append(self._complaint(name, _written(value), error))
                else:
                    fitting[name] = _copied(candidate)
                    break
        if fitting:
            self.param.update(**fitting)

    def _complaint(self, name: str, text: str, error: Exception) -> str:
        parameter = self.param[name]
        reason = str(error) if isinstance(error, BrushlinkError) else f"it must be {_allowed(parameter)}."
        return f"{parameter.label}: “{_short(text)}” cannot be used, {reason}"


# -- values as text -----------------------------------------------------------------------------


def _copied(value: Any) -> Any:
    return copy.deepcopy(value) if isinstance(value, list | dict | set) else value


def _short(text: str, chars: int = 60) -> str:
    return text if len(text) <= chars else text[: chars - 1] + "…"


def _written(value: Any) -> str:
    """Write a value as text; `_read` with the same param gives it back."""
    if value is None:
        return "~"
    if isinstance(value, bool):
        return "1" if value else "0"
    if isinstance(value, int | float):
        return repr(value)
    if isinstance(value, str):
        # A tilde in front marks "none"; a text that begins with one gets a second.
        return value.translate(_SPACES) if not value.startswith("~") else "~" + value.translate(_SPACES)
    if isinstance(value, Selection):
        value = value.to_json()
    elif isinstance(value, set | frozenset):
        value = sorted(value)
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False, allow_nan=False).translate(_SWAPPED)


_SPACES = str.maketrans(" _", "_ ")


def _no_constant(name: str) -> Any:
    raise ValueError(f"{name} is not a number")


def _from_json(text: str) -> Any:
    return json.loads(text.translate(_SWAPPED), parse_constant=_no_constant)


def _tupled(value: Any) -> Any:
    return tuple(_tupled(item) for item in value) if isinstance(value, list) else value


def _read(parameter: param.Parameter, text: str) -> Any:
    """Read a value of a param from text; raises ValueError or a BrushlinkError when it cannot be one."""
    if text == "~":
        return None
    if isinstance(parameter, param.Boolean):
        if text not in ("0", "1"):
            raise ValueError("not 0 or 1")
        return text == "1"
    if isinstance(parameter, param.Integer):
        return int(text)
    if isinstance(parameter, param.Number):
        number = float(text)
        if not math.isfinite(number):
            raise ValueError("not a finite number")
        return number
    if isinstance(parameter, param.ListSelector):
        return _from_json(text)
    if isinstance(parameter, param.Selector):
        plain = _plain(text)
        for choice in parameter.objects:
            if _written(choice) == text or choice == plain:
                return choice
        raise ValueError("not one of the choices")
    if isinstance(parameter, param.String):
        return _plain(text)
    if isinstance(parameter, param.Tuple):
        return _tupled(_from_json(text))
    if isinstance(parameter, param.ClassSelector):
        kind = parameter.class_
        if kind is Selection:
            return Selection.from_json(_from_json(text))
        if kind in (frozenset, set):
            return kind(_tupled(_from_json(text)))
    return _from_json(text)


def _plain(text: str) -> str:
    return text[1:].translate(_SPACES) if text.startswith("~~") else text.translate(_SPACES)


def _allowed(parameter: param.Parameter) -> str:
    """Say in words what a param takes."""
    if isinstance(parameter, param.Boolean):
        return "0 or 1"
    if isinstance(parameter, param.ListSelector):
        return "a list of its choices"
    if isinstance(parameter, param.Selector):
        names = [str(choice) for choice in parameter.objects]
        return "one of " + ", ".join(names[:8]) + (", …" if len(names) > 8 else "")
    if isinstance(parameter, param.Number):
        kind = "a whole number" if isinstance(parameter, param.Integer) else "a number"
        low, high = parameter.bounds or (None, None)
        if low is not None and high is not None:
            return f"{kind} from {low} to {high}"
        if low is not None:
            return f"{kind} from {low} on"
        return f"{kind} up to {high}" if high is not None else kind
    if isinstance(parameter, param.Tuple | param.List):
        return "a list"
    return "written as this page writes it"
