"""All errors, by what the caller should do next; each has a hint."""

from __future__ import annotations

from typing import ClassVar


class TrustedLakeError(Exception):
    """Root of all errors that this package raises on purpose.

    Attributes:
        message: what is wrong, and where.
        hint: what to do next, as one sentence or one command.
    """

    exit_code: ClassVar[int] = 1

    def __init__(self, message: str, *, hint: str) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


class ConfigError(TrustedLakeError):
    """A wrong flag or setting: fix the call."""

    exit_code = 2


class ContractError(ConfigError):
    """The contract file is invalid.

    Attributes:
        problems: all problems, each with its line and field.
    """

    def __init__(self, message: str, *, hint: str, problems: tuple[str, ...] = ()) -> None:
        super().__init__(message, hint=hint)
        self.problems = problems or (message,)


class MissingExtraError(ConfigError):
    """An optional part of the package is not installed."""

    def __init__(self, what: str, *, extra: str) -> None:
        super().__init__(f"{what} is not installed", hint=f'pip install "trustedlake[{extra}]"')


class InputError(TrustedLakeError):
    """The source is missing or unusable: fix the data."""


class QualityGateError(TrustedLakeError):
    """A partition was refused: look at the report."""

    exit_code = 3


class EngineError(TrustedLakeError):
    """The engine failed; nothing was published."""


class ImbalanceError(QualityGateError):
    """The staged files don't have exactly the records that were read; nothing was published."""


class RetriableError(TrustedLakeError):
    """Another writer, a time-out or a changing source: run again, the state is safe."""

    exit_code = 4


class BusyError(RetriableError):
    """One call failed because of a temporary problem.

    Attributes:
        wait_s: seconds that the remote side asks to wait; None if it doesn't say.
        attempts: maximum number of times this call is worth making; None: the caller decides.
    """

    def __init__(self, message: str, *, hint: str, wait_s: float | None = None, attempts: int | None = None) -> None:
        super().__init__(message, hint=hint)
        self.wait_s = wait_s
        self.attempts = attempts


class ConflictError(RetriableError):
    """The condition of a write did not hold: someone else wrote first."""


class FatalRemoteError(TrustedLakeError):
    """The remote side refuses permanently (key, permissions, name): fix the setting."""
