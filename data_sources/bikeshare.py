"""The made-up trips of the bike share of a made-up city, as a second built-in table; `trips` is its door."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import pandas as pd

from data_sources.columns import Column
from data_sources.table import Table

__all__ = ["trips"]

_TRIPS = 14_400
_SEED = 20_240_611

# District: (hill, share of the morning's starts, of the evening's, of leisure), neighbourhoods, stations.
# Morning commuters start where people live, evening ones where they work; leisure happens by the water.
_CITY: dict[str, tuple[tuple[float, float, float, float], dict[str, tuple[str, ...]]]] = {
    "Old Town": (
        (0.1, 0.10, 0.28, 0.20),
        {
            "Cathedral": ("Cathedral Square", "Bell Lane", "Archive"),
            "Market": ("Market Hall", "Fountain Street", "Grain Exchange"),
            "Ramparts": ("North Gate", "Rampart Gardens"),
        },
    ),
    "Harbour": (
        (0.0, 0.08, 0.24, 0.30),
        {
            "Docklands": ("Dock One", "Crane Yard", "Shipwright's Row", "Customs House"),
            "Fishmarket": ("Fishmarket", "Lighthouse Pier"),
            "Ferry Quay": ("Ferry Terminal", "Quay West", "Quay East"),
        },
    ),
    "Riverside": (
        (0.0, 0.16, 0.14, 0.26),
        {
            "Mill Bend": ("Old Mill", "Weir", "Mill Bend School"),
            "Willow Banks": ("Willow Park", "Boathouse", "Rowing Club"),
            "Bridgefoot": ("Bridgefoot North", "Bridgefoot South"),
        },
    ),
    "University": (
        (0.3, 0.16, 0.18, 0.10),
        {
            "Campus": ("Main Library", "Faculty of Science", "Student Union", "Botanical Garden"),
            "Observatory": ("Observatory", "Planetarium"),
            "Halls": ("Halls Court", "Refectory"),
        },
    ),
    "Hillcrest": (
        (1.0, 0.24, 0.06, 0.08),
        {
            "Upper Hillcrest": ("Summit", "Water Tower", "Vineyard Steps"),
            "Lower Hillcrest": ("Funicular", "Orchard Road", "Terrace Walk"),
            "Belvedere": ("Belvedere", "Cedar Close"),
        },
    ),
    "Northfields": (
        (0.2, 0.26, 0.10, 0.06),
        {
            "Garden Suburb": ("Allotments", "Linden Avenue", "Playground"),
            "Brickworks": ("Brickworks", "Kiln Street"),
            "Terminus": ("Tram Terminus", "Stadium", "Swimming Hall"),
        },
    ),
}
# Opened late: it belongs to no neighbourhood yet, so the hierarchy has a gap in the middle.
_UNASSIGNED = ("Harbour", "Breakwater (new)")

_MONTHS = tuple(f"2024-{month:02d}" for month in range(1, 13))
_WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_BIKES = ("classic", "electric", "cargo")
_SPEED = np.array([15.0, 19.0, 13.0])  # km/h on the flat
_MONTH_TEMPERATURE = np.array([1.5, 2.5, 6.0, 10.5, 15.0, 18.5, 20.5, 20.0, 16.0, 11.0, 6.0, 2.5])

_HOURS = np.arange(24)


def _peak(hour: float, width: float) -> np.ndarray:
    return np.exp(-(((_HOURS - hour) / width) ** 2) / 2)


_COMMUTE = 1.0 * _peak(8, 0.9) + 1.1 * _peak(17.3, 1.2) + 0.25 * _peak(12.5, 1.5) + 0.04 * _peak(21, 2)
_LEISURE = _peak(14.5, 3.0) + 0.25 * _peak(19.5, 2.0)


@lru_cache(maxsize=1)
def trips() -> Table:
    """Return 14,400 trips of the bike share of Marrowby, a city that does not exist.

    Returns
    -------
    Table
        Always the same object and the same rows (fixed seed). The hierarchy is district, neighbourhood and
        station; the time is the month of 2024. Rider's age is missing in about 8 % of the rows, more often
        for visitors; the temperature is missing for a part of October; one new station has no neighbourhood.
    """
    return Table(
        _rows(np.random.default_rng(_SEED)),
        [
            Column("district", "dimension", "District", order=tuple(_CITY)),
            Column("neighbourhood", "dimension", "Neighbourhood"),
            Column("station", "dimension", "Station", description="Where the trip began."),
            Column("month", "time", "Month"),
            Column("weekday", "dimension", "Weekday", order=_WEEKDAYS),
            Column(
                "hour", "dimension", "Hour", format="d", description="Hour of the day when the trip began."
            ),
            Column("rider", "dimension", "Rider", order=("member", "visitor")),
            Column("bike", "dimension", "Bike", order=_BIKES),
            Column("distance", "measure", "Distance", "km", ",.1f"),
            Column("duration", "measure", "Duration", "min", ",.0f", "mean"),
            Column("age", "measure", "Rider's age", "years", ",.0f", "mean"),
            Column("temperature", "measure", "Temperature", "°C", ",.1f", "mean"),
        ],
        name="trips",
        title="Bike trips of Marrowby (made up)",
        hierarchy=("district", "neighbourhood", "station"),
        root="Marrowby",
        source="Made up: a seeded random generator",
        description=(
            "14,400 trips of a bike share in 2024. City, stations and trips are invented, with commuters' "
            "peaks, weather and hills put in on purpose, so that there is something to find."
        ),
    )


def _rows(rng: np.random.Generator) -> pd.DataFrame:
    visitor = rng.random(_TRIPS) < 0.32
    month, weekday, hour = _moments(rng, visitor)
    leisure = visitor | (weekday >= 5)
    district, neighbourhood, station = _places(rng, leisure, hour, month)
    hill = np.array([shares[0] for shares, _ in _CITY.values()])[district]

    electric = np.clip(0.22 + 0.5 * hill + 0.10 * visitor, 0, 0.85)
    cargo = np.where(~visitor & (weekday == 5), 0.14, 0.04)
    draw = rng.random(_TRIPS)
    bike = np.where(draw < electric, 1, np.where(draw < electric + cargo, 2, 0))

    distance = rng.lognormal(np.where(leisure, 1.25, 0.95), 0.5) * np.where(bike == 1, 1.25, 1.0)
    distance = np.clip(distance, 0.3, 28)
    # Hills slow down those who pedal, not those with a motor; visitors stop to look.
    speed = _SPEED[bike] * np.where(bike == 1, 1.0, 1 - 0.25 * hill) * np.where(visitor, 0.7, 1.0)
    duration = distance / speed * 60 * rng.lognormal(0, 0.18, _TRIPS) + 1.5

    age = np.where(visitor, rng.gamma(9, 4.2, _TRIPS), rng.gamma(12, 3.4, _TRIPS))
    student = (district == list(_CITY).index("University")) & (rng.random(_TRIPS) < 0.65)
    age = np.clip(np.where(student, rng.normal(22, 2.2, _TRIPS), age), 16, 84).round()
    age[rng.random(_TRIPS) < np.where(visitor, 0.16, 0.042)] = np.nan

    temperature = (
        _MONTH_TEMPERATURE[month] + 3.2 * np.cos((hour - 15) / 24 * 2 * np.pi) + rng.normal(0, 3, _TRIPS)
    )
    temperature += np.where(leisure, 2.0, 0.0)  # who need not ride waits for a fine day
    temperature[(month == 9) & (rng.random(_TRIPS) < 0.22)] = np.nan

    order = np.lexsort((hour, weekday, month))
    frame = pd.DataFrame(
        {
            "district": np.array(list(_CITY))[district],
            "neighbourhood": neighbourhood,
            "station": station,
            "month": np.array(_MONTHS)[month],
            "weekday": np.array(_WEEKDAYS)[weekday],
            "hour": hour,
            "rider": np.where(visitor, "visitor", "member"),
            "bike": np.array(_BIKES)[bike],
            "distance": distance.round(1),
            "duration": duration.round(),
            "age": age,
            "temperature": temperature.round(1),
        }
    )
    return frame.iloc[order]


def _moments(rng: np.random.Generator, visitor: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Draw month, weekday and hour: members all year on working days, visitors in summer and at weekends."""
    warm = (_MONTH_TEMPERATURE - _MONTH_TEMPERATURE.min()) / np.ptp(_MONTH_TEMPERATURE)
    month = _mixed(rng, visitor, 0.5 + warm, 0.05 + warm**1.5)
    weekday = _mixed(rng, visitor, np.array([16, 17, 17, 17, 15, 10, 8]), np.array([8, 8, 9, 10, 13, 27, 25]))
    hour = _mixed(rng, visitor | (weekday >= 5), _COMMUTE, _LEISURE)
    return month, weekday, hour


def _mixed(rng: np.random.Generator, second: np.ndarray, one: np.ndarray, other: np.ndarray) -> np.ndarray:
    """Draw places with the weights `one`, or `other` where `second`."""
    first, then = (rng.choice(len(weights), _TRIPS, p=weights / weights.sum()) for weights in (one, other))
    return np.where(second, then, first)


def _places(
    rng: np.random.Generator, leisure: np.ndarray, hour: np.ndarray, month: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Draw district (as its place), neighbourhood and station."""
    shares = np.array([shares[1:] for shares, _ in _CITY.values()])
    purpose = np.where(leisure, 2, np.where(hour < 12, 0, 1))
    cumulated = np.cumsum(shares / shares.sum(axis=0), axis=0)
    district = (rng.random(_TRIPS)[None] > cumulated[:, purpose]).sum(axis=0)
    neighbourhood = np.empty(_TRIPS, dtype=object)
    station = np.empty(_TRIPS, dtype=object)
    for place, (name, (_, parts)) in enumerate(_CITY.items()):
        stops: list[tuple[str | None, str]] = [
            (part, stop) for part, stations in parts.items() for stop in stations
        ]
        if name == _UNASSIGNED[0]:
            stops.append((None, _UNASSIGNED[1]))
        weights = 1 / np.arange(2, len(stops) + 2)
        here = np.flatnonzero(district == place)
        drawn = rng.choice(len(stops), len(here), p=weights / weights.sum())
        # The new station opens in May; until then its neighbours serve.
        if name == _UNASSIGNED[0]:
            drawn = np.where((drawn == len(stops) - 1) & (month[here] < 4), 0, drawn)
        neighbourhood[here] = np.array([part for part, _ in stops], dtype=object)[drawn]
        station[here] = np.array([stop for _, stop in stops], dtype=object)[drawn]
    return district, neighbourhood, station
