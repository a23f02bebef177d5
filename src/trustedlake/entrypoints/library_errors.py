"""The net below all adapters: what a library or the system raises, as one of our errors with a hint.

An adapter says more, since it knows what it was doing. What gets past it lands here; what is in no row is a bug.
"""

from __future__ import annotations

import errno
import os
from typing import TYPE_CHECKING, Any

from trustedlake.errors import EngineError, InputError, MissingExtraError, RetriableError, TrustedLakeError

if TYPE_CHECKING:
    from collections.abc import Callable

EXTRAS = {
    "pyarrow": "local",
    "pyspark": "local",
    "boto3": "s3",
    "botocore": "s3",
    "duckdb": "query",
    "jsonschema": "contract",
    "open_data_contract_standard": "contract",
    "openlineage": "lineage",
}
"""Module -> the extra that brings it."""

_AGAIN = "is the network up? run again: the state is safe"
_REPORT = "if the file is as its writer left it, this is a bug of trustedlake: report it with this message"


def known(error: BaseException) -> TrustedLakeError | None:
    """The error as one of ours; None if it is a bug. No text of a library about a URL is shown: it may hold a key."""
    if isinstance(error, TrustedLakeError):
        return error
    for kind in type(error).__mro__:
        if made := TABLE.get(f"{kind.__module__}.{kind.__name__}"):
            return made(error)
    return None


def _over_http(error: Any) -> TrustedLakeError:  # noqa: ANN401
    return RetriableError(f"a call over HTTP failed: {type(error).__name__}", hint=_AGAIN)


def _of_aws(error: Any) -> TrustedLakeError:  # noqa: ANN401
    from trustedlake.adapters.stores.s3_errors import refusal

    ours = refusal("AWS", "", error)
    if isinstance(ours, TrustedLakeError):
        return ours
    return InputError("AWS: there is no such object", hint="was it removed meanwhile? run again")


def _of_system(error: Any) -> TrustedLakeError | None:  # noqa: ANN401
    """The system's refusal; None for the system's way to say that a program is wrong."""
    if isinstance(error, ConnectionError | TimeoutError):
        return RetriableError(f"a connection broke: {_words(error)}", hint=_AGAIN)
    if error.errno is None and type(error) is not OSError:
        return None
    if isinstance(error, FileNotFoundError) and error.filename is None:
        return InputError("the current folder is gone", hint="change into another one, then run again")
    from pathlib import Path

    from trustedlake.adapters.stores.disk import refusal

    if isinstance(error.filename, str | bytes):
        return refusal(Path(os.fsdecode(error.filename)), error)
    if error.errno is None:
        return InputError("a library refused a file, or a connection, of this run", hint=_REPORT)
    hint = "free some space, then run again" if error.errno == errno.ENOSPC else _REPORT
    return InputError(f"the system refused: {_words(error)}", hint=hint)


def _words(error: OSError) -> str:
    return os.strerror(error.errno) if error.errno else type(error).__name__


def _of_model(error: Any) -> TrustedLakeError:  # noqa: ANN401
    first = error.errors(include_url=False, include_input=False)[0]
    place = ".".join(map(str, first["loc"])) or error.title
    return InputError(f"{error.title}: {place}: {first['msg']}", hint=_REPORT)


def _of_text(error: Any) -> TrustedLakeError:  # noqa: ANN401
    return InputError(
        f"a text can't be read or written as {error.encoding}: {error.reason}",
        hint="write names and settings in UTF-8, and set LANG to one of its locales (C.UTF-8)",
    )


def _of_memory(_error: Any) -> TrustedLakeError:  # noqa: ANN401
    return EngineError("the memory is full", hint="take a machine with more, or fewer or smaller files at once")


def _of_import(error: Any) -> TrustedLakeError | None:  # noqa: ANN401
    package = (error.name or "").partition(".")[0]
    return MissingExtraError(package, extra=EXTRAS[package]) if package in EXTRAS else None


TABLE: dict[str, Callable[[Any], TrustedLakeError | None]] = {
    "builtins.ImportError": _of_import,
    "builtins.MemoryError": _of_memory,
    "builtins.UnicodeDecodeError": _of_text,
    "builtins.UnicodeEncodeError": _of_text,
    "requests.exceptions.RequestException": _over_http,
    "urllib3.exceptions.HTTPError": _over_http,
    "botocore.exceptions.BotoCoreError": _of_aws,
    "botocore.exceptions.ClientError": _of_aws,
    "botocore.parsers.ResponseParserError": _of_aws,
    "boto3.exceptions.Boto3Error": _over_http,
    "pydantic_core._pydantic_core.ValidationError": _of_model,
    "builtins.OSError": _of_system,
}
"""Class -> what makes our error of it; the class that is nearest to the error's own counts."""
