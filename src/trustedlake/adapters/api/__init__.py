"""TMDB over HTTP."""
