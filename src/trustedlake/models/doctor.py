"""What `trustedlake doctor` saw, line by line."""

from __future__ import annotations

from enum import StrEnum

from pydantic import BaseModel, ConfigDict

DOCTOR_VERSION = 1


class CheckState(StrEnum):
    """How a check came out."""

    OK = "ok"
    WARNING = "warning"
    MISSING = "missing"


class Check(BaseModel):
    """One thing that was looked at.

    Attributes:
        says: what is there.
        mend: the line that mends it; empty where nothing has to be.
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
        exit_code: 1 if something is missing that the main job needs, else 0.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    version: int = DOCTOR_VERSION
    exit_code: int
    checks: tuple[Check, ...]
