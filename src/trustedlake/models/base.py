"""The base class of the models."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict


class Frozen(BaseModel):
    """A model that can't be changed and forbids unknown fields."""

    model_config = ConfigDict(frozen=True, extra="forbid")
