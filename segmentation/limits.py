"""The limits of the segmentation engine, each with its reason; docs/limits.md lists them."""

from __future__ import annotations

# Label maps and drawing -------------------------------------------------------------------------------------

# Label maps are uint8 with 0 = unlabelled: a byte a pixel, and a palette PNG can carry them.
MAX_CLASSES = 255

# A name has to fit in a legend and in a table header.
MAX_CLASS_NAME = 80

# Beyond this a coordinate is a mistake, and rounding to 1/1024 px would no longer be exact in float64.
MAX_COORDINATE = 10_000_000

# One hand-drawn stroke has a few hundred vertices; a file that claims more is not a drawing.
MAX_STROKE_VERTICES = 100_000

# Strokes of one image: rasterising stays under a second, and a log of them under a few megabytes.
MAX_STROKES = 20_000

# Steps that undo can go back; each holds references, not copies.
UNDO_STEPS = 100

# Files ------------------------------------------------------------------------------------------------------

# 20 000 strokes of a few hundred vertices; JSON takes about ten times its size while it is parsed.
GEOJSON_BYTES = 100_000_000

# Computing --------------------------------------------------------------------------------------------------

# Tiles computed at once in a process: beyond this the memory bus is the limit, and a server has other users.
MAX_THREADS = 16

# Channels of one image; more means that a spatial axis was given as the channels.
MAX_CHANNELS = 64

# Reach of a filter in pixels: sigma 100. Beyond this the sigma was given in another unit than the spacing.
MAX_FILTER_RADIUS = 512

# Levels of a tree: the walk keeps one waiting branch a level. scikit-learn's full trees stay under 60.
MAX_TREE_DEPTH = 120

# Pixels of which all features may be kept at once: 100 features are 800 MB then. Larger pictures go by tile.
WHOLE_STACK_PIXELS = 2_097_152

# Pixels on which an image's class shares are estimated: their error is then below one per cent of the image.
SAMPLE_PIXELS = 8_192

# Labelled pixels that one fit learns from: more of the same stroke only cost time.
MAX_SAMPLES = 12_000

# Pixels of a tile that one thread predicts at once, with 64 features: 64 MB of planes.
TILE_PIXELS = 262_144

# Tiles of a network's output that are kept: two rows of tiles of a picture 8,000 pixels wide.
ONNX_TILES = 64

# A network of 200 MB has fifty million weights: a tile of it takes seconds on a core.
ONNX_BYTES = 200_000_000

# Contours ------------------------------------------------------------------------------------------------

# A contour is refined on a crop of at most this many pixels, larger ones are halved until they fit: about a
# second by default, and an object that large is still met within a few of its own pixels.
CONTOUR_PIXELS = 300_000
# Fewer pixels than this have no inside to learn from.
MIN_CONTOUR_PIXELS = 9

# Volumes -------------------------------------------------------------------------------------------------

# Marked voxels of a volume: nine bytes each, and more than a hundred planes filled to the brim with a brush.
MAX_SCRIBBLED = 5_000_000
# Voxels in which a random walker walks, about 100 bytes each; larger boxes are halved until they fit.
WALK_VOXELS = 2_000_000
# Triangles of a surface unless another budget is given: what a browser turns smoothly, about 2 MB.
SURFACE_TRIANGLES = 100_000

# Models --------------------------------------------------------------------------------------------------

# A forest at its largest settings takes some ten megabytes; a small zip can claim to unpack into far more.
MODEL_BYTES = 1_000_000_000
# A neural network of scikit-learn has about a hundred parts.
MODEL_PARTS = 10_000

# Regions -------------------------------------------------------------------------------------------------

# Rows of a table of regions: more are noise, not objects, and their borders would be followed one by one.
MAX_REGIONS = 200_000
