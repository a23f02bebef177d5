"""What Spark raises -> errors that say what to do next."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from trustedlake.errors import TrustedLakeError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_HINTS = (
    ("No space left on device", "the disk of the work folder is full: free some space, or set TMPDIR to a larger disk"),
    ("OutOfMemoryError", "give Spark more memory: set the driver memory higher, to 4g for example"),
    ("Java heap space", "give Spark more memory: set the driver memory higher, to 4g for example"),
    ("GC overhead limit", "give Spark more memory: set the driver memory higher, to 4g for example"),
    ("Permission denied", "the work folder can't be written to: look at its rights"),
)


class EngineError(TrustedLakeError):
    """The engine failed; nothing was published."""


@contextmanager
def engine_errors(
    engine: str, doing: str, *, log: Callable[[], str] = str, but: type[Exception] | tuple[type[Exception], ...] = ()
) -> Iterator[None]:
    """Turn what pyspark raises in the block into an EngineError, the cause attached.

    `log` tells where more can be read, for the hint; empty if nowhere. Exceptions named by `but` pass.
    """
    from py4j.protocol import Py4JError, Py4JNetworkError  # noqa: PLC0415 - comes with the optional pyspark
    from pyspark.errors import PySparkException  # noqa: PLC0415

    try:
        yield
    except but:
        raise
    except (PySparkException, Py4JError, Py4JNetworkError, ConnectionError) as error:
        text = str(error)
        hint = next((hint for sign, hint in _HINTS if sign in text), "this looks like a bug, please report it")
        more = log()
        raise EngineError(
            f"{engine} failed while {doing}: {_cause(text)}", hint=f"{hint}; {more}" if more else hint
        ) from error


def _cause(text: str) -> str:
    """The line that says most: the innermost `Caused by`, else the first one."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    causes = [line.removeprefix("Caused by: ") for line in lines if line.startswith("Caused by: ")]
    return (causes[-1:] or lines[:1] or ["no reason given"])[0]
