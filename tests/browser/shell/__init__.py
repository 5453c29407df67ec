"""The page around a dashboard, in a real browser."""
