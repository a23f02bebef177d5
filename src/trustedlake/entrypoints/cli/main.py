"""The command `trustedlake`: subcommands loaded when they are called, errors turned into exit codes."""

from __future__ import annotations

import sys
from importlib import import_module
from typing import TYPE_CHECKING, Any, NoReturn

import click

from trustedlake import __version__
from trustedlake.errors import TrustedLakeError

if TYPE_CHECKING:
    from collections.abc import Sequence

INTERRUPTED = 130
BUG = 1

COMMANDS = {
    "ingest-tmdb": "trustedlake.entrypoints.cli.ingest_tmdb",
    "to-trusted": "trustedlake.entrypoints.cli.to_trusted",
    "quarantine": "trustedlake.entrypoints.cli.quarantine",
    "report": "trustedlake.entrypoints.cli.report",
    "simulate-tmdb": "trustedlake.entrypoints.cli.simulate_tmdb",
    "catalog": "trustedlake.entrypoints.cli.catalog",
    "query": "trustedlake.entrypoints.cli.query",
    "audit": "trustedlake.entrypoints.cli.audit",
    "doctor": "trustedlake.entrypoints.cli.doctor",
    "demo": "trustedlake.entrypoints.cli.demo",
}
"""Subcommand -> the module whose `command` it is."""


class LazyGroup(click.Group):
    """A group that imports a subcommand's module when it is needed."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002
        """The subcommands, in the order a user meets them."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        """The subcommand of that name, loaded now."""
        if cmd_name not in COMMANDS:
            return None
        command: click.Command = import_module(COMMANDS[cmd_name]).command
        return command


@click.command(
    cls=LazyGroup,
    context_settings={"max_content_width": 100},
    epilog="Exit codes: 0 done, 1 input or bug, 2 wrong call, 3 quality gate, 4 try again later, 130 interrupted.",
)
@click.version_option(__version__, prog_name="trustedlake")
def main() -> None:
    """Turn the Raw zone of a film-and-series lake into typed, partitioned, proven Parquet.

    \b
    Examples:
      trustedlake demo
      trustedlake to-trusted --source tmdb --lake ./lake
      trustedlake quarantine --lake ./lake
    """


def run(arguments: Sequence[str] | None = None) -> NoReturn:
    """Run the command and leave with its exit code."""
    sys.exit(_exit_code(list(sys.argv[1:] if arguments is None else arguments)))


def _exit_code(arguments: list[str]) -> int:
    try:
        code = main.main(arguments, prog_name="trustedlake", standalone_mode=False)
    except TrustedLakeError as error:
        return _tell(error, arguments)
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except (KeyboardInterrupt, click.Abort):
        click.echo("interrupted: nothing is half done, run again to go on", err=True)
        return INTERRUPTED
    except BrokenPipeError:
        # The reader of our output went away (`| head`): not our error, and nothing left to say.
        sys.stderr.close()
        return 0
    return code if isinstance(code, int) else 0


def _tell(error: TrustedLakeError, arguments: list[str]) -> int:
    """Say what is wrong and what next, as one JSON document if that was asked for."""
    if "--json" in arguments:
        import json

        document: dict[str, Any] = {"exit_code": error.exit_code, "error": error.message, "hint": error.hint}
        click.echo(json.dumps(document, ensure_ascii=False))
    click.echo(f"{click.style('error:', fg='red', bold=True)} {error.message}", err=True)
    click.echo(f"{click.style('hint:', fg='cyan', bold=True)} {error.hint}", err=True)
    return error.exit_code
