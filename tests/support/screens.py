"""Commands in this process: their exit codes and what they print."""

from __future__ import annotations

import io
import shlex
import subprocess
from contextlib import redirect_stderr, redirect_stdout
from typing import TYPE_CHECKING

import pytest

from trustedlake.entrypoints.cli.main import run

if TYPE_CHECKING:
    from pathlib import Path


def command(*arguments: str) -> tuple[int, str]:
    """Exit code and screen of `trustedlake` with these arguments."""
    written = io.BytesIO()
    screen = io.TextIOWrapper(written, encoding="utf-8", write_through=True)
    with pytest.raises(SystemExit) as left, redirect_stdout(screen), redirect_stderr(screen):
        run(arguments)
    return int(left.value.code or 0), written.getvalue().decode()


def run_page(code: str, folder: Path) -> str:
    """Run the lines of a page in the folder, which is the current one; `trustedlake` in this process.

    Fails where a line fails.
    """
    said = []
    for line in code.splitlines():
        words, _, out = line.partition(" > ")
        if not words.startswith("trustedlake "):
            subprocess.run(["bash", "-ec", line], cwd=folder, check=True, timeout=10)
            continue
        exit_code, screen = command(*shlex.split(words)[1:])
        assert exit_code == 0, f"{line}\n{screen}"
        if out:
            (folder / out).write_text(screen, encoding="utf-8")
        said.append(screen)
    return "\n".join(said)
