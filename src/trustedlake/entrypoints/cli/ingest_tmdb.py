"""`trustedlake ingest-tmdb`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, get_args

import click

from trustedlake.entrypoints.cli import options
from trustedlake.models.choices import EntityName, GenreMatch, RecordKind

if TYPE_CHECKING:
    from datetime import date, datetime

    from trustedlake.models.choices import NotifyOn


MOST_DIGITS = 9
"""Maximum digits of --limit; Python refuses to parse numbers of more than 4,300."""


def _limit(_ctx: click.Context, _param: click.Parameter, value: str) -> int | None:
    """Parse the number of films; None for `all`."""
    if value.casefold() == "all":
        return None
    if not (value.isascii() and value.isdigit() and len(value) <= MOST_DIGITS and int(value) > 0):
        raise click.BadParameter(f"{value!r} is neither a number from 1 on nor `all`")
    return int(value)


def _day(_ctx: click.Context, _param: click.Parameter, moment: datetime | None) -> date | None:
    """Return the day of a date and time."""
    return None if moment is None else moment.date()


_DATE = click.DateTime(["%Y-%m-%d"])


@click.command("ingest-tmdb", short_help="Fetch films or series from TMDB into Raw.")
@click.option("--entity", type=click.Choice(get_args(EntityName)), default="movies", show_default=True)
@click.option(
    "--genres", default="Crime,War", show_default=True, help="Genres, by name or TMDB's number, separated by commas."
)
@click.option(
    "--match",
    type=click.Choice(get_args(GenreMatch)),
    default="any",
    show_default=True,
    help="Titles with any of the genres, or with all.",
)
@click.option(
    "--limit",
    callback=_limit,
    default="1500",
    show_default=True,
    metavar="N|all",
    help="The N most popular titles, or all.",
)
@click.option(
    "--released-from", type=_DATE, callback=_day, metavar="DATE", help="Released (first aired) on that day or later."
)
@click.option(
    "--released-to", type=_DATE, callback=_day, metavar="DATE", help="Released (first aired) on that day or before."
)
@click.option("--language", default="en-US", show_default=True, help="Language of titles and overviews.")
@click.option(
    "--record",
    type=click.Choice(get_args(RecordKind)),
    default="full",
    show_default=True,
    help="Keep everything TMDB sends, or only the ten fields of the source.",
)
@click.option("--batch", type=click.IntRange(1, 10_000), default=100, show_default=True, help="Films per file.")
@click.option(
    "--rate",
    type=click.FloatRange(0),
    default=35.0,
    show_default=True,
    help="Maximum calls per second; 0 means no limit.",
)
@click.option("--tmdb-url", metavar="URL", help="Address of the API, including /3.  [env: TRUSTEDLAKE_TMDB_URL]")
@click.option("--dry-run", is_flag=True, help="Show what would be done: make one call, write nothing.")
@click.option("--restart", is_flag=True, help="Start over, even if today's window is complete.")
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
    notify_on: NotifyOn,
    as_json: bool,
    **asked: Any,  # noqa: ANN401
) -> int:
    """Fetch films or series from TMDB into Raw, each once, and write a certificate of what was fetched.

    The key comes from TMDB_TOKEN or TMDB_API_KEY, in the environment or a file .env. Run it again to
    continue an interrupted run; a complete one is not repeated on the same day.

    \b
    Examples:
      trustedlake ingest-tmdb
      trustedlake ingest-tmdb --entity series --genres Crime --limit 200
      trustedlake ingest-tmdb --genres 80,10752 --match all --limit all
      trustedlake ingest-tmdb --limit all --released-from 2020-01-01 --released-to 2024-12-31
    """
    from trustedlake.app.ingesting.ingest import ingest, outlook
    from trustedlake.app.ingesting.tools import IngestOptions
    from trustedlake.entrypoints import interrupt
    from trustedlake.entrypoints.cli import console, ingest_output
    from trustedlake.entrypoints.cli.notify import notifying
    from trustedlake.entrypoints.settings import Settings
    from trustedlake.entrypoints.wiring.extractor import extractor, query_of
    from trustedlake.entrypoints.wiring.openlineage_receiver import observed

    with notifying(notify, notify_on) as ending:
        query, notes = query_of(**asked)
        for note in notes:
            click.echo(f"note: {note}", err=True)
        settings = Settings()
        wanted = IngestOptions(query=query, batch=batch, per_second=rate, restart=restart)
        with (
            interrupt.terminated_like_interrupted(),
            ingest_output.progress(entity=asked["entity"], quiet=as_json or dry_run) as progress,
            observed(None if dry_run else openlineage, settings, notice=console.notice) as observer,
            extractor(lake, tmdb_url, progress=progress, observer=observer) as tools,
        ):
            if dry_run:
                found = outlook(tools, wanted)
                ingest_output.outlook(found, query.entity, as_json=as_json)
                ending.report = found.model_dump_json()
                return 0
            done = ingest(tools, wanted)
        ingest_output.certificate(done, tools.store, lake, as_json=as_json)
        ending.report = ingest_output.document(done.certificate)
        ending.exit_code = done.certificate.exit_code
    return ending.exit_code
