"""A second parser, and the published rows, for the audit."""
