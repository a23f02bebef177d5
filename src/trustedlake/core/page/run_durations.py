"""The last runs: how long each took, and which steps took the time."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from trustedlake.core.page.bars import spans
from trustedlake.core.page.words import number, said, say, told
from trustedlake.core.run_steps import RUN_STEPS
from trustedlake.markup import Markup, tag

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from trustedlake.models.report import RunReport

OTHER = "other"

NAMES = {**{step: words.name for step, words in RUN_STEPS.items()}, OTHER: "other"}
"""Step in a report -> its name on the page, in drawing order."""


def runs_section(runs: Sequence[RunReport]) -> Markup | None:
    """Show the last runs, newest first."""
    if not runs:
        return None
    newest = list(reversed(runs))
    steps = [steps_of(run) for run in newest]
    longest = max(sum(one.values()) for one in steps)
    used = [step for step in NAMES if any(one.get(step) for one in steps)]
    legend = tag(
        "ul",
        *(tag("li", _swatch(step), say(NAMES[step])) for step in used),
        class_="legend",
    )
    lines = [part for run, one in zip(newest, steps, strict=True) for part in _line(run, one, longest)]
    return tag(
        "section",
        said("h2", "Where the time went", id="runs"),
        said("p", "The last runs, the newest first; each bar is as long as its run.", class_="soft"),
        tag("div", *lines, class_="spans"),
        legend,
        tag("details", said("summary", "The same as numbers"), _numbers(newest, steps, used)),
        class_="sheet",
        aria_labelledby="runs",
    )


def steps_of(run: RunReport) -> Mapping[str, float]:
    """Return step -> seconds, summed over all tables; time outside all steps is `other`."""
    took: defaultdict[str, float] = defaultdict(float)
    for table in run.tables:
        for step, seconds in table.timings_s.items():
            took[step if step in NAMES else OTHER] += seconds
    whole = (run.finished - run.started).total_seconds()
    took[OTHER] += max(0.0, whole - sum(took.values()))
    return took


def _class(step: str) -> str:
    return f"step-{list(NAMES).index(step)}"


def _swatch(step: str) -> Markup:
    square = tag("rect", class_=_class(step), width=12, height=12, rx=3)
    return tag("svg", square, viewBox="0 0 12 12", aria_hidden="true")


def _line(run: RunReport, steps: Mapping[str, float], longest: float) -> tuple[Markup, Markup, Markup]:
    whole = sum(steps.values())
    most = max(steps, key=lambda step: steps[step])
    parts = [(_class(step), NAMES[step], steps[step]) for step in NAMES if steps.get(step)]
    failed = tag("span", say("exit"), f" {run.exit_code}", class_="chip refused") if run.exit_code else None
    return (
        tag("span", tag("time", f"{run.started:%Y-%m-%d %H:%M}"), " ", failed),
        tag("span", number(whole, digits=1), " s, ", say("mostly"), " ", say(NAMES[most]), class_="soft"),
        spans(parts, longest, told(f"{run.started:%Y-%m-%d %H:%M}, {whole:,.1f} s", "mostly", NAMES[most])),
    )


def _numbers(runs: Sequence[RunReport], steps: Sequence[Mapping[str, float]], used: Sequence[str]) -> Markup:
    head = tag("tr", said("th", "started (UTC)"), *(said("th", NAMES[step]) for step in used), said("th", "seconds"))
    rows = [
        tag(
            "tr",
            tag("td", f"{run.started:%Y-%m-%d %H:%M:%S}"),
            *(tag("td", f"{one.get(step, 0.0):,.2f}") for step in used),
            tag("td", f"{sum(one.values()):,.2f}"),
        )
        for run, one in zip(runs, steps, strict=True)
    ]
    return tag("div", tag("table", head, *rows), class_="scroll", tabindex=0, role="region", aria_labelledby="runs")
