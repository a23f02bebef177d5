"""Settings from the environment and `.env`: the only module that reads either."""

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
    """The variables of `.env` that are among the `wanted` ones and not blank; none where there is no such file.

    Raises:
        ConfigError: it is no file, can't be read, or it is not certain what it says.
    """
    values, certain = _parsed(_bytes(Path(NAME)))
    found = {name.upper(): value.strip() for name, value in values.items() if value and value.strip()}
    found = {name: value for name, value in found.items() if name in wanted}
    for name, value in found.items():
        if not certain and not value.isascii():
            raise _refused(f"{name} has letters in an unknown encoding")
        if "${" in value:
            # The environment's variables are not put in: a lake's file could send a secret away with them.
            raise _refused(f"{name} holds ${{...}}, which is not replaced here", hint="write the value itself")
    return found


def _bytes(path: Path) -> bytes:
    try:
        about = path.stat()
        if S_ISDIR(about.st_mode) and (path / "pyvenv.cfg").exists():
            return b""  # a virtual environment of that name
        if not S_ISREG(about.st_mode):
            raise _refused("it is no file", hint="remove it, or run the command in another folder")
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
    """Its variables, and whether its encoding is certain."""
    text, certain = _decoded(data)
    if "\0" in text:
        raise _refused("it has NUL bytes in it")
    # The parser's time grows with the square of a run of blanks.
    text = _MANY_BLANKS.sub(" ", text)
    return dotenv_values(stream=io.StringIO(text), interpolate=False), certain


def _decoded(data: bytes) -> tuple[str, bool]:
    encoding = next((encoding for mark, encoding in _MARKS if data.startswith(mark)), None) or _unmarked(data)
    try:
        return data.decode(encoding or "utf-8"), True
    except UnicodeError:
        if encoding:
            raise _refused(f"it begins as {encoding.upper()} and is not") from None
    # Latin-1 or one like it: its ASCII is certain, as long as nothing that counts has other letters.
    return data.decode("latin-1"), False


def _unmarked(data: bytes) -> str | None:
    """UTF-16 without its mark, where all of it is ASCII; None if it isn't that."""
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
"""Variables with the prefix of OpenLineage's own client. None comes from a file `.env`: it may have come with
somebody else's lake, and must not say where events go, or a key."""

_READ_BY_LIBRARIES = ("AWS_", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE", "SSL_CERT_DIR")
"""Variables, or beginnings of their names, that libraries read and take an empty value of for a value."""


class Settings(BaseModel):
    """What the environment, or a file `.env` in the folder one is in, may set; a flag of a command wins over it.

    A blank value is none. Keys to TMDB come from here only. They show as `**********` wherever the settings are
    printed.

    Attributes:
        lake: `TRUSTEDLAKE_LAKE`, the lake's folder, or `s3://bucket/prefix`.
        contracts: `TRUSTEDLAKE_CONTRACTS`, contract files and folders of such, separated as in `PATH`; they come after
            those of the lake.
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
        openlineage_url: `OPENLINEAGE_URL`, who hears of runs: an address, or a file; `--openlineage` wins over it.
        openlineage_endpoint: `OPENLINEAGE_ENDPOINT`, what is added to that address.
        openlineage_api_key: `OPENLINEAGE_API_KEY`, the receiver's key.
        openlineage_namespace: `OPENLINEAGE_NAMESPACE`, of the jobs.
        openlineage_disabled: `OPENLINEAGE_DISABLED`, `true`: nobody hears of runs.
    """

    model_config = ConfigDict(hide_input_in_errors=True, frozen=True)

    lake: str = "./lake"
    contracts: str = ""
    engine: Literal["auto", "spark", "sail"] = "auto"
    storage: Literal["auto", "staged", "direct"] = "auto"
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
        """Read the environment, and `.env` for what it doesn't say.

        Raises:
            ConfigError: a variable has a value that it can't have, or `.env` can't be read.
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
        """The contract files and folders, one by one."""
        return tuple(part for part in self.contracts.split(os.pathsep) if part.strip())

    def in_dotenv(self, field: str) -> bool:
        """Whether the field's value comes from the file `.env`."""
        return field in self._in_dotenv


def variable(field: str) -> str:
    """The variable that sets a field."""
    name = field.upper()
    return name if name in KEYS or name.startswith(LINEAGE) else PREFIX + name


def variables(prefix: str = "") -> dict[str, str]:
    """The environment's variables that are not blank, those that begin with `prefix`, without it, in upper case."""
    # Reversed, so that of two spellings the one in upper case wins.
    found = {name.upper(): value for name, value in sorted(environment().items(), reverse=True) if value.strip()}
    return {name.removeprefix(prefix): value for name, value in found.items() if name.startswith(prefix)}


def _forget_blank_variables() -> None:
    """Take the blank ones of those that libraries read out of the environment, as if they were not set.

    `docker compose` and CI make `NAME=` of a variable that is not set; boto3 looks for a profile called nothing.
    """
    for name, value in environment().items():
        if not value.strip() and name.startswith(_READ_BY_LIBRARIES):
            del os.environ[name]  # noqa: TID251


def told(error: ValidationError) -> tuple[str, str]:
    """Field and message of what is wrong first, without the value."""
    first: Any = error.errors(include_url=False, include_input=False)[0]
    return ".".join(map(str, first["loc"])), str(first["msg"])


def environment() -> Mapping[str, str]:
    """The process's environment, for what looks for programs in it."""
    return dict(os.environ)  # noqa: TID251
