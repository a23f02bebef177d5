"""What other code raises, as errors that say what is wrong and what next: nothing passes through here."""

from __future__ import annotations

import sys
import tempfile
import traceback

from trustedlake.adapters.installed import hidden
from trustedlake.entrypoints.json_log import place_of
from trustedlake.entrypoints.library_errors import known
from trustedlake.entrypoints.settings import environment
from trustedlake.errors import ConfigError, EngineError, TrustedLakeError
from trustedlake.text import quoted


def as_ours(error: Exception) -> TrustedLakeError:
    """The error as one of ours; what nothing here knows is a bug, whose traceback goes to a file."""
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
    """Look whether the packages that this one is built on are the installed ones.

    Raises:
        ConfigError: PYTHONPATH hides one behind another.
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
        f"a bug, or a surprise from outside: {kind} at {place_of(error)}",
        hint=f"nothing is half done: run again, and report it if it comes again{_kept(error)}",
    )


def _kept(error: Exception) -> str:
    """Where the traceback lies, readable for this user alone: its text may hold anything."""
    lines = "".join(traceback.format_exception(error))
    try:
        with tempfile.NamedTemporaryFile(
            "w", prefix="trustedlake-bug-", suffix=".txt", encoding="utf-8", errors="backslashreplace", delete=False
        ) as file:
            file.write(f"trustedlake on Python {sys.version}\n{lines}")
    except OSError:
        return ""
    return f", with {quoted(file.name)}"
