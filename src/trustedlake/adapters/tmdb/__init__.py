"""TMDB over HTTP: its key, its answers, its errors."""
