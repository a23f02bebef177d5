"""`python -m tests.benchmarks [NAMES...]`: measure, print, and with `--write` keep the numbers, a plot and a page."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import click

from tests.benchmarks import record
from tests.benchmarks.bench import Bench
from tests.benchmarks.machine import machine
from tests.benchmarks.page import lines, page
from tests.benchmarks.scenarios import SCENARIOS
from tests.benchmarks.tools import PEERS_PYTHON, ROOT, NotInstalledError
from trustedlake.adapters.local.clock import SystemClock


@click.command()
@click.argument("names", nargs=-1, type=click.Choice(list(SCENARIOS)))
@click.option("--scale", type=click.FloatRange(0, min_open=True), default=1.0, show_default=True)
@click.option("--rounds", type=click.IntRange(1), default=3, show_default=True, help="Times commands run in turn.")
@click.option("--cache", type=click.Path(path_type=Path), help="Keep generated lakes here.  [default: nowhere]")
@click.option("--write", type=click.Path(path_type=Path), help="The page; beside it its record and plot.")
def main(names: tuple[str, ...], scale: float, rounds: int, cache: Path | None, write: Path | None) -> None:
    """Measure the scenarios NAMES, or all. Exits 0 whether or not the targets are reached, 1 where a command failed.

    What is written is written after each scenario: an interrupted run loses one, and the next one goes on with NAMES.
    """
    command = shlex.join(["python", "-m", "tests.benchmarks", *_asked(sys.argv[1:])])
    failed = []
    with tempfile.TemporaryDirectory(prefix="trustedlake-bench-", dir=cache and _made(cache)) as folder:
        work = Path(folder)
        for name in names or SCENARIOS:
            click.echo(f"{name} ...", err=True)
            facts, at = machine(), SystemClock().now()
            try:
                found = SCENARIOS[name](Bench(cache or work, work / name, scale, rounds))
            except NotInstalledError as error:
                click.echo(f"left out: {error}", err=True)
                continue
            except RuntimeError as error:  # a command failed: the others may not
                click.echo(f"{name}: {error}", err=True)
                failed.append(name)
                continue
            click.echo(lines(found.findings))
            shutil.rmtree(work / name, ignore_errors=True)
            if write:
                _keep(write, name, record.part_of(found, at=f"{at:%Y-%m-%d %H:%M} UTC", command=command, machine=facts))
    if failed:
        raise click.ClickException(f"not measured: {', '.join(failed)}")


def _keep(file: Path, name: str, part: record.Part) -> None:
    """Put the part into the record, and make plot and page anew."""
    numbers, picture = file.with_suffix(".json"), file.with_suffix(".svg")
    known = record.read(numbers) | {name: part}
    parts = {scenario: known[scenario] for scenario in SCENARIOS if scenario in known}
    record.write(numbers, parts)
    if PEERS_PYTHON.exists() and any(part.runs for part in parts.values()):
        drawing = [str(PEERS_PYTHON), "-m", "tests.benchmarks.plot", str(numbers), str(picture)]
        subprocess.run(drawing, env=os.environ | {"PYTHONPATH": str(ROOT)}, check=True)  # noqa: TID251 - handed on
    before = file.read_text(encoding="utf-8") if file.exists() else ""
    file.write_text(page(before, parts, picture.name if picture.exists() else ""), encoding="utf-8")


def _made(folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def _asked(arguments: list[str]) -> list[str]:
    """The arguments without the folders, which are nobody's business."""
    kept, rest = [], iter(arguments)
    for argument in rest:
        if argument in {"--cache", "--write"}:
            next(rest)
        elif not argument.startswith(("--cache=", "--write=")):
            kept.append(argument)
    return kept


if __name__ == "__main__":
    main()
