"""Print an extraction on the terminal."""

from __future__ import annotations

import json
from contextlib import contextmanager
from typing import TYPE_CHECKING

import click
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    SpinnerColumn,
    Task,
    TextColumn,
    TimeRemainingColumn,
)
from rich.table import Table

from trustedlake.entrypoints.cli.console import Text, bars_of, stderr, stdout, tell
from trustedlake.models.ingest import WindowStatus, titles
from trustedlake.terminal import typed
from trustedlake.wording import size

if TYPE_CHECKING:
    from collections.abc import Iterator

    from trustedlake.app.ingesting.ingest import Ingested
    from trustedlake.app.ingesting.tools import IngestProgress
    from trustedlake.models.ingest import Certificate, Outlook
    from trustedlake.models.lake import Entity
    from trustedlake.ports import ObjectStore

STEPS = {"wait": "TMDB does not answer, asking again", "list": "listing (pages)", "fetch": "fetching ({})"}
_STYLE = {WindowStatus.COMPLETE: "green", WindowStatus.INCOMPLETE: "yellow"}


class _Rate(TextColumn):
    """Units per second."""

    def render(self, task: Task) -> Text:
        """Render the rate, as soon as it is known."""
        return Text(f"{task.speed:.1f}/s" if task.speed else "", style="dim")


@contextmanager
def progress(*, entity: str, quiet: bool) -> Iterator[IngestProgress]:
    """Show a progress bar with rate and remaining time on stderr, if that is a terminal and not `quiet`."""
    console = stderr()
    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(bar_width=24),
        MofNCompleteColumn(),
        _Rate(""),
        TimeRemainingColumn(),
        TextColumn("{task.fields[written]}", style="dim"),
    )
    with bars_of(console, *columns, shown=not quiet) as bars:
        task = bars.add_task("starting", total=None, written="")
        current = ""

        def hear(step: str, *, done: int = 0, total: int = 0, written: int = 0) -> None:
            nonlocal current
            if step != current:
                bars.reset(
                    task, description=STEPS.get(step, step).format(titles(entity)), completed=done, total=total or None
                )
                current = step
            so_far = f"{size(written)} written" if written else ""
            bars.update(task, completed=done, total=total or None, written=so_far)

        yield hear


def outlook(found: Outlook, entity: Entity, *, as_json: bool) -> None:
    """Print what a run would do."""
    if as_json:
        click.echo(found.model_dump_json(indent=2))
        return
    click.echo(f"window {found.window}: {found.standing}")
    if found.standing == "complete":
        click.echo(
            f"{found.expected:,} {titles(entity)} are already in Raw: nothing to do (--restart fetches them again)"
        )
    else:
        took = f", about {found.seconds / 60:,.1f} minutes at this rate" if found.seconds else ""
        click.echo(f"{found.expected:,} {titles(entity)}, about {found.calls:,} calls{took}, into {found.folder}")
    click.echo("dry run: nothing was written")


def certificate(done: Ingested, store: ObjectStore, lake: str | None, *, as_json: bool) -> None:
    """Print the certificate: the counts, the files, what is missing, and what to do next."""
    found = done.certificate
    if as_json:
        click.echo(document(found))
        return
    console = stdout()
    console.print(
        Text.assemble((found.window, "bold"), "  ", (str(found.status), _STYLE.get(found.status, ""))), soft_wrap=True
    )
    console.print(_counts(found))
    if found.files:
        names = [file.key.rpartition("/")[2] for file in found.files]
        span = names[0] if len(names) == 1 else f"{names[0]} to {names[-1]}"
        folder = store.address(found.files[0].key.rpartition("/")[0])
        console.print(Text(f"{len(names):,} file(s), {found.size:,} bytes: {folder}/{span}"), soft_wrap=True)
    for remark in found.remarks:
        console.print(Text(remark, style="yellow"), soft_wrap=True)
    if found.message:
        tell(stderr(), "incomplete: ", "bold yellow", found.message)
        tell(stderr(), "hint: ", "bold cyan", found.hint)
    console.print(Text(_next(done, lake), style="dim"), soft_wrap=True)
    console.print(Text(found.notice, style="dim"), soft_wrap=True)


def document(found: Certificate) -> str:
    """Return the certificate as JSON."""
    return json.dumps(found.model_dump(mode="json") | {"bytes": found.size}, indent=2, ensure_ascii=False)


def _counts(found: Certificate) -> Table:
    grid = Table(box=None, pad_edge=False, header_style="dim")
    cells = {
        "expected": found.expected,
        "got": found.got,
        "gone (404)": len(found.gone),
        "failed": len(found.failed),
        "missing": found.missing,
        "calls": found.calls,
        "retries": found.retries,
    }
    for name in cells:
        grid.add_column(name, justify="right", no_wrap=True)
    grid.add_row(*("?" if n is None else f"{n:,}" for n in cells.values()))
    return grid


def _next(done: Ingested, lake: str | None) -> str:
    if done.certificate.status is not WindowStatus.COMPLETE:
        return "what was fetched is kept: the same command continues from here"
    if done.unchanged:
        return (
            f"nothing to do: this window has been complete since {done.certificate.updated:%Y-%m-%d %H:%M} UTC,"
            f" from {done.certificate.tmdb} (--restart fetches it again)"
        )
    return f"next: {typed('to-trusted', '--source', 'tmdb', lake=lake)}"
