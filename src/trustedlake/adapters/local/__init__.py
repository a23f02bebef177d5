"""This machine: its disk as a store, framing processes, files of rows, clock and processes."""
