"""The made-up trips: the same every time, and with the stories put into them."""

from __future__ import annotations

import numpy as np

from data_sources import IsIn, trips
from data_sources.bikeshare import _rows


def test_size_gaps_and_hierarchy() -> None:
    table = trips()
    assert len(table) >= 10_000
    assert trips() is table
    assert table.hierarchy == ("district", "neighbourhood", "station")
    assert len(table.times) == 12
    assert 0.06 < table.frame.age.isna().mean() < 0.10
    tree = table.tree(color="duration")
    assert tree.values[0] == len(table)
    assert tree.place("Marrowby/Harbour/missing/Breakwater (new)") is not None
    assert "made up" in table.title
    assert "invented" in table.description
    table.check_explorable()


def test_the_same_seed_gives_the_same_trips() -> None:
    assert _rows(np.random.default_rng(3)).equals(_rows(np.random.default_rng(3)))


def test_there_is_something_to_find() -> None:
    table = trips()
    members = table.mask(IsIn("rider", ("member",)))
    weekdays = table.mask(IsIn("weekday", ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday")))
    hours = dict(zip(*_pair(table.group("hour", None, where=members & weekdays)), strict=True))
    assert min(hours[8], hours[17]) > 3 * hours[10]  # commuters' peaks
    months = table.group("month", None).values
    assert months[6] > 3 * months[0]  # July and January
    electric = table.mask(IsIn("bike", ("electric",)))
    shares = table.group("district", None, where=electric).values / table.group("district", None).values
    assert table.keys("district")[int(np.argmax(shares))] == "Hillcrest"
    ages = dict(zip(*_pair(table.group("district", "age")), strict=True))
    assert ages["University"] < min(age for key, age in ages.items() if key != "University") - 5
    riders = dict(zip(*_pair(table.group("rider", "duration")), strict=True))
    assert riders["visitor"] > 1.3 * riders["member"]


def _pair(groups):
    return groups.keys.tolist(), groups.values.tolist()
