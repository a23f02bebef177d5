"""The bytes of a raw file: hash, decompress and decode them, or refuse them with the reason."""

from __future__ import annotations

import codecs
import gzip
import hashlib
import io
import zlib
from typing import TYPE_CHECKING, Any, BinaryIO, cast

from trustedlake.core.file_names import is_compressed
from trustedlake.errors import InputError
from trustedlake.wording import some

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

MAX_WHOLE = 256 << 20
"""Bytes of content that may be in memory at once; a larger file must consist of lines."""

BLOCK = 8 << 20
"""Bytes to read at once if the content consists of lines."""

_UTF16_OR_32_MARKS = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE, codecs.BOM_UTF32_BE)
_GZIP_MARK = b"\x1f\x8b"
_AGAIN = "fetch or write the file again"


DRAFT = "trustedlake contract init --from FILE"
"""The next command in hints. It doesn't name the file, so that all files with one problem get the same hint."""


_SHOWN_NAMES = 8
_SHOWN_CHARS = 80


def shown_names(names: Sequence[str]) -> str:
    """List the first names, each cut."""
    return some((name[:_SHOWN_CHARS] for name in names), _SHOWN_NAMES) or "none"


class UnreadableError(InputError):
    """A raw file that can't be framed at all; framing puts the problem and the hint into the facts.

    Attributes:
        found: what is known of its records anyway, with the names of FileFacts: `unframed`, `absent`, `unknown`,
            `samples`, `examples`.
    """

    def __init__(self, message: str, *, hint: str, found: Mapping[str, Any] | None = None) -> None:
        super().__init__(message, hint=hint)
        self.found = found or {}


class Source:
    """A raw file's content: hashes bytes as they are read, and decompresses them if the name ends in `.gz`.

    Attributes:
        size: number of bytes read so far, as stored in Raw.
        compressed: the content is decompressed.
    """

    def __init__(self, stream: BinaryIO, path: str) -> None:
        self._stream = stream
        self.compressed = is_compressed(path)
        self._begin()

    def _begin(self) -> None:
        self.size = 0
        self._sha256 = hashlib.sha256()
        self._content = gzip.GzipFile(fileobj=cast("BinaryIO", _Tap(self)), mode="rb") if self.compressed else None

    def rewind(self) -> None:
        """Start again from the first byte."""
        self._stream.seek(0)
        self._begin()

    def read_raw(self, size: int) -> bytes:
        """Read the next bytes as stored in Raw."""
        data = self._stream.read(size)
        self._sha256.update(data)
        self.size += len(data)
        return data

    def read(self, size: int) -> bytes:
        """Read the next `size` bytes of content; fewer only at the end.

        Raises:
            UnreadableError: the gzip stream is truncated or damaged.
        """
        if self._content is None:
            return self.read_raw(size)
        try:
            return self._content.read(size)
        except EOFError:
            raise UnreadableError(f"byte {self.size}: the gzip stream is truncated", hint=_AGAIN) from None
        except (gzip.BadGzipFile, zlib.error) as error:
            raise UnreadableError(
                f"byte {self.size} or before: invalid gzip data ({error})",
                hint=f"{_AGAIN}; only compressed files may be named .gz",
            ) from None

    def blocks(self, size: int = BLOCK) -> Iterator[bytes]:
        """Yield the rest of the content, `size` bytes at a time."""
        while block := self.read(size):
            yield block

    def sha256(self) -> str:
        """Return the checksum of the whole file as stored in Raw; reads the rest of the file."""
        while self.read_raw(BLOCK):
            pass
        return self._sha256.hexdigest()

    def raw_size(self) -> int:
        """Return the size in bytes of the whole file as stored in Raw; the read position stays."""
        position = self._stream.tell()
        size = self._stream.seek(0, io.SEEK_END)
        self._stream.seek(position)
        return size

    def validate(self, *, utf8: bool, line_ends: bytes, max_line: int) -> None:
        """Read the whole content once and rewind: a file can't be refused after its first rows were yielded.

        Raises:
            UnreadableError: the gzip stream is truncated or damaged; a line (any of `line_ends` ends one) has more
                than `max_line` bytes; or, with `utf8`, the text is not UTF-8.
        """
        self.rewind()
        pending = b""
        position = 0
        lines = _LineLengths(line_ends, max_line)
        for block in self.blocks(min(BLOCK, max_line)):
            lines.add(block)
            if utf8:
                data = pending + block
                try:
                    used = codecs.utf_8_decode(data, "strict", False)[1]
                except UnicodeDecodeError as error:
                    raise not_utf8(data, position + error.start, error.start) from None
                pending = data[used:]
                position += used
        if pending:
            raise not_utf8(pending, position, 0)
        self.rewind()


class _LineLengths:
    """Refuses content with a line of more than `limit` bytes; no block may be longer than `limit`."""

    def __init__(self, line_ends: bytes, limit: int) -> None:
        self._ends = [line_ends[place : place + 1] for place in range(len(line_ends))]
        self._limit = limit
        self._begin = 0
        self._position = 0

    def add(self, block: bytes) -> None:
        """Check the next block."""
        first = min((found for end in self._ends if (found := block.find(end)) >= 0), default=len(block))
        if self._position + first - self._begin > self._limit:
            raise UnreadableError(
                f"byte {self._begin}: the line that begins here has more than {self._limit >> 20} MB",
                hint="each line must be one record; check that the file has the format that its name says",
            )
        if first < len(block):
            self._begin = self._position + max(block.rfind(end) for end in self._ends) + 1
        self._position += len(block)


class _Tap:
    """The file object that `gzip` reads from."""

    def __init__(self, source: Source) -> None:
        self.read = source.read_raw


def whole_lines(blocks: Iterable[bytes], *, carriage_return: bool) -> Iterator[bytes]:
    """Regroup blocks so that each ends at a line end; only the last may lack one.

    A line ends with LF; with `carriage_return` also with CR, if a block has no LF. A line is held in memory as a
    whole; `Source.validate` limits its length. Each byte is read and copied only a few times, however many
    blocks a line fills.
    """
    pending: list[bytes] = []  # parts of an unfinished line, joined only once
    for block in blocks:
        end = block.rfind(b"\n") + 1
        if not end and carriage_return:
            end = block.rfind(b"\r", 0, -1) + 1  # the last byte's LF may be in the next block
        if end:
            yield b"".join([*pending, block[:end]])
            pending.clear()
        elif carriage_return and pending and pending[-1].endswith(b"\r"):
            yield b"".join(pending)
            pending.clear()
        if end < len(block):
            pending.append(block[end:])
    if pending:
        yield b"".join(pending)


def check_encoding(start: bytes) -> None:
    """Check the first bytes of the content.

    Raises:
        UnreadableError: the content is empty, UTF-16, UTF-32 or compressed.
    """
    if not start:
        raise UnreadableError("the file is empty", hint=f"{_AGAIN}, or remove it from Raw")
    if start.startswith(_GZIP_MARK):
        raise UnreadableError("byte 0: the content is compressed (gzip)", hint="name the file .gz")
    if start.startswith(_UTF16_OR_32_MARKS) or b"\0" in start[:4]:
        raise UnreadableError("byte 0: the text is UTF-16 or UTF-32", hint="save the file as UTF-8")


def decode(content: bytes) -> str:
    """Decode the content to text, without a byte order mark.

    Raises:
        UnreadableError: it is not UTF-8 text.
    """
    check_encoding(content)
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError as error:
        raise not_utf8(content, error.start, error.start) from None
    return text.removeprefix("\ufeff")


def not_utf8(data: bytes, position: int, start: int) -> UnreadableError:
    """Make the error for content that is not UTF-8 at byte `position`, which is `data[start]`."""
    return UnreadableError(
        f"byte {position}: not UTF-8 (0x{data[start]:02x})", hint="save the file as UTF-8, or fetch it again"
    )
