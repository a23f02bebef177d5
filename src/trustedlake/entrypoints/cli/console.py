"""What every command prints with: results on stdout, talk on stderr, errors, tables, the command to type next.

Whatever is printed is data: its control characters are shown as escapes, and no markup is looked for in it.
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
