"""A second parser and a reader of the published rows, for the audit."""
