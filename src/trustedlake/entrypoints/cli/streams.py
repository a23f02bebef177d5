"""stdin, stdout and stderr in any state: closed, full, in any encoding, with a reader that may go away."""

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
    """A stream that writes what it is given; once it can't (`| head`, a full disk), the rest is thrown away.

    Attributes:
        gone: whether further output is thrown away.
        lost: the error; None if the reader went away, since then nobody misses the output.
    """

    def __init__(self, stream: IO[str]) -> None:
        self.gone = False
        self.lost: OSError | None = None
        self._stream = stream

    def write(self, text: str) -> int:
        """Write text, but refuse bytes: click tries bytes to find out whether it may write them."""
        if not isinstance(text, str):
            raise TypeError(f"{type(text).__name__} is not text")
        self._try(lambda: self._stream.write(text))
        return len(text)

    def write_bytes(self, data: bytes) -> None:
        """Write bytes as they are, after the text written before."""
        self._stream.flush()
        self._try(lambda: self._stream.buffer.write(data))  # type: ignore[attr-defined]

    def flush(self) -> None:
        """Write the buffered output."""
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
    """A text stream that lets no control character of the data reach a terminal.

    Attributes:
        rich_proxied_file: rich writes here instead, since its own control characters are wanted; `console` makes
            the data that rich prints visible.
    """

    def __init__(self, exact: ExactStream) -> None:
        super().__init__(exact._stream)
        self.rich_proxied_file = exact

    def write(self, text: str) -> int:
        """Write the text with its control characters as escapes."""
        return self.rich_proxied_file.write(visible(text))

    def flush(self) -> None:
        """Write the buffered output."""
        self.rich_proxied_file.flush()


@contextmanager
def prepared() -> Iterator[None]:
    """Make the standard streams safe for the block, so that none of them can stop a command.

    A closed one becomes /dev/null. A pipe or a file gets UTF-8, and data as they are. A terminal shows `?` for
    characters it does not have, and control characters as escapes; stderr does so even if it is not a terminal.
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
    """Return why results on stdout got lost; None if they were written, or if the reader went away."""
    sys.stdout.flush()
    stream = _exact()
    return stream.lost if stream else None


def wanted(rows: Iterable[T]) -> Iterator[T]:
    """Yield the rows as long as stdout still takes output."""
    stream = _exact()
    for row in rows:
        if stream and stream.gone:
            return
        yield row


def write_bytes(data: bytes) -> None:
    """Write bytes to stdout as they are, but to a terminal as text without control characters."""
    stream = _exact()
    if stream is None or isinstance(sys.stdout, Shown):
        sys.stdout.write(data.decode(errors="replace"))
    else:
        stream.write_bytes(data)


def _exact() -> ExactStream | None:
    """Return the stream that `prepared` put in place of stdout; None outside of it."""
    stream = getattr(sys.stdout, "rich_proxied_file", sys.stdout)
    return stream if isinstance(stream, ExactStream) else None


def _discard(stream: IO[str]) -> None:
    """Send further output of `stream` to /dev/null, since it can't write any more."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, stream.fileno())
    os.close(nowhere)


def _open_closed() -> None:
    """Open closed standard streams as /dev/null; else child processes would take the next opened file for stdout."""
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
