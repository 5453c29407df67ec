"""The page that `bench_volume_page` compares with: every slice of three planes encoded and shipped at load.

So did the app of the talk (dash-3d-image-partitioning): each slice in three layers (the picture, outlines,
what was found) as PNG data URIs, and a script in the browser that puts the layers of the chosen slice into a
figure.
"""

from __future__ import annotations

import base64
import io
from typing import Any

import numpy as np
import panel as pn
import param
import PIL.Image
from panel.custom import JSComponent

from dashboards.parts.volume_planes import planes_of
from dashboards.parts.volume_state import sample

__all__ = ["every_slice_page"]


def _png(picture: np.ndarray, mode: str) -> str:
    buffer = io.BytesIO()
    PIL.Image.fromarray(picture, mode).save(buffer, "PNG")
    return "data:image/png;base64," + base64.b64encode(buffer.getvalue()).decode()


class AllSlices(JSComponent):
    """Three figures with a slider each, and all their slices."""

    slices = param.Dict()
    sizes = param.Dict()

    _esm = """
    export function render({model}) {
      const root = document.createElement('div');
      root.className = 'reference';
      for (const [name, stack] of Object.entries(model.slices)) {
        const gd = root.appendChild(document.createElement('div'));
        const slider = root.appendChild(document.createElement('input'));
        gd.className = 'reference-' + name;
        slider.type = 'range';
        slider.max = stack.length - 1;
        slider.value = Math.floor(stack.length / 2);
        const [rows, cols] = model.sizes[name];
        const images = (n) => stack[n].map((source) => ({source, xref: 'x', yref: 'y', x: -0.5, y: -0.5,
          sizex: cols, sizey: rows, sizing: 'stretch', layer: 'below'}));
        window.Plotly.newPlot(gd, [{x: [0], y: [0], type: 'scatter', visible: false}], {
          width: 500, height: 400, xaxis: {range: [-0.5, cols - 0.5]},
          yaxis: {range: [rows - 0.5, -0.5], scaleanchor: 'x'},
          images: images(Number(slider.value))});
        gd.slider = slider;
        slider.addEventListener('input', () => {
          const n = Number(slider.value);
          window.Plotly.relayout(gd, {images: images(n)}).then(() =>
            gd.dispatchEvent(new CustomEvent('brushlink-slice', {detail: n, bubbles: true, composed: true})));
        });
      }
      return root;
    }
    """


def every_slice_page() -> Any:
    """Encode every slice of the sample, as at the start of the app of the talk."""
    volume = sample("lesion-10")[0]
    low, high = volume.window()
    grey = np.clip((volume.array().astype(np.float32) - low) * (255 / (high - low)), 0, 255).astype(np.uint8)
    slices, sizes = {}, {}
    for name, plane in planes_of(volume).items():
        clear = _png(np.zeros((*plane.shape, 4), np.uint8), "RGBA")
        slices[name] = [
            [_png(np.ascontiguousarray(plane.picture(np.take(grey, n, plane.axis))), "L"), clear, clear]
            for n in range(plane.count)
        ]
        sizes[name] = list(plane.shape)
    # A pane of Panel's brings plotly.js.
    return pn.Column(
        pn.pane.Plotly({"data": [], "layout": {"height": 40}}), AllSlices(slices=slices, sizes=sizes)
    )
