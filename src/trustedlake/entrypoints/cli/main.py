"""The command `trustedlake`: loads subcommands when they are called, and turns errors into exit codes."""

from __future__ import annotations

import sys
from importlib import import_module
from typing import TYPE_CHECKING, NoReturn

import click

from trustedlake import __version__
from trustedlake.entrypoints.cli import streams
from trustedlake.errors import ConfigError, InputError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from trustedlake.errors import TrustedLakeError

NAME = "trustedlake"
INTERRUPTED = 130
WORKERS = {"ingest-tmdb", "to-trusted", "demo"}
"""Commands that succeed even if their output is lost, because their work is in the lake."""

COMMANDS = {
    "ingest-tmdb": "trustedlake.entrypoints.cli.ingest_tmdb",
    "to-trusted": "trustedlake.entrypoints.cli.to_trusted",
    "status": "trustedlake.entrypoints.cli.status",
    "accept": "trustedlake.entrypoints.cli.accept",
    "quarantine": "trustedlake.entrypoints.cli.quarantine",
    "report": "trustedlake.entrypoints.cli.report",
    "simulate-tmdb": "trustedlake.entrypoints.cli.simulate_tmdb",
    "catalog": "trustedlake.entrypoints.cli.catalog",
    "query": "trustedlake.entrypoints.cli.query",
    "audit": "trustedlake.entrypoints.cli.audit",
    "contract": "trustedlake.entrypoints.cli.contract",
    "doctor": "trustedlake.entrypoints.cli.doctor",
    "demo": "trustedlake.entrypoints.cli.demo",
}
"""Subcommand -> the module with its `command`."""


class LazyGroup(click.Group):
    """A group that imports a subcommand's module only when it is needed."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002
        """Return the subcommands, in the order in which a user needs them."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        """Load and return the subcommand of that name."""
        if cmd_name not in COMMANDS:
            return None
        command: click.Command = import_module(COMMANDS[cmd_name]).command
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the called subcommand; for an unknown name, suggest a similar one."""
        name = args[0]
        if name not in COMMANDS and not name.startswith("-"):
            from difflib import get_close_matches

            meant = "".join(f" Did you mean {close!r}?" for close in get_close_matches(name, COMMANDS, n=1))
            raise click.UsageError(f"No such command {name!r}.{meant}", ctx)
        return super().resolve_command(ctx, args)


@click.command(
    cls=LazyGroup,
    context_settings={"max_content_width": 100, "help_option_names": ["-h", "--help"]},
    epilog="Exit codes: 0 done, 1 input or bug, 2 wrong call, 3 quality gate, 4 try again later, 130 interrupted.",
)
@click.version_option(__version__, prog_name=NAME)
def main() -> None:
    """Turn the Raw zone of a data lake (JSON and CSV) into typed, partitioned, proven Parquet.

    \b
    Examples:
      trustedlake demo
      trustedlake to-trusted --source tmdb --lake ./lake
      trustedlake quarantine --lake ./lake
    """


def run(arguments: Sequence[str] | None = None) -> NoReturn:
    """Run the command and exit with its exit code."""
    main._main_shell_completion({}, NAME)  # if a shell asks for completions, answer and exit
    given = list(sys.argv[1:] if arguments is None else arguments)
    with streams.prepared():
        code = _exit_code(given)
        if (lost := streams.lost()) is not None:
            code = code or _lost(lost, given)
    sys.exit(code)


def _exit_code(arguments: list[str]) -> int:
    try:
        _require_text(arguments)
        code = main.main(arguments, prog_name=NAME, standalone_mode=False)
    except click.ClickException as error:
        called = getattr(error, "ctx", None)
        _document(
            arguments, error.exit_code, error.format_message(), f"{called.command_path if called else NAME} --help"
        )
        error.show()
        return error.exit_code
    except (KeyboardInterrupt, click.Abort):
        click.echo("interrupted: nothing was left half done, run again to continue", err=True)
        return INTERRUPTED
    except Exception as error:  # noqa: BLE001 - no user is shown a traceback
        from trustedlake.entrypoints.foreign_errors import as_ours

        return _tell(as_ours(error), arguments)
    return code if isinstance(code, int) else 0


def _require_text(arguments: list[str]) -> None:
    """Refuse arguments that are not valid text, such as a path in Latin-1, since JSON reports can't contain them."""
    for given in arguments:
        try:
            given.encode()
        except UnicodeEncodeError:
            raise ConfigError(
                f"{given}: an argument that is not UTF-8", hint="rename the file or folder, or save the script as UTF-8"
            ) from None


def _lost(error: OSError, arguments: list[str]) -> int:
    """Report that the results could not be printed; the command fails only if printing was its work."""
    printed = f"the results could not be printed: {error.strerror or error}"
    if any(word in WORKERS for word in arguments[:1]):
        click.echo(f"warning: {printed}; the work is done", err=True)
        return 0
    return _tell(InputError(printed, hint="free some space, or print them elsewhere"), [])


def _tell(error: TrustedLakeError, arguments: list[str]) -> int:
    """Print what is wrong and what to do next, also as one JSON document with `--json`."""
    from trustedlake.entrypoints.cli import console

    _document(arguments, error.exit_code, error.message, error.hint)
    console.error(error.message, error.hint)
    return error.exit_code


def _document(arguments: list[str], code: int, message: str, hint: str) -> None:
    """Print an error as a JSON document if `--json` was given."""
    if "--json" in arguments:
        click.echo(error_document(code, message, hint))


def error_document(code: int, message: str, hint: str) -> str:
    """Return an error as one line of JSON."""
    import json

    return json.dumps({"exit_code": code, "error": message, "hint": hint}, ensure_ascii=False)
