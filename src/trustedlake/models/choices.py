"""What users choose from: the values of options, for the command, the library, the Glue job, the Lambda and settings.

It imports nothing, so that `--help` stays quick.
"""

from __future__ import annotations

from typing import Literal

EngineName = Literal["auto", "spark", "sail"]
"""`auto`: pysail, without Java, if the input is small enough, else Spark."""

StorageName = Literal["auto", "staged", "direct"]
"""Who reads and writes a bucket. `staged`: this machine. `direct`: Spark itself. `auto`: direct on a cluster."""

Lanes = Literal["auto", "off"]
"""`auto`: accept clearly valid records without the engine. `off`: the engine judges every record."""

OnVanished = Literal["fail", "keep", "drop"]
"""What to do with the rows of raw files that no longer exist."""

NotifyOn = Literal["failure", "always"]
"""When to run the command of `--notify`."""

SourceName = Literal["tmdb", "csv"]
"""A source of the built-in tables."""

EntityName = Literal["movies", "series"]
"""What a record of the built-in tables describes; see `models.lake.Entity`."""

GenreMatch = Literal["any", "all"]
"""Whether a film must have any of the genres, or all of them."""

RecordKind = Literal["full", "curated"]
"""`full`: the response body as TMDB sent it; `curated`: the ten fields of the source."""

DdlDialect = Literal["athena", "spark", "duckdb"]
"""Whose SQL the statements of `catalog --ddl` are in."""
