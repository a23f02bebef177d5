"""What every command prints with: results on stdout, talk on stderr, errors, tables, the command to type next.

Whatever is printed is data: its control characters are shown as escapes, and no markup is looked for in it.
"""

from __future__ import annotations

import os
import shutil
import sys
from codecs import lookup
from contextlib import contextmanager
from io import TextIOWrapper
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from rich import text as rich_text
from rich.console import Console
from rich.measure import Measurement

from trustedlake.terminal import visible

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from typing import IO

    from rich.progress import Progress, ProgressColumn
    from rich.table import Table


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


COMMAND = "trustedlake"
PIPE_WIDTH = 160
ENDLESS = 10_000


class Text(rich_text.Text):
    """Text on one line, its control characters as escapes; rich's own would drop some and pass on others."""

    def __init__(self, text: str = "", *arguments: Any, **options: Any) -> None:  # noqa: ANN401 - rich's
        super().__init__(visible(text, one_line=True), *arguments, **options)

    def append(self, text: rich_text.Text | str, style: Any = None) -> Text:  # noqa: ANN401 - rich's
        """Append text, as visible as what is here."""
        super().append(visible(text, one_line=True) if isinstance(text, str) else text, style)
        return self


class _Console(Console):
    """A console that takes every text as it is: no markup, no emoji names, no control characters."""

    def __init__(self, *, stderr: bool = False, width: int | None = None) -> None:
        super().__init__(stderr=stderr, width=width, highlight=False, markup=False, emoji=False)

    def render_str(self, text: str, **options: Any) -> rich_text.Text:  # noqa: ANN401 - rich's
        """A string that is printed, or stands in a table."""
        return super().render_str(visible(text, one_line=True), **options)


def stdout() -> Console:
    """The console results go to; a file or a pipe is as wide as it needs to be."""
    console = _Console()
    return console if console.is_terminal else _Console(width=PIPE_WIDTH)


def stderr() -> Console:
    """The console talk goes to."""
    return _Console(stderr=True)


def bars_of(console: Console, *columns: ProgressColumn, shown: bool) -> Progress:
    """Progress bars, gone when they are done; `shown`: only on a terminal."""
    from rich.progress import Progress

    # Redirected, rich's own control characters would be taken for data, and shown.
    return Progress(
        *columns,
        console=console,
        disable=not (shown and console.is_terminal),
        transient=True,
        redirect_stdout=False,
        redirect_stderr=False,
    )


def error(message: str, hint: str) -> None:
    """Say on stderr what is wrong, and what next."""
    tell(stderr(), "error: ", "bold red", message)
    tell(stderr(), "hint: ", "bold cyan", hint)


def notice(message: str) -> None:
    """Say on stderr, in one line, what is no error of the command."""
    stderr().print(Text(f"warning: {message}"), soft_wrap=True)


def tell(console: Console, label: str, style: str, message: str) -> None:
    """Print a message after its label; its further lines are indented, so that none looks like one of ours."""
    first, *more = message.split("\n")
    console.print(Text.assemble((label, style), first), soft_wrap=True)
    for line in more:
        console.print(Text(f"  {line}"), soft_wrap=True)


def whole(console: Console, grid: Table) -> None:
    """Print a table with nothing left out: a terminal that is too narrow for it folds its lines."""
    grid.width = Measurement.get(console, console.options.update(max_width=ENDLESS), grid).maximum
    console.print(grid, crop=False)


def program() -> str:
    """What a shell takes for this command: its name where that leads to it, else the path that it was called by."""
    called, found = Path(sys.argv[0]), shutil.which(COMMAND)
    if called.name != COMMAND or not called.is_file() or (found and called.samefile(found)):
        return COMMAND
    return sys.argv[0]
