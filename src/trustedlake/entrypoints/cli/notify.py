"""`--notify`: call a command of the user when a run has ended, with the run's report."""

from __future__ import annotations

import os
import shlex
import signal
import subprocess
import tempfile
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

import click

from trustedlake.entrypoints.settings import environment
from trustedlake.errors import ConfigError, TrustedLakeError
from trustedlake.terminal import quoted, visible

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from trustedlake.models.choices import NotifyOn

OPTION = "--notify"
LIMIT_S = 30.0
"""Seconds after which the command is killed."""

_MASK = "**********"
"""Shown in place of a secret, as in settings."""
_SHORTEST = 6
"""Minimum length of arguments to mask in the command's output; shorter ones could match anywhere."""
_LAST_BYTES = 4096


@dataclass
class Ending:
    """How a run ended: its report as JSON, and the command's exit code."""

    report: str = ""
    exit_code: int = 0


@contextmanager
def notifying(command: str | None, when: NotifyOn, *, limit_s: float = LIMIT_S) -> Iterator[Ending]:
    """Call `command` after the block, if it failed or `when` is `always`; the block fills in the ending.

    If the block raises, the command gets the JSON error document of `--json` instead of the report. The command never
    changes the block's result: if it is missing, fails or takes too long, one line on stderr says so.

    Raises:
        ConfigError: `command` is empty, or its quotes are not closed.
    """
    call = _Notification(_words(command), environment(), limit_s)
    ending = Ending()
    try:
        yield ending
    except BaseException as error:
        told = _as_told(error)
        if told is not None:
            call.run(_document(told))
        if told is error or not isinstance(told, TrustedLakeError):
            raise
        raise told from error
    if ending.exit_code or when == "always":
        call.run(ending.report)


def without_secrets(arguments: Sequence[str]) -> list[str]:
    """Return the arguments for the report, with the command of `--notify` masked, since it may contain a key."""
    kept: list[str] = []
    for given in arguments:
        if kept and kept[-1] == OPTION:
            kept.append(_MASK)
        elif given.startswith(f"{OPTION}="):
            kept.append(f"{OPTION}={_MASK}")
        else:
            kept.append(given)
    return kept


def _words(command: str | None) -> list[str]:
    if command is None:
        return []
    try:
        words = shlex.split(command)
    except ValueError as error:
        raise ConfigError(f"{OPTION}: {error}", hint="close the quotes; the command runs without a shell") from None
    if not words:
        raise ConfigError(f"{OPTION} is empty", hint=f"give it a command: {OPTION} ./tell-me.sh")
    return words


def _as_told(error: BaseException) -> BaseException | None:
    """Return the error as the user will see it; None if the run did not fail."""
    if isinstance(error, (KeyboardInterrupt, click.Abort, click.ClickException)):
        return error
    if not isinstance(error, Exception):
        return None
    from trustedlake.entrypoints.foreign_errors import as_ours

    return as_ours(error)


def _document(error: BaseException) -> str:
    """Return what `--json` prints for an error."""
    from trustedlake.entrypoints.cli.main import INTERRUPTED, error_document

    if isinstance(error, TrustedLakeError):
        code, message, hint = error.exit_code, error.message, error.hint
    elif isinstance(error, click.ClickException):
        code, message, hint = error.exit_code, error.format_message(), ""
    else:
        code, message, hint = INTERRUPTED, "interrupted", "nothing was left half done, run again to continue"
    return error_document(code, message, hint)


@dataclass(frozen=True)
class _Notification:
    """The command to call; without words nothing is called.

    Attributes:
        environ: the user's environment, as it was before the run.
    """

    words: Sequence[str]
    environ: Mapping[str, str]
    limit_s: float

    def run(self, report: str) -> None:
        """Run the command with the report on its stdin; if something goes wrong, print one line."""
        if not self.words:
            return
        try:
            problem = self._problem(report)
        except OSError as error:
            problem = error.strerror or type(error).__name__
        except ValueError:
            problem = "a null character is in it"
        if problem:
            said = f"{OPTION}: {quoted(self.words[0])}: {problem}; the run itself is not affected"
            click.echo(f"warning: {visible(said, one_line=True)}", err=True)

    def _problem(self, report: str) -> str:
        # Files, not pipes: otherwise a command that reads nothing, or leaves a process behind, would block us.
        with tempfile.TemporaryFile() as given, tempfile.TemporaryFile() as said:
            given.write(report.encode())
            given.seek(0)
            process = subprocess.Popen(  # noqa: S603 - the user's own command, without a shell
                self.words,
                stdin=given,
                stdout=subprocess.DEVNULL,
                stderr=said,
                env=self.environ,
                start_new_session=True,
            )
            try:
                code = process.wait(self.limit_s)
            except subprocess.TimeoutExpired:
                return f"stopped after {self.limit_s:g} s"
            finally:
                if process.returncode is None:
                    _kill(process)
            if not code:
                return ""
            said.seek(max(0, said.seek(0, os.SEEK_END) - _LAST_BYTES))
            lines = said.read().decode(errors="replace").strip().splitlines()
        how = f"exited with {code}" if code > 0 else f"was ended by signal {-code}"
        return f"{how}: {_masked(lines[-1], self.words)}" if lines else how


def _kill(process: subprocess.Popen[bytes]) -> None:
    """Kill the command and everything it started."""
    with suppress(OSError):
        os.killpg(process.pid, signal.SIGKILL)
    with suppress(subprocess.TimeoutExpired):
        process.wait(1)


def _masked(line: str, words: Sequence[str]) -> str:
    """Mask the command's own arguments in a line that it printed, since they may contain a key."""
    from trustedlake.adapters.local.network import without_passwords

    for word in sorted(words[1:], key=len, reverse=True):
        if len(word) >= _SHORTEST:
            line = line.replace(word, _MASK)
    return without_passwords(line)
