"""Settings from the environment: the only module that reads it."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from pydantic_settings import BaseSettings, SettingsConfigDict

if TYPE_CHECKING:
    from collections.abc import Mapping


class Settings(BaseSettings):
    """What the environment may set; a flag of a command wins over it.

    Attributes:
        lake: `TRUSTEDLAKE_LAKE`, the lake's folder.
        driver_memory: `TRUSTEDLAKE_DRIVER_MEMORY`, heap of the local Spark, as Spark writes it.
        workers: `TRUSTEDLAKE_WORKERS`, processes that frame; by default one a core, four at most.
    """

    model_config = SettingsConfigDict(env_prefix="TRUSTEDLAKE_", frozen=True)

    lake: str = "./lake"
    driver_memory: str = "2g"
    workers: int | None = None


def environment() -> Mapping[str, str]:
    """The process's environment, for what looks for programs in it."""
    return dict(os.environ)  # noqa: TID251
