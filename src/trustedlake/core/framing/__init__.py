"""Framing: turn bytes into records with facts, in plain Python.

These modules import only the standard library and pyarrow, because executors may have nothing else installed.
"""
