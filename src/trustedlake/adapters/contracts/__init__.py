"""Contract files: the Open Data Contract Standard in YAML or JSON, read into `models.contract`."""
