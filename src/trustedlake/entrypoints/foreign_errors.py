"""Turn exceptions of other libraries into errors that say what is wrong and what to do, in one table."""

from __future__ import annotations

import errno
import os
import sys
import tempfile
import traceback
from typing import TYPE_CHECKING, Any

from trustedlake.adapters.local.installed import hidden
from trustedlake.entrypoints.json_log import place_of
from trustedlake.entrypoints.settings import environment
from trustedlake.errors import ConfigError, EngineError, InputError, MissingExtraError, RetriableError, TrustedLakeError
from trustedlake.terminal import quoted

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
"""Module -> the extra that installs it."""

_AGAIN = "is the network up? run again: the state is safe"
_REPORT = "if the file is undamaged, this is a bug in trustedlake: report it with this message"


def known(error: BaseException) -> TrustedLakeError | None:
    """Return our error for this one; None for a bug. Library texts about URLs are never shown: they may hold a key."""
    if isinstance(error, TrustedLakeError):
        return error
    for kind in type(error).__mro__:
        if made := TABLE.get(f"{kind.__module__}.{kind.__name__}"):
            return made(error)
    return None


def _over_http(error: Any) -> TrustedLakeError:  # noqa: ANN401
    return RetriableError(f"a call over HTTP failed: {type(error).__name__}", hint=_AGAIN)


def _of_aws(error: Any) -> TrustedLakeError:  # noqa: ANN401
    from trustedlake.adapters.s3.s3_errors import refusal

    ours = refusal("AWS", "", error)
    if isinstance(ours, TrustedLakeError):
        return ours
    return InputError("AWS: there is no such object", hint="perhaps it was removed just now: run again")


def _of_system(error: Any) -> TrustedLakeError | None:  # noqa: ANN401
    """Return our error for an error of the operating system; None if it is a programming mistake."""
    if isinstance(error, ConnectionError | TimeoutError):
        return RetriableError(f"a connection broke: {_words(error)}", hint=_AGAIN)
    if error.errno is None and type(error) is not OSError:
        return None
    if isinstance(error, FileNotFoundError) and error.filename is None:
        return InputError("the current folder is gone", hint="change to another folder, then run again")
    from pathlib import Path

    from trustedlake.adapters.local.disk import refusal

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
        hint="write names and settings in UTF-8, and set LANG to a UTF-8 locale (C.UTF-8)",
    )


def _of_memory(_error: Any) -> TrustedLakeError:  # noqa: ANN401
    return EngineError("out of memory", hint="use a machine with more memory, or fewer or smaller files at once")


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
"""Class -> function that makes our error; the class nearest to the error's own in the MRO wins."""


def as_ours(error: Exception) -> TrustedLakeError:
    """Return our error for the exception; an unknown one is a bug, and its traceback goes to a file."""
    if isinstance(error, TrustedLakeError):
        return error
    try:
        require_own_packages()
    except ConfigError as hiding:
        return hiding
    return known(error) or _null_byte(error) or _bug(error)


def _null_byte(error: Exception) -> TrustedLakeError | None:
    if not isinstance(error, ValueError):
        return None
    if "null byte" not in str(error) and "null character" not in str(error):
        return None
    return ConfigError("a path with a null character", hint="look at the settings and flags that name folders")


def require_own_packages() -> None:
    """Check that our dependencies are the installed ones.

    Raises:
        ConfigError: a package on PYTHONPATH hides one of them.
    """
    if found := hidden(environment()):
        module, folder = found
        raise ConfigError(
            f"PYTHONPATH: the {module} in {folder} hides the one that trustedlake is installed with",
            hint="run it without: env -u PYTHONPATH trustedlake ...",
        )


def _bug(error: Exception) -> TrustedLakeError:
    kind = f"{type(error).__module__}.{type(error).__qualname__}".removeprefix("builtins.")
    return EngineError(
        f"unexpected error (a bug, or a fault outside trustedlake): {kind} at {place_of(error)}",
        hint=f"nothing was left half done: run again; if it happens again, report it{_kept(error)}",
    )


def _kept(error: Exception) -> str:
    """Return where the traceback is stored; only this user can read it, since its text may hold secrets."""
    lines = "".join(traceback.format_exception(error))
    try:
        with tempfile.NamedTemporaryFile(
            "w", prefix="trustedlake-bug-", suffix=".txt", encoding="utf-8", errors="backslashreplace", delete=False
        ) as file:
            file.write(f"trustedlake on Python {sys.version}\n{lines}")
    except OSError:
        return ""
    return f", with {quoted(file.name)}"
