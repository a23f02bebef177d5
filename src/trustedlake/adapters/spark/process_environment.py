"""Environment variables that a library reads from the process and accepts in no other way."""

from __future__ import annotations

import os
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_OF_SPARK = ("SPARK_", "PYSPARK_")
_OF_HADOOP = {"MASTER", "HADOOP_CONF_DIR", "YARN_CONF_DIR", "HADOOP_HOME", "HADOOP_CLASSPATH"}


def of_another_spark(environ: Mapping[str, str]) -> list[str]:
    """Return the names of variables that point pyspark to another Spark: its location or its settings."""
    return sorted(name for name in environ if name.startswith(_OF_SPARK) or name in _OF_HADOOP)


@contextmanager
def environment(variables: Mapping[str, str | None]) -> Iterator[None]:
    """Set these variables in the block (None: unset) and restore the old values afterwards."""
    before = {name: os.environ.get(name) for name in variables}  # noqa: TID251 - only restored; nothing depends on it
    _set(variables)
    try:
        yield
    finally:
        _set(before)


@contextmanager
def own_spark(variables: Mapping[str, str]) -> Iterator[None]:
    """Hide all variables of another Spark in the block, and set only these."""
    others: dict[str, str | None] = dict.fromkeys(of_another_spark(os.environ))  # noqa: TID251 - only hidden, never read
    with environment(others | dict(variables)):
        yield


def _set(variables: Mapping[str, str | None]) -> None:
    environ = os.environ  # noqa: TID251 - set for pyspark and pysail, then restored
    for name, value in variables.items():
        if value is None:
            environ.pop(name, None)
        else:
            environ[name] = value
