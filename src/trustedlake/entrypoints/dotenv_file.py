"""The file `.env` of the current folder: read where it is certain what it says, else refused in one sentence."""

from __future__ import annotations

import io
import re
from pathlib import Path
from stat import S_ISDIR, S_ISREG

from dotenv import dotenv_values

from trustedlake.errors import ConfigError

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
