"""The pure core: bytes to records in plain Python, records to verdicts as DataFrame functions.

`facts`, `reader`, `explode`, `csv_lines` and `partition` import the standard library and pyarrow only:
they run on executors that have nothing else.
"""
