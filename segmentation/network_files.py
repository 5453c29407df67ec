"""Opens an ONNX network that came as bytes and finds out how its maps lie on a picture; for dashboards."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

from segmentation.errors import BackendError
from segmentation.limits import ONNX_BYTES
from segmentation.onnx_features import OnnxFeatures

__all__ = ["open_network"]

STRIDES = (1, 2, 4, 8, 16, 32)
TILE = 256
# Of ImageNet, with which most published networks were trained.
MEAN, STD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)


def open_network(
    name: str, content: bytes, *, channels: int, halo: int = 32, imagenet: bool = False
) -> OnnxFeatures:
    """Open a network as features.

    Parameters
    ----------
    name : str
        Of its file.
    content : bytes
        Of an ONNX file that needs no other file.
    channels : int
        Of the pictures. A grey picture is given three times to a network of three channels.
    halo : int
        Pixels around a tile that the network sees, rounded up to its stride: as many as its maps depend on.
    imagenet : bool
        Normalise the values by ImageNet's mean and deviation; else they are 0 to 1.

    Raises
    ------
    BackendError
        No network, one that does not run here, or whose output is no maps of the picture.
    """
    if len(content) > ONNX_BYTES:
        raise BackendError(
            f"{name} has {len(content) / 1e6:,.0f} MB; at most {ONNX_BYTES / 1e6:,.0f} MB are read"
        )
    normal: dict[str, Any] = {"mean": MEAN, "std": STD} if imagenet else {}
    with tempfile.TemporaryDirectory(prefix="brushlink-") as folder:
        path = Path(folder) / (Path(name.replace("\\", "/")).name or "network.onnx")
        path.write_bytes(content)
        shape = OnnxFeatures(path).input_shape
        layout = "NHWC" if len(shape) == 4 and shape[3] in (1, 3) and shape[1] not in (1, 3) else "NCHW"
        fixed = shape[2] if len(shape) == 4 and isinstance(shape[2], int) and shape[2] > 1 else None
        problem: BackendError | None = None
        for stride in STRIDES:
            margin = -(-halo // stride) * stride
            if fixed is None:
                tile = TILE
            else:
                margin = min(margin, fixed // 4 // stride * stride)
                tile = fixed - 2 * margin
            if tile < stride or tile % stride:
                continue
            try:
                made = OnnxFeatures(path, layout=layout, stride=stride, halo=margin, tile=tile, **normal)
                made.count(channels)
            except BackendError as error:
                problem = error
            else:
                return made
    raise problem or BackendError(f"{name} wants pictures of {shape}, which cannot be cut into tiles")
