"""The map on a phone: its card is as high as the world is there, and a hand still selects."""

import pytest

pytestmark = [pytest.mark.browser, pytest.mark.slow]


def test_the_card_fits_the_map_on_a_phone(visit_map):
    phone = visit_map(viewport={"width": 400, "height": 800})
    assert 280 <= phone.plot().layout("height") <= 300
    assert phone.page.evaluate("document.documentElement.scrollWidth") <= 400
    phone.click(-52, -10)
    phone.until(lambda: phone.countries() == ["Brazil"], "a tap selects")
    # A wide window has room for a higher one.
    phone.page.set_viewport_size({"width": 1400, "height": 900})
    phone.until(lambda: phone.plot().layout("height") == 468, "a high card")
