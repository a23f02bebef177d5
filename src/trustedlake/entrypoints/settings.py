"""Settings from the environment and `.env`. No other module reads them."""

from __future__ import annotations

import io
import os
import re
from pathlib import Path
from stat import S_ISDIR, S_ISREG
from typing import TYPE_CHECKING, Annotated, Any, Literal

from dotenv import dotenv_values
from pydantic import BaseModel, ConfigDict, Field, PrivateAttr, SecretStr, StringConstraints, ValidationError

from trustedlake.errors import ConfigError
from trustedlake.models.choices import EngineName, StorageName  # noqa: TC001 - pydantic reads annotations at run time

if TYPE_CHECKING:
    from collections.abc import Mapping


NAME = ".env"
LARGEST = 256 << 10

_MARKS = (
    (b"\xff\xfe\x00\x00", "utf-32"),
    (b"\x00\x00\xfe\xff", "utf-32"),
    (b"\xff\xfe", "utf-16"),
    (b"\xfe\xff", "utf-16"),
    (b"\xef\xbb\xbf", "utf-8-sig"),
)
_MANY_BLANKS = re.compile(r"[^\S\r\n]{64,}")


def read_dotenv(wanted: frozenset[str]) -> dict[str, str]:
    """Read the `wanted` variables that are not blank from `.env`; none if there is no such file.

    Raises:
        ConfigError: it is not a regular file, can't be read, or its encoding leaves a value uncertain.
    """
    values, certain = _parsed(_bytes(Path(NAME)))
    found = {name.upper(): value.strip() for name, value in values.items() if value and value.strip()}
    found = {name: value for name, value in found.items() if name in wanted}
    for name, value in found.items():
        if not certain and not value.isascii():
            raise _refused(f"{name} has letters in an unknown encoding")
        if "${" in value:
            # Environment variables are not inserted: somebody else's `.env` could send a secret away with them.
            raise _refused(f"{name} holds ${{...}}, which is not replaced here", hint="write the value itself")
    return found


def _bytes(path: Path) -> bytes:
    try:
        about = path.stat()
        if S_ISDIR(about.st_mode) and (path / "pyvenv.cfg").exists():
            return b""  # a virtual environment of that name
        if not S_ISREG(about.st_mode):
            raise _refused("it is not a file", hint="remove it, or run the command in another folder")
        with path.open("rb") as stream:
            data = stream.read(LARGEST + 1)
    except FileNotFoundError:
        if path.is_symlink():
            raise _refused("it is a link to nothing") from None
        return b""
    except OSError as error:
        raise _refused(f"it can't be read: {error.strerror}") from error
    if len(data) > LARGEST:
        raise _refused(f"it is larger than {LARGEST >> 10} KiB")
    return data


def _parsed(data: bytes) -> tuple[dict[str, str | None], bool]:
    """Return the variables, and whether the encoding is certain."""
    text, certain = _decoded(data)
    if "\0" in text:
        raise _refused("it has NUL bytes in it")
    # The parser's time grows with the square of the number of blanks in a row.
    text = _MANY_BLANKS.sub(" ", text)
    return dotenv_values(stream=io.StringIO(text), interpolate=False), certain


def _decoded(data: bytes) -> tuple[str, bool]:
    encoding = next((encoding for mark, encoding in _MARKS if data.startswith(mark)), None) or _unmarked(data)
    try:
        return data.decode(encoding or "utf-8"), True
    except UnicodeError:
        if encoding:
            raise _refused(f"it begins like {encoding.upper()}, but is not valid {encoding.upper()}") from None
    # Latin-1 or similar: ASCII is certain, which is enough if no wanted value has other letters.
    return data.decode("latin-1"), False


def _unmarked(data: bytes) -> str | None:
    """Detect UTF-16 without a byte order mark, if all of it is ASCII; else None."""
    for encoding, zeros, letters in (("utf-16-le", data[1::2], data[::2]), ("utf-16-be", data[::2], data[1::2])):
        if len(data) > 1 and not any(zeros) and all(letters):
            return encoding
    return None


def _refused(
    what: str, hint: str = "save it as plain text in UTF-8, or run the command in another folder"
) -> ConfigError:
    return ConfigError(f"the file {NAME} here: {what}", hint=hint)


PREFIX = "TRUSTEDLAKE_"
KEYS = frozenset({"TMDB_TOKEN", "TMDB_API_KEY"})
"""Variables without the prefix."""
LINEAGE = "OPENLINEAGE_"
"""Prefix of variables that OpenLineage's own client reads. They are never read from `.env`: the file may have come
with somebody else's lake, and must not set where events go, or a key."""

_READ_BY_LIBRARIES = ("AWS_", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE", "SSL_CERT_DIR")
"""Variables, or prefixes of variables, that libraries read, and for which they take an empty value literally."""


class Settings(BaseModel):
    """Settings from the environment, or from a file `.env` in the current folder; a command's flag wins over both.

    A blank value counts as not set. TMDB keys come only from here. They show as `**********` wherever the settings
    are printed.

    Attributes:
        lake: `TRUSTEDLAKE_LAKE`, the lake's folder, or `s3://bucket/prefix`.
        contracts: `TRUSTEDLAKE_CONTRACTS`, contract files and folders of such, separated as in `PATH`; used after
            those of the lake.
        engine: `TRUSTEDLAKE_ENGINE`, the engine that judges; `auto` takes pysail if it is installed and fits the data.
        storage: `TRUSTEDLAKE_STORAGE`, how to reach a bucket; `auto` is `direct` on a cluster, else `staged`.
        driver_memory: `TRUSTEDLAKE_DRIVER_MEMORY`, heap size of the local Spark, in Spark's notation.
        workers: `TRUSTEDLAKE_WORKERS`, number of framing processes; by default one per core, at most four.
        tmdb_url: `TRUSTEDLAKE_TMDB_URL`, address of TMDB's API, including `/3`.
        s3_sse, s3_kms_key: `TRUSTEDLAKE_S3_SSE` and `TRUSTEDLAKE_S3_KMS_KEY`, how a bucket encrypts what is
            written; by default the bucket decides. Credentials, region and endpoint come from the usual AWS places.
        tmdb_token, tmdb_api_key: `TMDB_TOKEN` (read access token) or `TMDB_API_KEY`.
        tmdb_secret_arn: `TRUSTEDLAKE_TMDB_SECRET_ARN`, the secret in AWS Secrets Manager that has the key; it is
            read only if neither of the two above is set.
        openlineage_url: `OPENLINEAGE_URL`, where to send events: an address or a file; `--openlineage` wins over it.
        openlineage_endpoint: `OPENLINEAGE_ENDPOINT`, the path to append to that address.
        openlineage_api_key: `OPENLINEAGE_API_KEY`, the receiver's key.
        openlineage_namespace: `OPENLINEAGE_NAMESPACE`, namespace of the jobs.
        openlineage_disabled: `OPENLINEAGE_DISABLED`, `true`: send no events.
    """

    model_config = ConfigDict(hide_input_in_errors=True, frozen=True)

    lake: str = "./lake"
    contracts: str = ""
    engine: EngineName = "auto"
    storage: StorageName = "auto"
    driver_memory: Annotated[str, StringConstraints(pattern=r"^[1-9][0-9]{0,8}[kKmMgGtT]$")] = "2g"
    workers: int | None = Field(default=None, ge=1, le=256)
    tmdb_url: str = "https://api.themoviedb.org/3"
    s3_sse: Literal["AES256", "aws:kms", "aws:kms:dsse"] | None = None
    s3_kms_key: str | None = None
    tmdb_token: SecretStr | None = None
    tmdb_api_key: SecretStr | None = None
    tmdb_secret_arn: str | None = None
    openlineage_url: str | None = None
    openlineage_endpoint: str = "api/v1/lineage"
    openlineage_api_key: SecretStr | None = None
    openlineage_namespace: str = "trustedlake"
    openlineage_disabled: str = ""
    _in_dotenv: frozenset[str] = PrivateAttr(default=frozenset())

    def __init__(self) -> None:
        """Read the environment; variables missing there come from `.env`.

        Raises:
            ConfigError: a variable has an invalid value, or `.env` can't be read.
        """
        _forget_blank_variables()
        names = {variable(field): field for field in type(self).model_fields}
        outside = {names[name]: value for name, value in variables().items() if name in names}
        here = frozenset(name for name in names if not name.startswith(LINEAGE))
        inside = {names[name]: value for name, value in read_dotenv(here).items()}
        inside = {field: value for field, value in inside.items() if field not in outside}
        try:
            super().__init__(**outside, **inside)
        except ValidationError as error:
            field, said = told(error)
            where = f"the file {NAME} here" if field in inside else "the environment"
            raise ConfigError(f"{variable(field)}: {said}", hint=f"correct it in {where}") from None
        self._in_dotenv = frozenset(inside)

    @property
    def contract_files(self) -> tuple[str, ...]:
        """The contract files and folders as separate paths."""
        return tuple(part for part in self.contracts.split(os.pathsep) if part.strip())

    def in_dotenv(self, field: str) -> bool:
        """Return whether the field's value comes from the file `.env`."""
        return field in self._in_dotenv


def variable(field: str) -> str:
    """Return the name of the variable that sets a field."""
    name = field.upper()
    return name if name in KEYS or name.startswith(LINEAGE) else PREFIX + name


def variables(prefix: str = "") -> dict[str, str]:
    """Return the non-blank environment variables that begin with `prefix`, without it, their names in upper case."""
    # Reversed, so that the upper-case spelling wins over others.
    found = {name.upper(): value for name, value in sorted(environment().items(), reverse=True) if value.strip()}
    return {name.removeprefix(prefix): value for name, value in found.items() if name.startswith(prefix)}


def _forget_blank_variables() -> None:
    """Remove blank variables that libraries read from the environment, as if they were not set.

    `docker compose` and CI turn an unset variable into `NAME=`, and boto3 then looks for a profile with an empty name.
    """
    for name, value in environment().items():
        if not value.strip() and name.startswith(_READ_BY_LIBRARIES):
            del os.environ[name]  # noqa: TID251


def told(error: ValidationError) -> tuple[str, str]:
    """Return field and message of the first problem, without the value."""
    first: Any = error.errors(include_url=False, include_input=False)[0]
    return ".".join(map(str, first["loc"])), str(first["msg"])


def environment() -> Mapping[str, str]:
    """Return the process's environment, for code that looks up programs in it."""
    return dict(os.environ)  # noqa: TID251
