"""`-h` is `--help`, for each command."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click
import pytest

from trustedlake.entrypoints.cli.main import COMMANDS, main, run

if TYPE_CHECKING:
    from collections.abc import Iterator


def paths() -> Iterator[tuple[str, ...]]:
    """Each command's words, those of subcommands too."""
    context = click.Context(main)
    for name in COMMANDS:
        yield (name,)
        command = main.get_command(context, name)
        if isinstance(command, click.Group):
            yield from ((name, below) for below in command.list_commands(context))


@pytest.mark.parametrize("words", [(), *paths()], ids=lambda words: " ".join(words) or "trustedlake")
def test_both_options_show_the_same_help(words: tuple[str, ...], capsys: pytest.CaptureFixture[str]) -> None:
    shown = []
    for option in ("-h", "--help"):
        with pytest.raises(SystemExit) as left:
            run([*words, option])
        assert not left.value.code
        shown.append(capsys.readouterr().out)
    assert shown[0] == shown[1]
    assert shown[0].startswith(f"Usage: {' '.join(['trustedlake', *words])} ")
    assert "-h, --help" in shown[0]
