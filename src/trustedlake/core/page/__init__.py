"""The page of a lake: plain functions that turn a `models.overview.Overview` into one HTML file."""
