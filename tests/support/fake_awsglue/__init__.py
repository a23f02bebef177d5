"""A folder for PYTHONPATH with a replacement of Glue's own library."""
