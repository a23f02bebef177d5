"""`trustedlake simulate-tmdb`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from trustedlake.entrypoints.cli import options

if TYPE_CHECKING:
    from trustedlake.simulators.tmdb import TmdbSimulator


@click.command("simulate-tmdb", short_help="Run an offline TMDB for trials and tests.")
@click.option(
    "--host",
    metavar="ADDRESS",
    default="127.0.0.1",
    show_default=True,
    help="Address to listen on; 0.0.0.0 lets other machines and containers in.",
)
@click.option("--port", type=click.IntRange(0, 65535), default=0, help="Port to listen on.  [default: a free one]")
@click.option("--films", type=click.IntRange(0), default=4000, show_default=True, help="Number of films.")
@click.option("--series", type=click.IntRange(0), default=1000, show_default=True, help="Number of series.")
@click.option("--seed", type=int, default=7, show_default=True, help="The same seed gives the same films.")
@click.option("--faults", metavar="FILE", type=click.Path(dir_okay=False), help="JSON list of the faults to simulate.")
@click.option(
    "--latency-ms", type=click.FloatRange(0), default=0, show_default=True, help="Time that each answer takes."
)
@click.option(
    "--drift-every",
    type=click.IntRange(0),
    default=0,
    metavar="N",
    help="Let films move between pages after every N pages.  [default: never]",
)
@click.option("--token", default="offline", show_default=True, help="The token or key that it accepts.")
@options.as_json
def command(
    *,
    host: str,
    port: int,
    films: int,
    series: int,
    seed: int,
    faults: str | None,
    latency_ms: float,
    drift_every: int,
    token: str,
    as_json: bool,
) -> None:
    """Serve invented films and series as TMDB would, over HTTP, until Ctrl-C.

    No account, no key, no network. It answers /discover, details, keywords and genres of films and
    series, with the oddities of real data; --faults makes it fail like the real one.

    \b
    Examples:
      trustedlake simulate-tmdb --port 8900
      trustedlake simulate-tmdb --films 20000 --latency-ms 50 --faults faults.json
    """
    from threading import Event

    from trustedlake.entrypoints.lake.address import local_path
    from trustedlake.errors import ConfigError
    from trustedlake.simulators.faults import load
    from trustedlake.simulators.tmdb import TmdbSimulator

    script = load(local_path(faults)) if faults else []
    try:
        simulator = TmdbSimulator(
            films=films,
            series=series,
            seed=seed,
            faults=script,
            latency_ms=latency_ms,
            drift_every=drift_every,
            token=token,
            api_key=token,
            host=host,
            port=port,
            calls_kept=0,
        )
    except OSError as error:
        hint = "leave --port out to use a free one; --host must be an IPv4 address of this machine"
        raise ConfigError(f"{host}, port {port}: {error.strerror}", hint=hint) from error
    with simulator:
        _tell(simulator, films=films, series=series, as_json=as_json)
        Event().wait()


def _tell(simulator: TmdbSimulator, *, films: int, series: int, as_json: bool) -> None:
    import json
    import shlex

    if as_json:
        click.echo(json.dumps({"url": simulator.url, "token": simulator.token}))
        return
    token = shlex.quote(simulator.token)
    bearer = shlex.quote(f"Authorization: Bearer {simulator.token}")
    click.echo(f"an offline TMDB with {films:,} films and {series:,} series: {simulator.url}    (Ctrl-C stops it)")
    click.echo("next, in another terminal:")
    click.echo(f"  TRUSTEDLAKE_TMDB_URL={simulator.url} TMDB_TOKEN={token} trustedlake ingest-tmdb --lake ./lake")
    click.echo(f"  curl -H {bearer} '{simulator.url}/discover/movie?with_genres=80|10752'")
