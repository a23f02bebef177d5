"""A lake that is opened: its address, its store, its contracts, the engine, and the use cases with them."""
