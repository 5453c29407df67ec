"""The anatomy of a figure in a browser."""
