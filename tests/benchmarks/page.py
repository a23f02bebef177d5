"""The record as text: lines for the terminal, and the measured part of `docs/benchmarks.md`.

People write the rest of that page; between the two marks everything is made from the record, anew each time.
"""

from __future__ import annotations

from statistics import median
from typing import TYPE_CHECKING

from tests.benchmarks.tools import DLT, FLOOR, SOURCE_JOB

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from tests.benchmarks.bench import Finding
    from tests.benchmarks.record import Fate, Part, Used

BEGIN = "<!-- measured: `make bench` writes what stands between these two marks -->"
END = "<!-- end of what was measured -->"
COUNTED = ("lost", "changed", "doubled", "neighbours", "held")
BESIDE = {SOURCE_JOB: "to the source job", DLT: "to dlt", FLOOR: "to the floor"}


def lines(findings: Iterable[Finding]) -> str:
    """One line for each finding."""
    return "\n".join(
        f"{_verdict(f):<11}  {f.what}: {_number(f.measured)} (at most {f.target:g})  {f.detail}" for f in findings
    )


def page(before: str, parts: Mapping[str, Part], plot: str = "") -> str:
    """The page with its measured part made anew from the parts; what people wrote stays.

    Args:
        before: the page as it is; without marks, or empty, it gets them at its end.
        plot: name of the picture beside the page, if there is one.
    """
    if BEGIN not in before:
        before = f"{before}{BEGIN}\n\n{END}\n"
    head, rest = before.split(BEGIN, 1)
    tail = rest.split(END, 1)[1]
    return f"{head}{BEGIN}\n\n{_measured(parts, plot)}\n{END}{tail}"


def _measured(parts: Mapping[str, Part], plot: str) -> str:
    sections = []
    compared = [_tools(part) for part in parts.values() if part.runs]
    if compared:
        sections += ["## Compared with other tools", *([f"![time and memory of each tool]({plot})"] if plot else [])]
        sections += compared
    fates = [fate for part in parts.values() for fate in part.fates]
    if fates:
        sections += ["## What each tool did with the planted defects", _fates(fates), _fates_by_kind(fates)]
    sections += ["## Targets", _targets(parts), "## When and where", _origins(parts)]
    return "\n\n".join(sections) + "\n"


def _tools(part: Part) -> str:
    beside = {name: head for name, head in BESIDE.items() if name in part.runs}
    rows = [["", "time", *beside.values(), "processor", "peak memory"]]
    for name, runs in part.runs.items():
        shares = [f"{median(_ratios(runs, part.runs[other])):.2f}" for other in beside]
        wall_s, cpu_s = (median(getattr(run, key) for run in runs) for key in ("wall_s", "cpu_s"))
        peak = median(run.peak_bytes for run in runs) / 2**20
        rows.append([name, f"{wall_s:.1f} s", *shares, f"{cpu_s:.1f} s", f"{peak:,.0f} MB"])
    rounds = len(next(iter(part.runs.values())))
    return f"### {part.size}\n\n{_table(rows)}\n\nMedians of {rounds} {'round' if rounds == 1 else 'rounds'}."


def _ratios(runs: Sequence[Used], others: Sequence[Used]) -> list[float]:
    return [run.wall_s / other.wall_s for run, other in zip(runs, others, strict=True)]


def _fates(fates: Sequence[Fate]) -> str:
    rows = [
        [
            "",
            "right or reported",
            "lost silently",
            "null, changed or invented silently",
            "doubled silently",
            "good records beside them, lost or changed silently",
            "good records beside them, held back and reported",
            "the run dies at",
        ]
    ]
    for name in dict.fromkeys(fate.tool for fate in fates):
        own = [fate for fate in fates if fate.tool == name]
        planted = sum(fate.planted for fate in own)
        dies = sum(fate.died for fate in own)
        rows.append(
            [
                name,
                f"{sum(fate.right for fate in own)} of {planted}",
                *(str(sum(getattr(f, key) for f in own)) for key in COUNTED),
                f"{dies} of {len(own)} kinds" if dies else "none",
            ]
        )
    return _table(rows)


def _fates_by_kind(fates: Sequence[Fate]) -> str:
    names = list(dict.fromkeys(fate.tool for fate in fates))
    rows = [["defect", "planted", *names]]
    by = {(fate.kind, fate.tool): fate for fate in fates}
    for kind in dict.fromkeys(fate.kind for fate in fates):
        cells = [_fate(by[kind, name]) if (kind, name) in by else "" for name in names]
        rows.append([kind, str(next(fate.planted for fate in fates if fate.kind == kind)), *cells])
    return _table(rows)


def _fate(fate: Fate) -> str:
    if fate.died:
        return "the run dies"
    said = [f"{getattr(fate, key)} {key}" for key in ("lost", "changed", "doubled") if getattr(fate, key)]
    return ", ".join(said) or "right or reported"


def _targets(parts: Mapping[str, Part]) -> str:
    rows = [["what", "at most", "measured", "", "from"]]
    rows += [
        [f.what, f"{f.target:g}", _number(f.measured), _verdict(f), f.detail]
        for part in parts.values()
        for f in part.findings
    ]
    return _table(rows)


def _origins(parts: Mapping[str, Part]) -> str:
    rows = [["scenario", "measured", "commit", "command", "busy before"]]
    rows += [
        [name, part.measured, part.commit, f"`{part.command}`", part.machine.get("busy before it began", "")]
        for name, part in parts.items()
    ]
    machines = dict.fromkeys(
        "\n".join(f"- {name}: {value}" for name, value in part.machine.items() if name != "busy before it began")
        for part in parts.values()
    )
    return f"{_table(rows)}\n\n" + "\n\nor\n\n".join(machines)


def _table(rows: Sequence[Sequence[str]]) -> str:
    head, *body = (f"| {' | '.join(row)} |" for row in rows)
    return "\n".join([head, "|---" * len(rows[0]) + "|", *body])


def _verdict(finding: Finding) -> str:
    return "reached" if finding.reached else "not reached"


def _number(number: float) -> str:
    return f"{number:g}" if float(number).is_integer() else f"{number:.2f}"
