"""Pictures and volumes: the one owner of reading images; for dashboards, commands and tests."""

from data_sources.images.bundled import BUNDLED, bundled_image
from data_sources.images.labels import IndexedImage, read_indexed
from data_sources.images.picture import VALUE_RANGES, Image
from data_sources.images.reading import read_image

__all__ = ["BUNDLED", "VALUE_RANGES", "Image", "IndexedImage", "bundled_image", "read_image", "read_indexed"]
