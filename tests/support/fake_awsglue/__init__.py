"""A folder for PYTHONPATH, with what stands for Glue's own library."""
