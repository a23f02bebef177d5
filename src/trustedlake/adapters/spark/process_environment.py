"""Environment variables that a library takes from the process and in no other way."""

from __future__ import annotations

import os
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_OF_SPARK = ("SPARK_", "PYSPARK_")
_OF_HADOOP = {"MASTER", "HADOOP_CONF_DIR", "YARN_CONF_DIR", "HADOOP_HOME", "HADOOP_CLASSPATH"}


def of_another_spark(environ: Mapping[str, str]) -> list[str]:
    """Names of the variables that tell pyspark of another Spark than its own: where it lies, or how it is set up."""
    return sorted(name for name in environ if name.startswith(_OF_SPARK) or name in _OF_HADOOP)


@contextmanager
def environment(variables: Mapping[str, str | None]) -> Iterator[None]:
    """Have these variables set during the block, None: not set, and what they were before after it."""
    before = {name: os.environ.get(name) for name in variables}  # noqa: TID251 - put back, nothing is decided by it
    _set(variables)
    try:
        yield
    finally:
        _set(before)


@contextmanager
def own_spark(variables: Mapping[str, str]) -> Iterator[None]:
    """Have the environment say nothing of another Spark during the block, but for these variables."""
    others: dict[str, str | None] = dict.fromkeys(of_another_spark(os.environ))  # noqa: TID251 - left out, not obeyed
    with environment(others | dict(variables)):
        yield


def _set(variables: Mapping[str, str | None]) -> None:
    environ = os.environ  # noqa: TID251 - set for pyspark and pysail and put back
    for name, value in variables.items():
        if value is None:
            environ.pop(name, None)
        else:
            environ[name] = value
