"""Asking the published tables in SQL."""
