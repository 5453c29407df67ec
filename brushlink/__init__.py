"""The `brushlink` command; loads Panel only when it serves."""

__version__ = "0.1.0"
