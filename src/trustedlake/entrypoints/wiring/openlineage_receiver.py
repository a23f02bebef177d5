"""Send OpenLineage events about runs to the receiver that the user or the environment names."""

from __future__ import annotations

import logging
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from trustedlake.app.log import tell
from trustedlake.errors import ConfigError, MissingExtraError
from trustedlake.ports import UNOBSERVED

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from trustedlake.adapters.openlineage.receiver import Receiver
    from trustedlake.entrypoints.settings import Settings
    from trustedlake.ports import RunObserver

OPTION, VARIABLE = "--openlineage", "OPENLINEAGE_URL"
LIMIT_S = 5.0
"""Seconds that a run waits at its end for events that are still being sent."""


class _Target(NamedTuple):
    """Where to send events: an address, or a file; `shown` is for messages, without a password."""

    url: str
    file: str
    shown: str


def notice_in_log(message: str) -> None:
    """Log a notice as an event of the package."""
    tell("openlineage", level=logging.WARNING, message=message)


@contextmanager
def observed(
    asked: str | None,
    settings: Settings,
    *,
    option: str = OPTION,
    notice: Callable[[str], object] = notice_in_log,
    limit_s: float = LIMIT_S,
) -> Iterator[RunObserver]:
    """Open the observer of the block's runs: from the option `asked`, else from the environment, else none.

    At the end it waits `limit_s` seconds at most for unsent events. One `notice` reports events that did not arrive and
    problems with the environment's receiver; they never make a run fail.

    Raises:
        ConfigError: the user's option is invalid, or its extra is not installed.
    """
    receiver, shown = _receiver(asked, settings, option, notice)
    if receiver is None:
        yield UNOBSERVED
        return
    try:
        yield receiver
    finally:
        if problem := receiver.close(limit_s):
            notice(f"OpenLineage at {shown}: {problem}; the run itself is not affected")


def _receiver(
    asked: str | None, settings: Settings, option: str, notice: Callable[[str], object]
) -> tuple[Receiver | None, str]:
    given = asked or settings.openlineage_url
    if not given:
        return None, ""
    try:
        target = _target(given, option if asked else VARIABLE)
        if settings.openlineage_disabled.strip().casefold() == "true":
            return None, ""
        return _opened(target, settings), target.shown
    except ConfigError as error:
        if asked:
            raise
        notice(f"{error.message}: no event is sent for this run; {error.hint}")
        return None, ""


def _opened(target: _Target, settings: Settings) -> Receiver:
    what = "openlineage-python, which sends the events of runs,"
    try:
        from trustedlake.adapters.openlineage.receiver import Receiver, file_transport, http_transport

        key = settings.openlineage_api_key.get_secret_value().strip() if settings.openlineage_api_key else ""
        transport = (
            http_transport(target.url, settings.openlineage_endpoint, key)
            if target.url
            else file_transport(target.file)
        )
        return Receiver(transport, settings.openlineage_namespace)
    except Exception as error:
        if isinstance(error, ModuleNotFoundError) and (error.name or "").partition(".")[0] == "openlineage":
            raise MissingExtraError(what, extra="lineage") from error
        # A client beside older libraries than it needs, as in a Glue job.
        raise ConfigError(
            f"{what} does not work here ({type(error).__name__})",
            hint='install it again with what it needs: pip install "trustedlake[lineage]"',
        ) from error


def _target(given: str, by: str) -> _Target:
    """Parse the value of the option or variable `by`. Raises ConfigError."""
    words = given.strip()
    if "://" not in words:
        file = Path(words).expanduser().absolute()
        if file.is_dir() or not file.parent.is_dir():
            why = "is a folder" if file.is_dir() else "is in a folder that does not exist"
            raise ConfigError(f"{by} {words} {why}", hint="give it a file, or an address: http://host:5000")
        return _Target("", str(file), str(file))
    from urllib.parse import urlsplit

    from trustedlake.adapters.local.network import host_of

    try:
        parts = urlsplit(words)
        host, _ = parts.hostname, parts.port
    except ValueError:
        parts, host = urlsplit(""), None
    if parts.scheme not in {"http", "https"} or not host:
        raise ConfigError(
            f"{by} is neither an address nor a file", hint="give it as http://host:5000, or the name of a file"
        )
    if "@" in parts.netloc or parts.query or parts.fragment:
        raise ConfigError(
            f"{by} holds more than an address: a user, or something after ? or #",
            hint="the receiver's key goes into OPENLINEAGE_API_KEY, never into an address",
        )
    return _Target(words, "", host_of(words))
