"""The `brushlink` command; loads Panel only when it serves."""
