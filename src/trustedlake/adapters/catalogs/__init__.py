"""Catalogs that tables are registered in."""
