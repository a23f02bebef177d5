"""Framing: bytes to records with facts, in plain Python.

Its modules import the standard library and pyarrow only: they run on executors that have nothing else.
"""
