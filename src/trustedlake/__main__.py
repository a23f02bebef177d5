"""`python -m trustedlake`: the command, where its program is not on the path."""

from __future__ import annotations

from trustedlake.entrypoints.cli.main import run

if __name__ == "__main__":
    run()
