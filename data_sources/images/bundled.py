"""Pictures that come inside scikit-image and scikit-learn, so need no network; for gallery and tests."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

from data_sources.errors import ImageError, did_you_mean
from data_sources.images.picture import Image
from data_sources.images.reading import read_image

__all__ = ["BUNDLED", "bundled_image"]

BUNDLED: dict[str, tuple[str, str]] = {
    "astronaut": ("scikit-image", "skimage/data/astronaut.png"),
    "brick": ("scikit-image", "skimage/data/brick.png"),
    "camera": ("scikit-image", "skimage/data/camera.png"),
    "cat": ("scikit-image", "skimage/data/chelsea.png"),
    "cell": ("scikit-image", "skimage/data/cell.png"),
    "checkerboard": ("scikit-image", "skimage/data/chessboard_GRAY.png"),
    "china": ("scikit-learn", "sklearn/datasets/images/china.jpg"),
    "clock": ("scikit-image", "skimage/data/clock_motion.png"),
    "coffee": ("scikit-image", "skimage/data/coffee.png"),
    "coins": ("scikit-image", "skimage/data/coins.png"),
    "colorwheel": ("scikit-image", "skimage/data/color.png"),
    "flower": ("scikit-learn", "sklearn/datasets/images/flower.jpg"),
    "grass": ("scikit-image", "skimage/data/grass.png"),
    "gravel": ("scikit-image", "skimage/data/gravel.png"),
    "horse": ("scikit-image", "skimage/data/horse.png"),
    "hubble": ("scikit-image", "skimage/data/hubble_deep_field.jpg"),
    "logo": ("scikit-image", "skimage/data/logo.png"),
    "microaneurysms": ("scikit-image", "skimage/data/microaneurysms.png"),
    "moon": ("scikit-image", "skimage/data/moon.png"),
    "motorcycle left": ("scikit-image", "skimage/data/motorcycle_left.png"),
    "motorcycle right": ("scikit-image", "skimage/data/motorcycle_right.png"),
    "page": ("scikit-image", "skimage/data/page.png"),
    "phantom": ("scikit-image", "skimage/data/phantom.png"),
    "retina": ("scikit-image", "skimage/data/retina.jpg"),
    "rocket": ("scikit-image", "skimage/data/rocket.jpg"),
    "text": ("scikit-image", "skimage/data/text.png"),
    "tissue": ("scikit-image", "skimage/data/ihc.png"),
}
"""Names and where each lies: the package and the file in it."""


def bundled_image(name: str) -> Image:
    """Picture called `name` in `BUNDLED`.

    Raises
    ------
    ImageError
        No such picture, or the package does not carry it.
    """
    if name not in BUNDLED:
        raise ImageError(f"there is no bundled picture {name!r}. {did_you_mean(name, BUNDLED)}")
    package, file = BUNDLED[name]
    try:
        path = Path(str(distribution(package).locate_file(file)))
    except PackageNotFoundError as error:
        raise ImageError(f"{name} comes with {package}, which is not installed") from error
    return read_image(path, name=name)
