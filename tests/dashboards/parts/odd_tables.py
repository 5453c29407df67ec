"""Tables that a user may bring and a picture may trip over; for the tests of explorers."""

from __future__ import annotations

import numpy as np
import pandas as pd

HOSTILE = "<img src=x onerror=alert(1)>"


def odd_tables() -> dict[str, pd.DataFrame]:
    """Return small frames by what is odd about them."""
    rng = np.random.default_rng(7)
    plain = pd.DataFrame({"town": list("abcdef"), "kind": list("xxyyzz"), "size": [1.0, 2, 3, 4, 5, 6]})
    many = pd.DataFrame(
        {"tag": [f"tag {i:03}" for i in range(500)] * 2, "value": rng.normal(size=1000), "n": range(1000)}
    )
    names = pd.DataFrame(
        {
            "name": [HOSTILE, "{x}", "%{y}", "a.b", "Ünïcode 'quoted\"", "", "a/b", "<b>bold</b>"],
            "group": [HOSTILE, HOSTILE, "g.1", "g.1", "g 2", "g 2", "g/3", "g/3"],
            "value": [1.0, 2, 3, 4, 5, 6, 7, 8],
        }
    )
    return {
        "no rows": plain.iloc[:0],
        "one row": plain.iloc[:1],
        "a measure without values": plain.assign(size=np.nan, other=[1.0, 2, 3, 4, 5, 6]),
        "every measure without values": plain.assign(size=np.nan),
        "a measure of one value": plain.assign(size=5.0),
        "zeros": plain.assign(size=0.0),
        "negative sizes": plain.assign(size=[-1.0, -2, 3, 0, 5, 6]),
        "infinite values": plain.assign(size=[1.0, np.inf, -np.inf, 4, 5, 6]),
        "huge and tiny": plain.assign(size=[1e-300, 1e300, 1, 2, 3, 4]),
        "500 categories": many,
        "only text": plain[["town", "kind"]],
        "only numbers": pd.DataFrame({"x": rng.normal(size=30), "y": rng.normal(size=30)}),
        "one column": pd.DataFrame({"x": [1.0, 2.0, 3.0]}),
        "missing categories": plain.assign(kind=["x", None, "y", None, None, "z"]),
        "dates": plain.assign(day=pd.date_range("2024-01-01", periods=6)),
        "booleans": plain.assign(big=[True, False, True, False, True, False]),
        "hostile names": names,
        "hostile columns": plain.rename(columns={"kind": HOSTILE, "size": "si.ze / <b>"}),
    }
