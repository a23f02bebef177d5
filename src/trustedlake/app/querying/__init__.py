"""What a query may read."""
