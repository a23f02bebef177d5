"""The page of a lake: `models.overview` in, one HTML file out, in plain functions."""
