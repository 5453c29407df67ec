"""A volume in a saved file: three planes with their crosshair, and the meshes, from disk with no network."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import Page

from dashboards.parts.volume_state import sample
from dashboards.volume import VolumeExplorer
from tests.browser.driver import Plot, wait_until

pytestmark = pytest.mark.browser

# What the project promises for the brain that comes along.
MOST_BYTES = 15_000_000
GREY_JS = """
const image = gd.querySelector('.im image');
const uri = image.getAttribute('xlink:href') || image.getAttribute('href');
return (async () => {
  const picture = new Image();
  picture.src = uri;
  await picture.decode();
  const canvas = document.createElement('canvas');
  [canvas.width, canvas.height] = [picture.width, picture.height];
  const context = canvas.getContext('2d', {willReadFrequently: true});
  context.drawImage(picture, 0, 0);
  return arg.map(([row, col]) => context.getImageData(col, row, 1, 1).data[0]);
})();
"""


def test_planes_answer_each_other_in_a_file(
    saved: Callable[..., Path], open_file: Callable[..., Page]
) -> None:
    file = saved("volume-example", lambda: VolumeExplorer(example=True))
    assert file.stat().st_size <= MOST_BYTES
    page = open_file(file)
    volume = sample("lesion-10")[0]
    axial, coronal = Plot(page, "axial"), Plot(page, "coronal")
    first = axial.js("return gd._brushlinkDeck.n")
    axial.click_point(80, 100)
    wait_until(
        page, lambda: abs(coronal.js("return gd._brushlinkDeck.n") - 132) <= 1, message="the other plane"
    )
    # A mouse points at whole pixels of the screen, which may be the voxel beside.
    n = coronal.js("return gd._brushlinkDeck.n")
    assert n == 232 - axial.js("return gd._brushlinkDeck.cross[1]")
    assert axial.js("return gd._brushlinkDeck.n") == first
    low, high = volume.window()
    probes = [(60, 70), (90, 98), (120, 120)]
    values = [float(volume.values[196 - col, n, 188 - row]) for row, col in probes]
    wanted = [round(float(np.clip((one - low) / (high - low), 0, 1)) * 255) for one in values]
    assert coronal.js(GREY_JS, probes) == wanted
    page.mouse.move(*axial.px(80, 100))
    page.mouse.wheel(0, -120)
    wait_until(page, lambda: axial.js("return gd._brushlinkDeck.n") == first + 1, message="one slice up")
    wait_until(page, lambda: coronal.js("return gd._brushlinkDeck.cross[1]") == 188 - first - 1)
    meshes = "return gd.data.filter(t => t.type === 'mesh3d' && t.i && t.i.length > 500).length"
    assert Plot(page, "3d").js(meshes) >= 2
