"""stdin, stdout and stderr as they are met: closed, full, in any encoding, with a reader that may go away."""

from __future__ import annotations

import os
import sys
from codecs import lookup
from contextlib import contextmanager
from io import TextIOWrapper
from typing import TYPE_CHECKING, TypeVar

from trustedlake.terminal import visible

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from typing import IO, Any

T = TypeVar("T")


class ExactStream:
    """A stream that takes what it is given; if it can take no more (`| head`, a full disk) the rest goes nowhere.

    Attributes:
        gone: whether what is written goes nowhere.
        lost: why; None also where the reader went away, which is no loss.
    """

    def __init__(self, stream: IO[str]) -> None:
        self.gone = False
        self.lost: OSError | None = None
        self._stream = stream

    def write(self, text: str) -> int:
        """Write text, and only text: click looks with bytes whether it may write some."""
        if not isinstance(text, str):
            raise TypeError(f"{type(text).__name__} is no text")
        self._try(lambda: self._stream.write(text))
        return len(text)

    def write_bytes(self, data: bytes) -> None:
        """Write bytes as they are, after what was written before."""
        self._stream.flush()
        self._try(lambda: self._stream.buffer.write(data))  # type: ignore[attr-defined]

    def flush(self) -> None:
        """Write out what is still held back."""
        self._try(self._stream.flush)

    def _try(self, write: Any) -> None:  # noqa: ANN401 - what it returns is not looked at
        try:
            write()
        except OSError as error:
            self.gone = True
            self.lost = None if isinstance(error, BrokenPipeError) else error
            _discard(self._stream)

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - the stream's own
        if name in {"buffer", "rich_proxied_file"}:  # click would write past us
            raise AttributeError(name)
        return getattr(self._stream, name)


class Shown(ExactStream):
    """A stream of text in which no control character of the data reaches a terminal.

    Attributes:
        rich_proxied_file: where rich writes instead, whose own control characters are meant; what it is given to
            print is made visible by `console`.
    """

    def __init__(self, exact: ExactStream) -> None:
        super().__init__(exact._stream)
        self.rich_proxied_file = exact

    def write(self, text: str) -> int:
        """Write the text, its control characters as escapes."""
        return self.rich_proxied_file.write(visible(text))

    def flush(self) -> None:
        """Write out what is still held back."""
        self.rich_proxied_file.flush()


@contextmanager
def prepared() -> Iterator[None]:
    """Let nothing about the standard streams stop a command, during the block.

    A closed one is as /dev/null. A pipe or a file gets UTF-8, and data as they are; a terminal shows `?` for what it
    has no character for, and control characters as escapes, as stderr does wherever it goes.
    """
    _open_closed()
    before = sys.stdout, sys.stderr
    for stream in before:
        if isinstance(stream, TextIOWrapper):
            _encode(stream)
    out, err = (ExactStream(stream) for stream in before)
    sys.stdout = Shown(out) if before[0].isatty() else out
    sys.stderr = Shown(err)
    try:
        yield
    finally:
        out.flush()
        err.flush()
        sys.stdout, sys.stderr = before


def lost() -> OSError | None:
    """Why results on stdout did not arrive; None if they did, or nobody wanted them."""
    sys.stdout.flush()
    stream = _exact()
    return stream.lost if stream else None


def wanted(rows: Iterable[T]) -> Iterator[T]:
    """The rows, as long as what is written to stdout arrives."""
    stream = _exact()
    for row in rows:
        if stream and stream.gone:
            return
        yield row


def write_bytes(data: bytes) -> None:
    """Write bytes to stdout as they are; to a terminal as text without control characters."""
    stream = _exact()
    if stream is None or isinstance(sys.stdout, Shown):
        sys.stdout.write(data.decode(errors="replace"))
    else:
        stream.write_bytes(data)


def _exact() -> ExactStream | None:
    """What `prepared` put in place of stdout; None outside of it."""
    stream = getattr(sys.stdout, "rich_proxied_file", sys.stdout)
    return stream if isinstance(stream, ExactStream) else None


def _discard(stream: IO[str]) -> None:
    """Send nowhere what is still written to `stream`, which takes no more."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, stream.fileno())
    os.close(nowhere)


def _open_closed() -> None:
    """Give closed standard streams /dev/null: else the next file that is opened would be stdout to our children."""
    for number, name, mode in ((0, "stdin", "r"), (1, "stdout", "w"), (2, "stderr", "w")):
        if getattr(sys, name) is not None:
            continue
        nowhere = os.open(os.devnull, os.O_RDWR)
        if nowhere != number:
            os.dup2(nowhere, number)
            os.close(nowhere)
        setattr(sys, name, open(number, mode, encoding="utf-8", closefd=False))  # noqa: SIM115 - a descriptor


def _encode(stream: TextIOWrapper) -> None:
    utf_8 = lookup(stream.encoding).name == "utf-8"
    if stream.isatty():
        stream.reconfigure(errors="backslashreplace" if utf_8 else "replace")
    else:
        stream.reconfigure(encoding="utf-8", errors="backslashreplace")
