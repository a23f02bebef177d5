"""Raw files to framed Parquet, and staged Parquet read back."""
