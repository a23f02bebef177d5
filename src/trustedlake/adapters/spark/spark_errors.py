"""Turns what Spark raises into errors that say what to do next."""

from __future__ import annotations

import logging
import shutil
from contextlib import contextmanager
from typing import TYPE_CHECKING

from trustedlake.errors import EngineError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

_FULL = "No space left on device"
_MEMORY = "give Spark more memory, 4g for example"
_KEYS = (
    "Spark takes credentials from AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_SESSION_TOKEN, or from the machine's"
    ' role, not from a profile: eval "$(aws configure export-credentials --format env)"'
)
_PYTHON = (
    "the executors' Python needs pyarrow, pandas and the driver's version of Python; --conf spark.pyspark.python=PATH"
    " names it to spark-submit"
)
_HINTS = (
    (_FULL, "the disk is full: free some space; TMPDIR is the folder for the engine's temporary files"),
    ("OutOfMemoryError", _MEMORY),
    ("GC overhead limit", _MEMORY),
    ("Could not reserve enough space", "Spark was given more memory than this machine has: give it less"),
    ("Invalid maximum heap size", "the driver memory must be a number and a unit, 2g for example"),
    ("UnknownHostException", "this machine's own name does not resolve: add it to /etc/hosts, beside 127.0.0.1"),
    ("invalid null input: name", "Java needs a user with a name: run as such a user, or add this one to /etc/passwd"),
    ("Permission denied", "can't write to a folder: check its permissions"),
    ("Read-only file system", "can't write to a folder: its disk is read-only"),
    ("NoAuthWithAWSException", _KEYS),
    ("NoAwsCredentialsException", _KEYS),
    (
        "AccessDeniedException",
        "Spark's credentials don't allow this: they need the rights in docs/how-to/buckets.md",
    ),
    ("unresolved dependency", "Spark could not fetch the jars for S3A: is the network up? --storage staged needs none"),
    ("No module named 'pyarrow'", _PYTHON),
    ("PYTHON_VERSION_MISMATCH", _PYTHON),
    (
        "ExecutorLostFailure",
        "the executors died repeatedly: give them more memory, --executor-memory 4g for example",
    ),
)
_LOG_TAIL = 64 << 10
_DENIED = "java.nio.file.AccessDeniedException: "


@contextmanager
def engine_errors(
    engine: str,
    doing: str,
    *,
    log: Path | None = None,
    writes: Iterable[Path] = (),
    but: type[Exception] | tuple[type[Exception], ...] = (),
) -> Iterator[None]:
    """Turn what pyspark raises in the block into an EngineError with the cause attached.

    A virtual machine that dies writes the reason only to its `log`, so the hint names the log and quotes its last
    line. Engines don't name the full disk, so the hint reports the free space of each folder in `writes`. Exceptions
    in `but` pass through unchanged.
    """
    try:
        with _without_py4j_account():
            yield
    except but:
        raise
    except _failures() as error:
        said = _tail(log)
        reason = f"{error}\n{said}"
        hint = next((hint for sign, hint in _HINTS if sign in reason), "this looks like a bug, please report it")
        if _FULL in reason:
            hint += "".join(f"; {_megabytes_left(folder)} MB are left at {folder}" for folder in writes)
        if said:
            hint += f"; Spark's log is {log}; its last line: {said.splitlines()[-1].strip()}"
        raise EngineError(f"{engine} failed while {doing}: {_cause(str(error))}", hint=hint) from error


def _failures() -> tuple[type[Exception], ...]:
    """What pyspark raises when it fails."""
    from pyspark.errors import PySparkException  # noqa: PLC0415 - comes with the optional pyspark

    try:
        from py4j.protocol import Py4JError  # noqa: PLC0415
    except ModuleNotFoundError:  # Spark's thin client talks to no Java
        return (PySparkException, ConnectionError)
    return (PySparkException, Py4JError, ConnectionError)


@contextmanager
def _without_py4j_account() -> Iterator[None]:
    """Keep py4j from printing a traceback besides its exception: it logs to a root logger without a handler."""
    handler = logging.NullHandler()
    logging.getLogger().addHandler(handler)
    try:
        yield
    finally:
        logging.getLogger().removeHandler(handler)


def _megabytes_left(folder: Path) -> int:
    return shutil.disk_usage(folder).free >> 20


def _tail(log: Path | None) -> str:
    if log is None or not log.exists():
        return ""
    return log.read_bytes()[-_LOG_TAIL:].decode(errors="replace").strip()


def _cause(text: str) -> str:
    """Pick the most useful line: the one that names what is denied, else the innermost `Caused by`, else the first."""
    lines = [line.strip().removeprefix(": ") for line in text.splitlines() if line.strip()]
    causes = [line.removeprefix("Caused by: ") for line in lines if line.startswith("Caused by: ")]
    denied = [line.removeprefix("Caused by: ") for line in lines if _DENIED in line]
    return (denied[:1] or causes[-1:] or lines[:1] or ["no reason given"])[0]
