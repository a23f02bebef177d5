"""SQL on published tables, by DuckDB."""
