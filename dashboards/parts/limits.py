"""The limits of the dashboards, each with its reason; docs/limits.md lists them and a test compares."""

from __future__ import annotations

# Undo and links ------------------------------------------------------------------------------------------

# Steps that undo goes back: more than anybody retraces, and a snapshot is a few hundred bytes.
HISTORY_STEPS = 100
# Characters of the query of a link: what browsers, proxies, mail and chat programs all pass on whole.
URL_QUERY_CHARS = 2_000
# Characters of a query that are read: ten times what is ever written, so that junk costs nothing.
URL_READ_CHARS = 20_000

# Downloads ------------------------------------------------------------------------------------------

# Bytes of a table handed to the browser, which holds it twice (message and file) beside the server's copy.
DOWNLOAD_BYTES = 200_000_000

# Under the hood ------------------------------------------------------------------------------------------

# Events listed: what one looks through; more rows make the list itself slow.
LOG_ROWS = 200
# Milliseconds between two refreshes of the list: a hand that hovers makes up to 60 events a second.
LOG_REFRESH_MS = 250
# Events kept: enough to look back over a minute of brushing, little enough to forget about memory.
LOG_EVENTS = 500
# Characters shown of what an event carried; a lasso of a thousand vertices is said to be longer.
LOG_TEXT_CHARS = 600
# Lines of a payload on a panel of /events: what one reads; a click is twenty.
PAYLOAD_LINES = 80
# Members of a list written out in a payload; the others are counted.
PAYLOAD_MEMBERS = 12
# Characters of one value in a payload: a title fits, a picture in a data: address does not.
PAYLOAD_TEXT_CHARS = 160
# Boxes in a graph of callbacks: more are smaller than their names; those that ran come first.
GRAPH_NODES = 120

# Pictures ----------------------------------------------------------------------------------

# Bars side by side: more are thinner than their names; the others are collected in one.
BARS_SHOWN = 24
# Rows up to which a bar is built of one segment a row: Plotly redraws 1,500 segments in about 0.1 s.
SEGMENTED_ROWS = 1_500
# Segments of one bar before the smallest are collected: more cannot be hit with the mouse.
SEGMENTS_A_BAR = 16
# Ticks of a rug; evenly spaced rows beyond that, since a tick is a pixel wide.
RUG_TICKS = 1_500
# Bubbles over all panels: what Plotly repaints within a tenth of a second.
BUBBLES_SHOWN = 2_000
# Selected rows up to which each has a time line of its own: more lines are a tangle.
NAMED_LINES = 8
# Bars of a ranking: two pixels each on a large screen; of more regions the highest are shown.
RANKED_BARS = 400

# What a picture may cost the browser ---------------------------------------------------------------

# Markers, line vertices, voxels of a pane: an SVG of more stutters, a volume of 46³ still turns.
PANE_POINTS = 100_000
# Cells of heatmaps and images: a 2048² heatmap takes plotly.js two seconds to draw.
PANE_CELLS = 4_200_000
# Bytes sent for a pane: a second on a 100 Mbit/s line.
PANE_BYTES = 16_000_000
# Points of a brush that are described in full, beside the indices of all: what a tooltip would show.
BRUSH_POINTS = 200
# Markers drawn when all are asked for anyway: a WebGL picture of a million answers in a second or two.
ALL_POINTS = 1_000_000
# Voxels of an isosurface drawn when all are asked for anyway: 64³ takes plotly.js some seconds.
ALL_VOXELS = 270_000

# Images ---------------------------------------------------------------------------------------------

# Pixels up to which a picture (or a layer over it) is sent whole: then zooming and panning send nothing.
IMAGE_WHOLE_PIXELS = 1_200_000
# Images of the server's folder that are listed: a list to choose from; more are looked for in vain.
FOLDER_IMAGES = 2_000
# Folders inside the server's folder that are looked into, one in the other: plate, well, field, channel.
FOLDER_DEPTH = 4
# Bytes of a dropped image file, which arrives in one piece: 300 MB are held twice while they are read.
DROPPED_IMAGE_BYTES = 300_000_000
# Bytes of all images of one's own that a page keeps at hand, decoded: a hundred pictures of ten megapixels.
OWN_IMAGES_BYTES = 1_000_000_000
# Pixels of all label maps of one run over many images, a byte each; beyond that use the command.
APPLIED_PIXELS = 400_000_000
# Images of a project that are listed: what a list of 36 px rows can be looked through; more are counted.
LISTED_IMAGES = 500
# Regions selected at once on an image: more than a hand draws; each is rasterised at every change.
REGIONS = 100
# Lines on an image, of which the newest has its profile shown.
PROFILE_LINES = 20
# Masks kept at once: a label picture of 8 bits holds 255, but a list of them is read by people.
KEPT_MASKS = 30

# Volumes --------------------------------------------------------------------------------------------

# Characters of the neighbours of a slice that go with one turn: more would hold up the next turn.
SLICE_STOCK_BYTES = 400_000
# Triangles of a surface in the 3-D view: what a laptop turns smoothly, and 1 MB to send.
MESH_TRIANGLES = 40_000
# Triangles of a surface that is downloaded: 50 MB as STL.
MESH_FILE_TRIANGLES = 1_000_000
# Voxels of a volume in a saved file: a byte each, packed by half, and as many again while it is opened.
EXPORT_VOXELS = 20_000_000
# Bytes of a dropped volume, which arrives in one piece: 500 MB are held twice while they are read.
DROPPED_VOLUME_BYTES = 500_000_000

# The anatomy of a figure ---------------------------------------------------------------------------

# Characters of an edit that is typed: a column of 20,000 numbers, far beyond what a hand writes.
EDIT_CHARS = 200_000
# Characters of a figure that is brought from another page: what a browser keeps for a tab is 5 million.
INSPECT_CHARS = 4_000_000
# Characters of the code that is shown; copying gives all of it.
CODE_CHARS = 60_000
# Nodes of the tree of a figure: more cannot be looked through; searching finds what is set.
FIGURE_NODES = 3_000

# Work that is kept ---------------------------------------------------------------------------------

# Days for which work is kept after it was last opened or changed: a holiday and a sick note long.
STORE_DAYS = 30
# Bytes of all work together: a thousand visitors with a thousand strokes each.
STORE_BYTES = 1_000_000_000
# Bytes of one work: 20,000 strokes of some forty vertices; one visitor cannot fill the store.
STORE_WORK_BYTES = 20_000_000
# Works of one browser that are kept, over all pages; the oldest go first.
STORE_WORKS = 40
# Seconds to wait for another process that writes: transactions take milliseconds, slow disks a second.
STORE_WAIT_SECONDS = 5
# Seconds between two looks for work that is too old.
STORE_CHECK_SECONDS = 3_600

# Saved files ---------------------------------------------------------------------------------------

# Bytes of data in a saved file, before compression: a browser unpacks and holds this much in a second.
EXPORT_BYTES = 60_000_000
# Times whose pictures are in a saved file: each is drawn by Python, in light and dark, when it is saved.
EXPORT_MOMENTS = 120
# Rows times columns of which a saved file lists every column; of a larger table those that its pictures use.
EXPORT_LISTED = 2_000_000
