"""The limits of data_sources, each with its reason; docs/limits.md lists them and a test compares."""

from __future__ import annotations

# Files ----------------------------------------------------------------------------------------------------

# While it is read, a CSV takes about ten times its size in memory: 100 MB need about 1 GB.
TABLE_FILE_BYTES = 100_000_000
# The answers to a brush take about 0.2 s of one core at five million rows; beyond that a hand notices.
TABLE_ROWS = 5_000_000
# A chooser with more columns cannot be used, and a wide file is more often a matrix than a table.
TABLE_COLUMNS = 1_000
# A Parquet or Feather file is compressed: a small one may unpack into more memory than the machine has.
TABLE_UNPACKED_BYTES = 1_000_000_000
# The XML of a workbook is parsed cell by cell: 100 MB, or 400,000 rows of five cells, take half a minute.
WORKBOOK_UNPACKED_BYTES = 100_000_000
# Bytes of a text looked at to find its delimiter: some thousand lines tell as much as all of them.
SNIFF_BYTES = 262_144

# Roles ----------------------------------------------------------------------------------------------------

# Whole numbers with at most this many different values are categories, with more they are a measure.
INTEGER_CATEGORIES = 25
# A text column with at least this share of different values names its rows: a label.
LABEL_SHARE = 0.9
# A text column is read as numbers when at least this share of its cells are numbers.
NUMERIC_SHARE = 0.8

# Different times that a slider steps through; a column with more is grouped by day, month or year.
TIMES = 240

# Questions ------------------------------------------------------------------------------------------------

# More bars than this are thinner than a pixel on most screens.
HISTOGRAM_BINS = 1_000
# A histogram whose width nobody chose has at most this many bins.
AUTOMATIC_BINS = 60
# Bar segments of one bar before the tail is collected; Africa has 52 countries.
SEGMENTS_PER_BAR = 60
# Sectors under one parent before the tail is collected; Africa has 52 countries.
TREE_CHILDREN = 60
# Sectors of a whole tree: more are thinner than a pixel; fewer children are kept until it fits.
TREE_NODES = 3_000
# Time lines of one picture; the others are named, not dropped in silence.
LINES_SHOWN = 200
# Plans and times that a table remembers, oldest forgotten first: enough for every view of a page.
TABLE_MEMORY = 64
# Masks that a table remembers, a byte a row each: enough for the predicates of all views of a page.
MASK_MEMORY = 16

# Selections -----------------------------------------------------------------------------------------------

# A selection can come from a stranger's link; pages nest two levels of "and" and "or".
PREDICATE_DEPTH = 6
# Conditions joined by one "and" or "or": a view makes one for each thing clicked.
PREDICATE_PARTS = 200
# Values of one condition, or corners of a lasso: a tail of "n others" can hold thousands of names.
PREDICATE_VALUES = 20_000
# Characters of a column's name in a condition; longer ones come from no table.
PREDICATE_TEXT = 10_000

# Images -----------------------------------------------------------------------------------------------------

# Pixels or voxels, read from the header before decoding; Pillow itself warns from 89 million on.
IMAGE_PIXELS = 80_000_000
# Decoded bytes: an image is held whole, and work on it takes about as much again.
IMAGE_BYTES = 1_000_000_000
# Features are computed for every channel; more than this is a spectrum, not a picture.
IMAGE_CHANNELS = 64
# Pages of a TIFF: each is a directory to parse before anything is known about the picture.
IMAGE_PAGES = 10_000
# The text beside a picture (OME-XML, class names): parsed whole.
IMAGE_TEXT_BYTES = 20_000_000

# Volumes ----------------------------------------------------------------------------------------------------

# Voxels of a volume, which need not fit in memory: its mask has to, a byte a voxel.
VOLUME_VOXELS = 500_000_000
# Bytes of a volume that must be held in memory, because it is compressed or was uploaded.
VOLUME_BYTES = 1_000_000_000
# Voxels along an axis: a plane of such sides is 67 million pixels, which is read for every step of a slider.
VOLUME_SIDE = 8_192
# Values from which a volume's window is told: an even sample tells percentiles to a tenth of one per cent.
WINDOW_SAMPLE = 262_144
# Radius of a synthetic lesion in mm: smaller ones are a few voxels, larger ones do not fit into the brain.
LESION_MM = 30

# Boundaries -------------------------------------------------------------------------------------------------

# Bytes of a GeoJSON file: parsed as Python lists it takes about eight times as much.
BOUNDARY_FILE_BYTES = 50_000_000
# Regions of a map: each is an SVG path; plotly.js pans 3,000 of them at a few frames a second.
BOUNDARY_REGIONS = 5_000
# Corners of all shapes together: what travels to the browser, about 20 bytes each, and is drawn at each pan.
BOUNDARY_CORNERS = 120_000
