"""TMDB to Raw: windows, walks, spool, files and their certificate."""
