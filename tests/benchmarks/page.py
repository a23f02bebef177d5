"""Findings as text: lines for the terminal, and the page `docs/benchmarks.md`."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from tests.benchmarks.bench import Finding

_INTRO = """\
# Benchmarks

<!-- Written by the command below; run it again, don't edit. -->

Whole processes are measured, from the start of the command to its end, Python's and Java's start included. Where two
are compared they run in turn on the same raw files, and the number is the median of the ratios of their wall times.
Memory is that of the largest single process.

The **baseline** is the method of the job this project replaces, on the same Spark, cores and heap: lines of text
through `from_json(array<struct>)`, `explode`, the date by a regular expression from the path, a partitioned append; for
CSV Spark's reader with every column as text. It types less, checks nothing, keeps duplicates, and proves nothing. Its
other settings are Spark's and Java's own; the command starts small work without Java's second compiler. The command
runs with `--engine spark`, lines that say so with `--engine sail`.

The **old way** of extracting is that of the source's last job: pages one after another, two calls a film one after
another, a pause of 0.1 s after each film and of 0.5 s after each file. Both ask the offline TMDB on this machine.

The raw files are generated, from a seed: films in one-line arrays with the ten fields of the source (one in twenty with
TMDB's whole body), and lines of the pipe-separated file. Of 200 records one is rejected, and nearly one is a duplicate.

"""

_OUTRO = """
- **Time to the baseline's**: records end typed, deduplicated, in one file a partition, and proven.
- **Proof**: reading the staged Parquet back, without Spark, and comparing it with what was framed.
- **Nothing new**: the command lists Raw, compares it with the ledger, and ends; it runs where no Java can be found.
- **Peak memory**: Java's heap grows towards its limit (2 GB unless `TRUSTEDLAKE_DRIVER_MEMORY` says otherwise).

`trustedlake to-trusted --timings` shows where the time of any run went, and the run's report keeps it.
"""


def lines(findings: Sequence[Finding]) -> str:
    """One line for each finding."""
    return "\n".join(
        f"{_verdict(f):<11}  {f.what}: {_number(f.measured)} (at most {f.target:g})  {f.detail}" for f in findings
    )


def page(findings: Sequence[Finding], machine: Mapping[str, str], command: str) -> str:
    """The page, in Markdown."""
    rows = [
        "| what | at most | measured | | from |",
        "|---|---|---|---|---|",
        *(f"| {f.what} | {f.target:g} | {_number(f.measured)} | {_verdict(f)} | {f.detail} |" for f in findings),
    ]
    facts = "\n".join(f"- {name}: {value}" for name, value in machine.items())
    return f"{_INTRO}```bash\n{command}\n```\n\n{facts}\n\n" + "\n".join(rows) + "\n" + _OUTRO


def _verdict(finding: Finding) -> str:
    return "reached" if finding.reached else "not reached"


def _number(number: float) -> str:
    return f"{number:g}" if float(number).is_integer() else f"{number:.2f}"
