"""Data models of the whole package: frozen and versioned; they never touch disk or network."""
