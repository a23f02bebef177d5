"""Data that the whole package speaks of: frozen, versioned, without behaviour on disk or network."""
