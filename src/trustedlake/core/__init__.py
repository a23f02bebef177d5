"""The pure core: bytes to records in plain Python, records to verdicts as DataFrame functions.

`facts`, `partition` and everything that `explode` imports need only the standard library and pyarrow: they run
on executors that have nothing else.
"""
