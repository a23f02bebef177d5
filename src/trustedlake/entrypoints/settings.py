"""Settings from the environment: the only module that reads it."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

if TYPE_CHECKING:
    from collections.abc import Mapping


class Settings(BaseSettings):
    """What the environment, or a file `.env` in the folder one is in, may set; a flag of a command wins over it.

    Keys to TMDB come from here only. They show as `**********` wherever the settings are printed.

    Attributes:
        lake: `TRUSTEDLAKE_LAKE`, the lake's folder.
        driver_memory: `TRUSTEDLAKE_DRIVER_MEMORY`, heap of the local Spark, as Spark writes it.
        workers: `TRUSTEDLAKE_WORKERS`, processes that frame; by default one a core, four at most.
        tmdb_url: `TRUSTEDLAKE_TMDB_URL`, address of TMDB's API, with its `/3`.
        tmdb_token, tmdb_api_key: `TMDB_TOKEN` (read access token) or `TMDB_API_KEY`.
    """

    model_config = SettingsConfigDict(
        env_prefix="TRUSTEDLAKE_",
        env_file=".env",
        env_file_encoding="utf-8",
        extra="ignore",
        hide_input_in_errors=True,
        frozen=True,
    )

    lake: str = "./lake"
    driver_memory: str = "2g"
    workers: int | None = None
    tmdb_url: str = "https://api.themoviedb.org/3"
    tmdb_token: SecretStr | None = Field(default=None, validation_alias="TMDB_TOKEN")
    tmdb_api_key: SecretStr | None = Field(default=None, validation_alias="TMDB_API_KEY")


def environment() -> Mapping[str, str]:
    """The process's environment, for what looks for programs in it."""
    return dict(os.environ)  # noqa: TID251
