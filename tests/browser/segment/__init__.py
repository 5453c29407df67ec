"""Browser tests of drawing and of the segmentation page."""
