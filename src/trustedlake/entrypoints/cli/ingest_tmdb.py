"""`trustedlake ingest-tmdb`."""

from __future__ import annotations

import json
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import click
from rich.filesize import decimal
from rich.progress import BarColumn, MofNCompleteColumn, SpinnerColumn, Task, TextColumn, TimeRemainingColumn
from rich.table import Table

from trustedlake.entrypoints.cli import options
from trustedlake.entrypoints.cli.console import Text, bars_of, stderr, stdout, tell
from trustedlake.models.ingest import WindowStatus, titles
from trustedlake.terminal import typed

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date, datetime

    from trustedlake.app.ingesting.ingest import Ingested
    from trustedlake.app.ingesting.tools import IngestProgress
    from trustedlake.entrypoints.cli.notify import When
    from trustedlake.models.ingest import Certificate, Outlook
    from trustedlake.models.lake import Entity
    from trustedlake.ports import ObjectStore


STEPS = {"wait": "TMDB does not answer, asking again", "list": "listing (pages)", "fetch": "fetching ({})"}
_STYLE = {WindowStatus.COMPLETE: "green", WindowStatus.INCOMPLETE: "yellow"}


class _Rate(TextColumn):
    """Units a second."""

    def render(self, task: Task) -> Text:
        """The rate, once it is known."""
        return Text(f"{task.speed:.1f}/s" if task.speed else "", style="dim")


@contextmanager
def show_progress(*, entity: str, quiet: bool) -> Iterator[IngestProgress]:
    """A show_progress bar with rate and time left on stderr, if that is a terminal and `quiet` is not asked for."""
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
            size = f"{decimal(written)} written" if written else ""
            bars.update(task, completed=done, total=total or None, written=size)

        yield hear


def show_outlook(found: Outlook, entity: Entity, *, as_json: bool) -> None:
    """Print what a run would do."""
    if as_json:
        click.echo(found.model_dump_json(indent=2))
        return
    click.echo(f"window {found.window}: {found.standing}")
    if found.standing == "complete":
        click.echo(f"{found.expected:,} {titles(entity)} are there: nothing to do (--restart fetches them again)")
    else:
        took = f", about {found.seconds / 60:,.1f} minutes at this rate" if found.seconds else ""
        click.echo(f"{found.expected:,} {titles(entity)}, about {found.calls:,} calls{took}, into {found.folder}")
    click.echo("dry run: nothing was written")


def show_certificate(done: Ingested, store: ObjectStore, lake: str | None, *, as_json: bool) -> None:
    """Print the show_certificate: the counts, the files, what is missing, and what next."""
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
    """The show_certificate as JSON."""
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
        return "what came is kept: the same command goes on from there"
    if done.unchanged:
        return (
            f"nothing to do: this window is complete since {done.certificate.updated:%Y-%m-%d %H:%M} UTC,"
            f" from {done.certificate.tmdb} (--restart fetches it again)"
        )
    return f"next: {typed('to-trusted', '--source', 'tmdb', lake=lake)}"


MOST_DIGITS = 9
"""Of a number of films; Python reads none of more than 4,300."""


def _limit(_ctx: click.Context, _param: click.Parameter, value: str) -> int | None:
    """The number of films; None for `all`."""
    if value.casefold() == "all":
        return None
    if not (value.isascii() and value.isdigit() and len(value) <= MOST_DIGITS and int(value) > 0):
        raise click.BadParameter(f"{value!r} is neither a number from 1 on nor `all`")
    return int(value)


def _day(_ctx: click.Context, _param: click.Parameter, moment: datetime | None) -> date | None:
    """The day of a moment."""
    return None if moment is None else moment.date()


_DATE = click.DateTime(["%Y-%m-%d"])


@click.command("ingest-tmdb", short_help="TMDB to Raw.")
@click.option("--entity", type=click.Choice(["movies", "series"]), default="movies", show_default=True)
@click.option("--genres", default="Crime,War", show_default=True, help="Names or TMDB's numbers, with commas.")
@click.option(
    "--match", type=click.Choice(["any", "all"]), default="any", show_default=True, help="One of the genres, or all."
)
@click.option(
    "--limit",
    callback=_limit,
    default="1500",
    show_default=True,
    metavar="N|all",
    help="The most popular N, or all there are.",
)
@click.option(
    "--released-from", type=_DATE, callback=_day, metavar="DATE", help="Released (first aired) on that day or later."
)
@click.option(
    "--released-to", type=_DATE, callback=_day, metavar="DATE", help="Released (first aired) on that day or before."
)
@click.option("--language", default="en-US", show_default=True, help="Of titles and overviews.")
@click.option(
    "--record",
    type=click.Choice(["full", "curated"]),
    default="full",
    show_default=True,
    help="All that TMDB sends, or the ten fields of the source.",
)
@click.option("--batch", type=click.IntRange(1, 10_000), default=100, show_default=True, help="Films in a file.")
@click.option(
    "--rate", type=click.FloatRange(0), default=35.0, show_default=True, help="Calls a second; 0 lifts the limit."
)
@click.option("--tmdb-url", metavar="URL", help="Address of the API with its /3.  [env: TRUSTEDLAKE_TMDB_URL]")
@click.option("--dry-run", is_flag=True, help="Say what would be done, with one call, and write nothing.")
@click.option("--restart", is_flag=True, help="Begin anew, even if today's window is complete.")
@options.openlineage
@options.notify
@options.notify_on
@options.lake
@options.as_json
def command(
    *,
    lake: str | None,
    tmdb_url: str | None,
    batch: int,
    rate: float,
    dry_run: bool,
    restart: bool,
    openlineage: str | None,
    notify: str | None,
    notify_on: When,
    as_json: bool,
    **asked: Any,  # noqa: ANN401
) -> int:
    """Fetch films or series from TMDB into Raw, each once, and certify what came.

    The key comes from TMDB_TOKEN or TMDB_API_KEY, in the environment or a file .env. A run that was
    cut goes on when it is called again; a complete one is not repeated on the same day.

    \b
    Examples:
      trustedlake ingest-tmdb
      trustedlake ingest-tmdb --entity series --genres Crime --limit 200
      trustedlake ingest-tmdb --genres 80,10752 --match all --limit all
      trustedlake ingest-tmdb --limit all --released-from 2020-01-01 --released-to 2024-12-31
    """
    from trustedlake.app.ingesting.ingest import ingest, outlook
    from trustedlake.app.ingesting.tools import IngestOptions
    from trustedlake.entrypoints import interrupt, lineage
    from trustedlake.entrypoints.cli import console
    from trustedlake.entrypoints.cli.notify import notifying
    from trustedlake.entrypoints.extraction import extractor, query_of
    from trustedlake.entrypoints.settings import Settings

    with notifying(notify, notify_on) as ending:
        query, notes = query_of(**asked)
        for note in notes:
            click.echo(f"note: {note}", err=True)
        settings = Settings()
        wanted = IngestOptions(query=query, batch=batch, per_second=rate, restart=restart)
        with (
            interrupt.terminated_like_interrupted(),
            show_progress(entity=asked["entity"], quiet=as_json or dry_run) as progress,
            lineage.observed(None if dry_run else openlineage, settings, notice=console.notice) as observer,
            extractor(lake, tmdb_url, progress=progress, observer=observer) as tools,
        ):
            if dry_run:
                found = outlook(tools, wanted)
                show_outlook(found, query.entity, as_json=as_json)
                ending.report = found.model_dump_json()
                return 0
            done = ingest(tools, wanted)
        show_certificate(done, tools.store, lake, as_json=as_json)
        ending.report = document(done.certificate)
        ending.exit_code = done.certificate.exit_code
    return ending.exit_code
