"""Commands in this process: their exit codes and what they print."""

from __future__ import annotations

import io
from contextlib import redirect_stderr, redirect_stdout

import pytest

from trustedlake.entrypoints.cli.main import run


def command(*arguments: str) -> tuple[int, str]:
    """Exit code and screen of `trustedlake` with these arguments."""
    written = io.BytesIO()
    screen = io.TextIOWrapper(written, encoding="utf-8", write_through=True)
    with pytest.raises(SystemExit) as left, redirect_stdout(screen), redirect_stderr(screen):
        run(arguments)
    return int(left.value.code or 0), written.getvalue().decode()
