"""Printed commands can be pasted, whether or not the environment is activated."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

import pytest

from trustedlake.entrypoints.cli.console import program
from trustedlake.terminal import typed

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize(
    ("called", "path", "expected"),
    [
        pytest.param(".venv/bin/trustedlake", "", ".venv/bin/trustedlake", id="not-activated"),
        pytest.param(".venv/bin/trustedlake", ".venv/bin", "trustedlake", id="activated-and-called-by-its-path"),
        pytest.param(".venv/bin/trustedlake", "other", ".venv/bin/trustedlake", id="the-shell-finds-another"),
        pytest.param(".venv/bin/trustedlake", "other:.venv/bin", ".venv/bin/trustedlake", id="another-comes-first"),
        pytest.param("cli.py", "", "trustedlake", id="through-spark-submit"),
        pytest.param("", "", "trustedlake", id="from-a-prompt-of-python"),
    ],
)
def test_the_bare_command_name_is_printed_only_if_the_shell_finds_it(
    called: str, path: str, expected: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in (".venv/bin/trustedlake", "other/trustedlake", "cli.py"):
        script = tmp_path / name
        script.parent.mkdir(parents=True, exist_ok=True)
        script.touch(mode=0o755)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PATH", os.pathsep.join(str(tmp_path / part) for part in path.split(":") if part))
    monkeypatch.setattr(sys, "argv", [called])
    assert program() == expected


def test_a_program_and_a_lake_with_blanks_are_quoted() -> None:
    line = typed("report", lake="my lake", program="my env/bin/trustedlake")
    assert line == "'my env/bin/trustedlake' report --lake 'my lake'"
