"""Telling a catalog what is published, and comparing it with what the catalog says."""
