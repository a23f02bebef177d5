"""The base class of the models."""

from __future__ import annotations

from pydantic import AfterValidator, BaseModel, ConfigDict


class Frozen(BaseModel):
    """A model that can't be changed and forbids unknown fields."""

    model_config = ConfigDict(frozen=True, extra="forbid")


def written_as(version: int) -> AfterValidator:
    """Let a field have this version, also after an earlier version was read: whatever is written has today's fields."""
    return AfterValidator(lambda _: version)
