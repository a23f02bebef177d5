"""Open a lake: its address, its store, its contracts, the engine, and the use cases that work with them."""
