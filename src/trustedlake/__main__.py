"""Run the command as `python -m trustedlake`, for when the program is not on the PATH."""

from __future__ import annotations

from trustedlake.entrypoints.cli.main import run

if __name__ == "__main__":
    run()
