"""The pure core: bytes to records in plain Python, records to verdicts as DataFrame functions.

`facts`, `partition` and all that `explode` imports need the standard library and pyarrow only: they
run on executors that have nothing else.
"""
