"""The page of a lake: plain functions that turn a `models.status.Overview` into one HTML file."""
