"""`python -m tests.benchmarks [NAMES...]`: measure, print, and with `--write` keep the numbers as a page."""

from __future__ import annotations

import shlex
import shutil
import sys
import tempfile
from pathlib import Path

import click

from tests.benchmarks.bench import Bench
from tests.benchmarks.machine import machine
from tests.benchmarks.page import lines, page
from tests.benchmarks.scenarios import SCENARIOS


@click.command()
@click.argument("names", nargs=-1, type=click.Choice(list(SCENARIOS)))
@click.option("--scale", type=click.FloatRange(0, min_open=True), default=1.0, show_default=True)
@click.option("--pairs", type=click.IntRange(1), default=3, show_default=True, help="Times two commands run in turn.")
@click.option("--cache", type=click.Path(path_type=Path), help="Keep generated lakes here.  [default: nowhere]")
@click.option("--write", type=click.Path(path_type=Path), help="Write the page here.")
def main(names: tuple[str, ...], scale: float, pairs: int, cache: Path | None, write: Path | None) -> None:
    """Measure the scenarios NAMES, or all. Exits 0 whether or not the targets are reached."""
    facts = machine()
    with tempfile.TemporaryDirectory(prefix="trustedlake-bench-", dir=cache and _made(cache)) as folder:
        work = Path(folder)
        findings = []
        for name in names or SCENARIOS:
            click.echo(f"{name} ...", err=True)
            found = SCENARIOS[name](Bench(cache or work, work / name, scale, pairs))
            click.echo(lines(found))
            findings += found
            shutil.rmtree(work / name, ignore_errors=True)
    if write:
        command = shlex.join(["python", "-m", "tests.benchmarks", *_asked(sys.argv[1:])])
        write.write_text(page(findings, facts, command), encoding="utf-8")


def _made(folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def _asked(arguments: list[str]) -> list[str]:
    """The arguments without the folder of the cache, which is nobody's business."""
    kept, rest = [], iter(arguments)
    for argument in rest:
        if argument == "--cache":
            next(rest)
        elif not argument.startswith("--cache="):
            kept.append(argument)
    return kept


if __name__ == "__main__":
    main()
