"""Checks Python, Java, Spark and the optional packages by their versions; imports none of the packages."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import trustedlake
from trustedlake.adapters.local.installed import hidden, installed_version, missing_for_sail
from trustedlake.adapters.spark.java import find_java
from trustedlake.adapters.spark.process_environment import of_another_spark
from trustedlake.errors import ConfigError
from trustedlake.models.doctor import Check, CheckState

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

PYTHON = ((3, 11), (3, 13))
"""The oldest and the newest Python that Spark 4.1 and this package run on."""

SPARK = ((4, 1), (3, 5))
"""The Spark versions this package is tested with, the default first."""

PYARROW = (15,)
"""The oldest pyarrow."""

SAIL = "0.7.2"
"""The only pysail version that the second engine is tested with."""

_HARMLESS = {"HADOOP_HOME"}
"""Variables that Hadoop tools set; they don't point to another Spark."""

OLDEST_BOTO3 = (1, 34)
"""The oldest boto3 that we test, the one of Glue 5.0."""


def check_software(
    environ: Mapping[str, str], installed: Callable[[str], str | None] = installed_version
) -> Iterator[Check]:
    """Check what runs the main job, then what is optional.

    Args:
        environ: the process environment, to find Java.
        installed: returns a package's version.
    """
    yield Check(name="trustedlake", state=CheckState.OK, says=trustedlake.__version__)
    yield _python()
    yield _spark(installed("pyspark"), client=installed("pyspark-client"))
    yield from _other_spark(environ)
    yield _pyarrow(installed("pyarrow"))
    if installed("pyspark") or not installed("pyspark-client"):
        yield _java(environ)
    yield _optional("orjson", installed, "for trustedlake audit", "spark")
    yield _optional("duckdb", installed, "for trustedlake query", "query")
    yield _sail(installed)
    yield _boto3(installed("boto3"))


def _python() -> Check:
    oldest, newest = PYTHON
    says = f"{sys.version.split()[0]} ({sys.executable})"
    if oldest <= sys.version_info[:2] <= newest:
        return Check(name="python", state=CheckState.OK, says=says)
    wanted = f"{_dotted(oldest)} to {_dotted(newest)}"
    return Check(
        name="python",
        state=CheckState.MISSING,
        says=f"{says}: Spark needs {wanted}",
        mend=f"in a checkout: python{_dotted(newest)} -m venv .venv && .venv/bin/pip install '.[local]'",
    )


def _spark(found: str | None, *, client: str | None) -> Check:
    mend = 'pip install "trustedlake[local]"'
    if client and found not in {None, client}:
        says = f"{found}, and pyspark-client {client} in the same place: each overwrote files of the other"
        mend = f'pip uninstall pyspark-client pyspark, then pip install "pyspark=={found}"'
        return Check(name="pyspark", state=CheckState.WARNING, says=says, mend=mend)
    if client and found is None:
        says = f"{client}, only the client: pysail can judge, Spark can't"
        return Check(name="pyspark", state=CheckState.OK, says=says)
    if found is None:
        return Check(name="pyspark", state=CheckState.MISSING, says="not installed", mend=mend)
    if _numbers(found)[:2] not in SPARK:
        says = f"{found}: tested with {' and '.join(_dotted(line) for line in SPARK)} only"
        return Check(name="pyspark", state=CheckState.WARNING, says=says, mend='pip install "pyspark==4.1.*"')
    return Check(name="pyspark", state=CheckState.OK, says=found)


def _other_spark(environ: Mapping[str, str]) -> Iterator[Check]:
    """Check whether the environment points to another Spark, or to other packages."""
    if found := hidden(environ):
        module, folder = found
        yield Check(
            name="PYTHONPATH",
            state=CheckState.MISSING,
            says=f"the {module} in {folder} hides the one that trustedlake is installed with",
            mend="unset PYTHONPATH",
        )
    if names := [name for name in of_another_spark(environ) if name not in _HARMLESS]:
        yield Check(
            name="other spark",
            state=CheckState.WARNING,
            says=f"{', '.join(names)}: set for another Spark; to-trusted starts its own and ignores them",
            mend="nothing if that is intended; spark-submit uses the other Spark (docs/how-to/cluster.md)",
            required=False,
        )


def _pyarrow(found: str | None) -> Check:
    mend = 'pip install "trustedlake[spark]"'
    if found is None:
        return Check(name="pyarrow", state=CheckState.MISSING, says="not installed", mend=mend)
    if _numbers(found) < PYARROW:
        says = f"{found}: framing and proof need {_dotted(PYARROW)} or later"
        return Check(name="pyarrow", state=CheckState.MISSING, says=says, mend=mend)
    return Check(name="pyarrow", state=CheckState.OK, says=found)


def _java(environ: Mapping[str, str]) -> Check:
    with tempfile.TemporaryDirectory(prefix="trustedlake-") as cache:
        try:
            java = find_java(environ, cache=Path(cache))
        except ConfigError as error:
            return Check(name="java", state=CheckState.MISSING, says=error.message, mend=error.hint)
    return Check(name="java", state=CheckState.OK, says=f"{java.version} from {java.source}")


def _optional(package: str, installed: Callable[[str], str | None], why: str, extra: str) -> Check:
    found = installed(package)
    if found is None:
        mend = f'pip install "trustedlake[{extra}]"'
        says = f"not installed; {why}"
        return Check(name=package, state=CheckState.MISSING, says=says, mend=mend, required=False)
    return Check(name=package, state=CheckState.OK, says=f"{found}; {why}", required=False)


def _sail(installed: Callable[[str], str | None]) -> Check:
    found, missing = installed("pysail"), missing_for_sail(installed)
    why = "a second engine, quicker for small work"
    mend = 'pip install "trustedlake[fast]"'
    if found is None:
        says = f"not installed; {why}, not needed"
        return Check(name="pysail", state=CheckState.MISSING, says=says, mend=mend, required=False)
    if missing:
        says = f"{found}; its client needs {missing}, which is not installed: auto takes Spark"
        return Check(name="pysail", state=CheckState.WARNING, says=says, mend=mend, required=False)
    if found != SAIL:
        says = f"{found}; {why}, tested with {SAIL} only"
        return Check(name="pysail", state=CheckState.WARNING, says=says, mend=mend, required=False)
    return Check(name="pysail", state=CheckState.OK, says=f"{found}; {why}", required=False)


def _boto3(found: str | None) -> Check:
    if found is not None and _numbers(found) < OLDEST_BOTO3:
        says = f"{found}; for buckets, tested with {_dotted(OLDEST_BOTO3)} or later"
        mend = f'pip install "boto3>={_dotted(OLDEST_BOTO3)}"'
        return Check(name="boto3", state=CheckState.WARNING, says=says, mend=mend, required=False)
    return _optional("boto3", lambda _: found, "for buckets", "s3")


def _numbers(text: str) -> tuple[int, ...]:
    parts = text.split(".")
    return tuple(int(part) for part in parts[: next((i for i, p in enumerate(parts) if not p.isdecimal()), len(parts))])


def _dotted(numbers: tuple[int, ...]) -> str:
    return ".".join(str(number) for number in numbers)
