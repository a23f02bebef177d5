"""Parquet files: what the accept lane writes, staged files read back, and single columns, rows and records."""
