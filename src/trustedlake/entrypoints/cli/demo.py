"""`trustedlake demo`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

import trustedlake
from trustedlake.entrypoints.cli import options
from trustedlake.errors import InputError

if TYPE_CHECKING:
    from trustedlake.app.trusted.job import Progress as Hears
    from trustedlake.entrypoints.lake.compose import Home


def fixtures_dir() -> Path:
    """Return the folder with `lake/`, `shapes/`, `hostile/` and `expected/`.

    Raises:
        InputError: neither the package nor a checkout around it has it.
    """
    package = Path(trustedlake.__file__).parent
    places = (package / "fixtures", package.parents[1] / "data" / "fixtures")
    for place in places:
        if (place / "lake").is_dir():
            return place
    raise InputError(
        f"the fixture films are missing: neither {places[0]} nor {places[1]} has them",
        hint="install the package from a wheel or a whole checkout: pip install --force-reinstall trustedlake",
    )


FILMS = 60
"""Number of films that the demo fetches."""

MARK = "made-by-trustedlake-demo"
"""A file that marks a folder as made by the demo, so that the demo may replace it."""


@click.command("demo", short_help="Go from Raw to Trusted on a small lake.")
@click.argument("folder", default="demo-lake", type=click.Path(file_okay=False))
@options.verbose
def command(*, folder: str, verbose: bool) -> int:
    """Build a small lake in FOLDER (./demo-lake) and take it from Raw to Trusted.

    Some of its raw files come from an offline TMDB that answers while the demo runs; the others have
    the shapes of real-world files, with a few defects on purpose. The folder of an earlier demo is
    replaced; any other folder that is not empty is left alone.

    \b
    Examples:
      trustedlake demo
      trustedlake demo /tmp/my-demo
    """
    from trustedlake.entrypoints.lake import compose
    from trustedlake.entrypoints.lake.address import local_path

    lake = local_path(folder)
    folder = str(lake)
    _build(lake)
    _ingest(folder)
    bars: list[Hears] = []

    def hear(step: str, **told: int) -> None:
        bars[-1](step, **told)

    with compose.home(compose.Place(lake=folder), verbose=verbose, progress=hear) as home:
        _show_raw(lake)
        worst = max(_to_trusted(home, bars, folder, source, preview=4) for source in ("tmdb", "csv"))
        _show_quarantine(home, folder)
        _say("# Again: what did not change is left alone, and Spark is not even started.")
        worst = max(worst, *(_to_trusted(home, bars, folder, source) for source in ("tmdb", "csv")))
    _next(folder)
    return worst


def _build(lake: Path) -> None:
    import shutil

    from trustedlake.adapters.local.disk import refusals
    from trustedlake.errors import ConfigError

    with refusals(lake):
        if lake.is_dir() and any(lake.iterdir()):
            if not (lake / MARK).is_file():
                raise ConfigError(
                    f"{lake} is not empty and is not from a demo", hint="name another folder: trustedlake demo FOLDER"
                )
            shutil.rmtree(lake)
        lake.mkdir(parents=True, exist_ok=True)
        (lake / MARK).touch()
        shutil.copytree(fixtures_dir() / "lake", lake, dirs_exist_ok=True)


def _say(text: str) -> None:
    from trustedlake.entrypoints.cli import console

    click.echo()
    console.stdout().print(console.Text(text, "bold"), soft_wrap=True)


def _ingest(folder: str) -> None:
    """Fetch a few films from the offline TMDB, as `ingest-tmdb` does from the real one."""
    from trustedlake.adapters.tmdb.key import TmdbKey
    from trustedlake.app.ingesting.ingest import ingest
    from trustedlake.app.ingesting.tools import IngestOptions
    from trustedlake.entrypoints.cli import ingest_output
    from trustedlake.entrypoints.wiring.extractor import DEFAULT_GENRES, extractor, query_of
    from trustedlake.simulators.tmdb import TmdbSimulator
    from trustedlake.terminal import typed

    _say("# An offline TMDB answers on this machine; with a key in TMDB_TOKEN it would be the real one.")
    words = {"match": "any", "language": "en-US", "record": "full"}
    query, _ = query_of(
        entity="movies", genres=DEFAULT_GENRES, limit=FILMS, released_from=None, released_to=None, **words
    )
    with TmdbSimulator(films=10 * FILMS) as tmdb:
        _say(
            f"$ TRUSTEDLAKE_TMDB_URL={tmdb.url} TMDB_TOKEN={tmdb.token}"
            f" {typed('ingest-tmdb', '--limit', str(FILMS), lake=folder)}"
        )
        key = TmdbKey(tmdb.token, is_token=True)
        with extractor(folder, tmdb.url, key=key) as tools:
            done = ingest(tools, IngestOptions(query=query, batch=100, per_second=0, restart=False))
            ingest_output.certificate(done, tools.store, folder, as_json=False)


def _show_raw(lake: Path) -> None:
    _say(f"# A lake as it is met in the field: {lake}/Raw")
    for file in sorted((lake / "Raw").rglob("*")):
        if file.is_file():
            click.echo(f"  {file.relative_to(lake)}  {file.stat().st_size:,} bytes")


def _to_trusted(home: Home, bars: list[Hears], folder: str, source: str, *, preview: int | None = None) -> int:
    from trustedlake.app.trusted.job import Options
    from trustedlake.entrypoints.cli import record_rows, run_output
    from trustedlake.entrypoints.lake.registry import Asked
    from trustedlake.terminal import typed

    line = typed("to-trusted", "--source", source, lake=folder) + (f" --preview {preview}" if preview else "")
    _say(f"$ {line}")
    with run_output.progress(quiet=False) as bar:  # the bar disappears before anything else is printed
        bars.append(bar)
        report = home.to_trusted(Asked(source=source), Options(), line)
    run_output.report(report, lake=folder, as_json=False)
    if preview:
        record_rows.preview(home, report, rows=preview)
    return report.exit_code


def _show_quarantine(home: Home, folder: str) -> None:
    from trustedlake.entrypoints.cli import record_rows
    from trustedlake.entrypoints.lake.address import Place
    from trustedlake.terminal import typed

    _say(f"$ {typed('quarantine', lake=folder)}")
    record_rows.quarantined(list(home.refused()), more=0, place=Place(lake=folder))


def _next(folder: str) -> None:
    """Print commands to paste, each explained in the line above: not every shell allows a comment after a command."""
    from trustedlake.entrypoints.cli.console import program
    from trustedlake.terminal import quoted, typed

    ours = program()
    again = typed("to-trusted", "--source", "tmdb", lake=folder, program=ours)
    _say("# Try next")
    for what, line in (
        ("The last run again:", typed("report", lake=folder, program=ours)),
        ("A page about the lake, for a browser:", typed("report", "--html", "demo.html", lake=folder, program=ours)),
        ("Why records were refused:", typed("quarantine", "--count", lake=folder, program=ours)),
        ("A table is gone, and the next run notices:", f"rm -r {quoted(f'{folder}/Trusted/TMDB')} && {again}"),
    ):
        click.echo(f"  {what}\n    {line}")
    click.echo("  Your own files, laid out the same way: name their folder behind --lake.")
