"""/region with files: what is dropped, and what is refused."""

from __future__ import annotations

import io
import struct
import zlib

import numpy as np
import PIL.Image
import pytest

from tests.browser.region.region_page import RegionPage

pytestmark = [pytest.mark.browser, pytest.mark.slow]


def written(array: np.ndarray, kind: str, mode: str | None = None) -> bytes:
    buffer = io.BytesIO()
    if kind == "NPY":
        np.save(buffer, array)
    else:
        picture = PIL.Image.fromarray(array)
        (picture.convert(mode) if mode else picture).save(buffer, kind)
    return buffer.getvalue()


def bomb() -> bytes:
    """A PNG of a few bytes that says it is 60,000 pixels wide and high."""
    head = b"IHDR" + struct.pack(">IIBBBBB", 60_000, 60_000, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + struct.pack(">I", 13) + head + struct.pack(">I", zlib.crc32(head))


def test_a_deep_image_is_read_truly_whatever_its_contrast(region: RegionPage) -> None:
    rng = np.random.default_rng(5)
    deep = rng.integers(900, 3000, (60, 80)).astype(np.uint16)
    region.drop("deep.png", written(deep, "PNG"))
    region.until(lambda: region.state.image.name == "deep.png", "the file")
    region.until(lambda: region.headline() == "All 4,800 pixels", "its size")
    region.until(lambda: region.statistics()[1] == [f"{deep.mean():,.2f}"], "its mean")
    region.do(lambda: region.state.param.update(limits=[[1000.0, 1100.0]]))
    region.image.hover_px(region.px(33, 21))
    region.until(lambda: region.readout() == f"x 33, y 21 value {deep[21, 33]:,}", "the true value")
    assert region.state.link().left_out == ("your own image",)


def test_what_is_no_image_says_so_and_the_page_stays(region: RegionPage) -> None:
    nan = np.full((4, 4), np.nan, np.float32)
    for name, content, words in (
        ("text.png", b"just some words", "which is no image we read"),
        ("bomb.png", bomb(), "3,600,000,000 pixels"),
        ("nan.npy", written(nan, "NPY"), "NaN or infinite"),
    ):
        region.drop(name, content)
        problem = region.page.get_by_text(words)
        region.until(lambda problem=problem: problem.count() > 0, name)
        assert region.state.image.name == "cat"
    colors = np.random.default_rng(1).integers(0, 255, (20, 30, 4)).astype(np.uint8)
    for name, content in (
        ("rgba.png", written(colors, "PNG")),
        ("print.jpg", written(colors[..., :3], "JPEG", "CMYK")),
        ("dot.png", written(np.full((1, 1), 200, np.uint8), "PNG")),
    ):
        region.drop(name, content)
        region.until(lambda name=name: region.state.image.name == name, name)
    region.until(lambda: region.headline() == "All 1 pixels", "one pixel")
    assert region.dashboard.counts.sum() == 1
