"""Implementations of what the use cases need from outside: stores, engines, clocks, processes."""
