"""Settings from the environment: the only module that reads it."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Literal

from pydantic import Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from trustedlake.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Mapping


class Settings(BaseSettings):
    """What the environment, or a file `.env` in the folder one is in, may set; a flag of a command wins over it.

    Keys to TMDB come from here only. They show as `**********` wherever the settings are printed.

    Attributes:
        lake: `TRUSTEDLAKE_LAKE`, the lake's folder, or `s3://bucket/prefix`.
        engine: `TRUSTEDLAKE_ENGINE`, which engine judges; `auto` takes pysail for what fits it, where it is installed.
        storage: `TRUSTEDLAKE_STORAGE`, how a bucket is reached; `auto` is `direct` on a cluster, else `staged`.
        driver_memory: `TRUSTEDLAKE_DRIVER_MEMORY`, heap of the local Spark, as Spark writes it.
        workers: `TRUSTEDLAKE_WORKERS`, processes that frame; by default one a core, four at most.
        tmdb_url: `TRUSTEDLAKE_TMDB_URL`, address of TMDB's API, with its `/3`.
        s3_sse, s3_kms_key: `TRUSTEDLAKE_S3_SSE` and `TRUSTEDLAKE_S3_KMS_KEY`, how a bucket is to encrypt what is
            written; by default it decides itself. Credentials, region and endpoint come from where AWS looks for them.
        tmdb_token, tmdb_api_key: `TMDB_TOKEN` (read access token) or `TMDB_API_KEY`.
        tmdb_secret_arn: `TRUSTEDLAKE_TMDB_SECRET_ARN`, the secret in AWS Secrets Manager that holds the key; it is
            read only where neither of the two is set.
    """

    model_config = SettingsConfigDict(
        env_prefix="TRUSTEDLAKE_",
        env_file=".env",
        env_file_encoding="utf-8",
        extra="ignore",
        hide_input_in_errors=True,
        frozen=True,
    )

    def __init__(self) -> None:
        """Read the environment.

        Raises:
            ConfigError: a variable has a value that it can't have.
        """
        try:
            super().__init__()
        except ValidationError as error:
            first = error.errors(include_url=False, include_input=False)[0]
            name = str(first["loc"][0])
            prefix = self.model_config["env_prefix"] if name in type(self).model_fields else ""
            raise ConfigError(
                f"{prefix}{name.upper()}: {first['msg']}",
                hint="correct it in the environment, or in the file .env here",
            ) from None

    lake: str = "./lake"
    engine: Literal["auto", "spark", "sail"] = "auto"
    storage: Literal["auto", "staged", "direct"] = "auto"
    driver_memory: str = "2g"
    workers: int | None = None
    tmdb_url: str = "https://api.themoviedb.org/3"
    s3_sse: Literal["AES256", "aws:kms", "aws:kms:dsse"] | None = None
    s3_kms_key: str | None = None
    tmdb_token: SecretStr | None = Field(default=None, validation_alias="TMDB_TOKEN")
    tmdb_api_key: SecretStr | None = Field(default=None, validation_alias="TMDB_API_KEY")
    tmdb_secret_arn: str | None = None


def environment() -> Mapping[str, str]:
    """The process's environment, for what looks for programs in it."""
    return dict(os.environ)  # noqa: TID251
