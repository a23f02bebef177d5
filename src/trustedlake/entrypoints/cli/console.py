"""Console output for all commands: results on stdout, messages on stderr, errors, tables, the command to type next.

All printed text is data: control characters are shown as escapes, and rich markup in it is not interpreted.
"""

from __future__ import annotations

import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich import text as rich_text
from rich.console import Console
from rich.measure import Measurement

from trustedlake.terminal import visible

if TYPE_CHECKING:
    from rich.progress import Progress, ProgressColumn
    from rich.table import Table

COMMAND = "trustedlake"
PIPE_WIDTH = 160
ENDLESS = 10_000


class Text(rich_text.Text):
    """Text on one line with control characters as escapes; rich's own class drops some and passes on others."""

    def __init__(self, text: str = "", *arguments: Any, **options: Any) -> None:  # noqa: ANN401 - rich's
        super().__init__(visible(text, one_line=True), *arguments, **options)

    def append(self, text: rich_text.Text | str, style: Any = None) -> Text:  # noqa: ANN401 - rich's
        """Append text, with its control characters as escapes, too."""
        super().append(visible(text, one_line=True) if isinstance(text, str) else text, style)
        return self


class _Console(Console):
    """A console that prints every text as it is: no markup, no emoji names, no control characters."""

    def __init__(self, *, stderr: bool = False, width: int | None = None) -> None:
        super().__init__(stderr=stderr, width=width, highlight=False, markup=False, emoji=False)

    def render_str(self, text: str, **options: Any) -> rich_text.Text:  # noqa: ANN401 - rich's
        """Render a string that is printed or is in a table."""
        return super().render_str(visible(text, one_line=True), **options)


def stdout() -> Console:
    """Return the console for results; for a file or a pipe it is as wide as needed."""
    console = _Console()
    return console if console.is_terminal else _Console(width=PIPE_WIDTH)


def stderr() -> Console:
    """Return the console for messages."""
    return _Console(stderr=True)


def bars_of(console: Console, *columns: ProgressColumn, shown: bool) -> Progress:
    """Make progress bars, which disappear when done; `shown`: show them if it is a terminal."""
    from rich.progress import Progress

    # If stdout were redirected, rich's own control characters would count as data and be shown as escapes.
    return Progress(
        *columns,
        console=console,
        disable=not (shown and console.is_terminal),
        transient=True,
        redirect_stdout=False,
        redirect_stderr=False,
    )


def error(message: str, hint: str) -> None:
    """Print on stderr what is wrong and what to do next."""
    tell(stderr(), "error: ", "bold red", message)
    tell(stderr(), "hint: ", "bold cyan", hint)


def notice(message: str) -> None:
    """Print a warning on stderr in one line, for what does not make the command fail."""
    stderr().print(Text(f"warning: {message}"), soft_wrap=True)


def tell(console: Console, label: str, style: str, message: str) -> None:
    """Print a message after its label; further lines are indented, so that none looks like a line of ours."""
    first, *more = message.split("\n")
    console.print(Text.assemble((label, style), first), soft_wrap=True)
    for line in more:
        console.print(Text(f"  {line}"), soft_wrap=True)


def whole(console: Console, grid: Table) -> None:
    """Print a table completely; if the terminal is too narrow, it wraps the lines."""
    grid.width = Measurement.get(console, console.options.update(max_width=ENDLESS), grid).maximum
    console.print(grid, crop=False)


def program() -> str:
    """Return how to call this command in a shell: its name if the path finds it, else the path it was called by."""
    called, found = Path(sys.argv[0]), shutil.which(COMMAND)
    if called.name != COMMAND or not called.is_file() or (found and called.samefile(found)):
        return COMMAND
    return sys.argv[0]
