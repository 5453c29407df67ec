"""What is packed for the wire is the same value again when it is unpacked as linked_plot.js does it."""

import base64

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from dashboards.parts.budget import measure
from dashboards.parts.plotly_pane import SHORT, _over, packed


def unpacked(value):
    """Mirror of `unpack` in linked_plot.js."""
    if isinstance(value, dict) and value.get("packed") == "colors":
        return [f"#{r:02x}{g:02x}{b:02x}" for r, g, b in np.asarray(value["rgb"]).reshape(-1, 3)]
    if isinstance(value, dict) and value.get("packed") == "same":
        return np.full(value["count"], value["value"])
    if isinstance(value, dict) and value.get("packed") == "tenths":
        return (value["values"] / 10.0).astype(np.float32)
    if isinstance(value, dict) and value.get("packed") == "uri":
        return value["head"] + base64.b64encode(value["bytes"].tobytes()).decode()
    if isinstance(value, dict) and value.get("packed") == "texts":
        places = value["places"]
        return [value["texts"][ord(p) - 48 if isinstance(places, str) else p] for p in places]
    return value


@given(
    arrays.arrays(
        st.sampled_from([np.float64, np.float32, np.int64, np.uint8, np.int16]),
        arrays.array_shapes(max_dims=3, max_side=40),
    )
)
def test_numbers_are_exact(values):
    arrived = np.asarray(unpacked(packed(values)))
    assert arrived.shape == values.shape
    assert arrived.dtype.itemsize <= max(8, values.dtype.itemsize)
    if values.dtype == np.int64:
        assert np.array_equal(arrived.astype(np.float64), values.astype(np.float64))
    else:
        assert np.array_equal(arrived, values, equal_nan=True)


@given(st.floats(allow_nan=False, width=32), st.integers(SHORT + 1, 5_000))
def test_one_number_many_times_goes_once(number, count):
    sent = packed(np.full(count, number))
    assert not any(isinstance(member, np.ndarray) for member in sent.values())
    assert unpacked(sent).tolist() == [number] * count


@given(st.lists(st.integers(-40_000, 40_000), min_size=SHORT + 1, max_size=80))
def test_one_decimal_goes_as_16_bits(tenths):
    values = (np.array(tenths) / 10).astype(np.float32)
    sent = packed(values)
    assert np.array_equal(unpacked(sent), values)
    if max(map(abs, tenths)) < 32_767 and any(number % 10 for number in tenths):
        assert sent["values"].dtype == np.int16


@given(st.lists(st.from_regex(r"#[0-9a-f]{6}", fullmatch=True), max_size=60))
def test_colours_are_the_same(colors):
    assert unpacked(packed(colors)) == colors


@given(
    st.lists(st.sampled_from(["", "a", "#12345", "#gggggg", "ü & <b>", *map(str, range(70))]), max_size=300)
)
def test_texts_are_the_same(texts):
    assert unpacked(packed(texts)) == texts


@given(st.binary(max_size=3000), st.sampled_from(["data:image/png;base64,", "data:image/jpeg;base64,"]))
def test_pictures_are_the_same(content, head):
    uri = head + base64.b64encode(content).decode()
    assert unpacked(packed(uri)) == uri
    assert packed(uri + "%") == uri + "%"


def test_it_is_small():
    colors = np.array(["#440154", "#21918c"] * 74)
    assert measure(packed(colors)) < 0.35 * measure(colors)
    assert measure(packed(np.arange(1000.0))) <= 2000
    assert packed(np.arange(5.0)) == [0, 1, 2, 3, 4]


def test_a_member_that_changes_right_after_its_list_is_part_of_the_list():
    # plotly.js takes a whole list or edits of its members, not both at once.
    whole = [{"x": 1, "size": {"w": 5}}, {"x": 2}]
    merged = _over({"images": whole, "title.text": "a"}, {"images[0].size.w": 7, "images[1].x": 3})
    assert merged == {"images": [{"x": 1, "size": {"w": 7}}, {"x": 3}], "title.text": "a"}
    assert whole == [{"x": 1, "size": {"w": 5}}, {"x": 2}]
    assert _over({"images[0].x": 1}, {"images": []}) == {"images": []}
    assert _over({"images[0].x": 1}, {"images[1].x": 2}) == {"images[0].x": 1, "images[1].x": 2}
