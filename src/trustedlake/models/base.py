"""What all models are made from."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict


class Frozen(BaseModel):
    """A model whose fields are fixed, and are all there are."""

    model_config = ConfigDict(frozen=True, extra="forbid")
