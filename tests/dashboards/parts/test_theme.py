"""The look: colours are told apart and stay with their category; the map ends where it says."""

import numpy as np
import pytest
from plotly.colors import get_colorscale

from dashboards.parts import theme


def test_a_category_keeps_its_colour_when_others_follow_it():
    few, more = theme.category_colors(["Asia", "Europe"]), theme.category_colors(["Asia", "Europe", "Africa"])
    assert few["Europe"] == more["Europe"]
    assert len(set(more.values())) == 3


def test_the_ends_of_the_map_are_viridis_and_gaps_are_grey():
    stops = get_colorscale("Viridis")
    shades = theme.sequential_hex(np.array([40.0, 80.0, np.nan, 90.0]), 40, 80)
    assert shades[0] == stops[0][1].lower()
    assert shades[1] == shades[3] == stops[-1][1].lower()
    assert shades[2] == theme.MISSING_COLOR


def test_one_value_alone_has_a_colour():
    assert theme.sequential_hex(np.array([5.0]), 5, 5) == theme.sequential_hex(np.array([0.5]), 0, 1)


def luminance(color):
    parts = [int(color[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return float(np.dot(linear, (0.2126, 0.7152, 0.0722)))


def contrast(one, other):
    high, low = sorted((luminance(one), luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize(("mode", "page"), [("light", "#ffffff"), ("dark", "#121212")])
def test_text_in_pictures_can_be_read(mode, page):
    """WCAG 2.1 asks for 4.5 : 1 between text and what is behind it."""
    layout = theme.template(mode)["layout"]
    for color in (layout["font"]["color"], layout["xaxis"]["tickfont"]["color"]):
        assert contrast(color, page) >= 4.5


def test_layers_merge_key_by_key():
    assert theme.merged({"a": {"b": 1, "c": 2}}, {"a": {"c": 3}}) == {"a": {"b": 1, "c": 3}}
