"""What every command prints with: results on stdout, talk on stderr, errors, tables, the command to type next."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING

from rich.console import Console
from rich.measure import Measurement
from rich.text import Text

from trustedlake.entrypoints.cli.streams import discard

if TYPE_CHECKING:
    from rich.table import Table

PIPE_WIDTH = 160
ENDLESS = 10_000


class _Console(Console):
    """A console whose reader may go away: the command ends as it would have, and is not heard."""

    def on_broken_pipe(self) -> None:
        """Print nothing more; rich itself would leave with 1."""
        self.quiet = True
        discard(self.file)


def stdout() -> Console:
    """The console results go to; a file or a pipe is as wide as it needs to be."""
    console = _Console(highlight=False)
    return console if console.is_terminal else _Console(highlight=False, width=PIPE_WIDTH)


def stderr() -> Console:
    """The console talk goes to."""
    return _Console(stderr=True, highlight=False)


def error(message: str, hint: str) -> None:
    """Say on stderr what is wrong, and what next."""
    console = stderr()
    console.print(Text.assemble(("error: ", "bold red"), message), soft_wrap=True)
    console.print(Text.assemble(("hint: ", "bold cyan"), hint), soft_wrap=True)


def whole(console: Console, grid: Table) -> None:
    """Print a table with nothing left out: a terminal that is too narrow for it folds its lines."""
    grid.width = Measurement.get(console, console.options.update(max_width=ENDLESS), grid).maximum
    console.print(grid, crop=False)


def typed(*words: str, lake: str | None) -> str:
    """A command to type next, on the lake of this one."""
    return shlex.join(["trustedlake", *words, *(["--lake", lake] if lake else [])])
