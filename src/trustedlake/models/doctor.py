"""The checks of `trustedlake doctor`."""

from __future__ import annotations

from enum import StrEnum

from pydantic import BaseModel, ConfigDict

DOCTOR_VERSION = 1


class CheckState(StrEnum):
    """Result of a check."""

    OK = "ok"
    WARNING = "warning"
    MISSING = "missing"


class Check(BaseModel):
    """One check.

    Attributes:
        says: what was found.
        mend: the command that fixes it; empty if nothing needs fixing.
        required: the main job (`to-trusted`) doesn't run without it.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    state: CheckState
    says: str
    mend: str = ""
    required: bool = True


class DoctorReport(BaseModel):
    """All checks.

    Attributes:
        exit_code: 1 if something is missing that the main job needs; else 0.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    version: int = DOCTOR_VERSION
    exit_code: int
    checks: tuple[Check, ...]
