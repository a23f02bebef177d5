"""SQL on published tables, with DuckDB."""
