"""What the use cases need from outside, provided: stores, engines, clocks, processes."""
