"""TMDB to Raw: windows, list walks, spool, files and the certificate."""
