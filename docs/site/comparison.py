"""The comparison on the first page, made from `docs/benchmarks.json` whenever the site is built."""

from __future__ import annotations

from statistics import median
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

SIZES = ("small", "movies", "csv")
"""The scenarios that are shown, a column each."""


def comparison(measured: Mapping[str, Any]) -> str:
    """Make the table of the first page, in Markdown.

    Grain: one row per tool. Times are medians of whole processes; defects are those planted in the raw files.

    Args:
        measured: what `docs/benchmarks.json` holds.
    """
    sizes = [measured[name] for name in SIZES]
    head = ["", *(part["size"] for part in sizes), "peak memory", "defects wrong without a word"]
    tools = [tool for tool in measured["movies"]["runs"] if all(tool in part["runs"] for part in sizes)]
    body = [_row(tool, sizes, measured["defects"]["fates"]) for tool in tools]
    lines = [f"| {' | '.join(row)} |" for row in (head, ["---"] + ["---:"] * (len(head) - 1), *body)]
    cores, size = measured["movies"]["machine"]["processors"].split()[0], measured["movies"]["size"]
    return "\n".join(lines) + f"\n\nMeasured on {cores} processors; the memory is that of {size}.\n"


def wrong_in_silence(fates: Sequence[Mapping[str, Any]], tool: str) -> tuple[int, int]:
    """How many planted records the tool got wrong without reporting it, and how many were planted."""
    own = [fate for fate in fates if fate["tool"] == tool]
    planted = sum(fate["planted"] for fate in own)
    return planted - sum(fate["right"] for fate in own), planted


def _row(tool: str, sizes: Sequence[Mapping[str, Any]], fates: Sequence[Mapping[str, Any]]) -> list[str]:
    times = [f"{median(run['wall_s'] for run in part['runs'][tool]):.1f} s" for part in sizes]
    peak = median(run["peak_bytes"] for run in sizes[SIZES.index("movies")]["runs"][tool]) / 2**20
    wrong, planted = wrong_in_silence(fates, tool)
    name = f"**{tool}**" if tool.startswith("trustedlake") else tool
    return [name, *times, f"{peak:,.0f} MB", f"{wrong} of {planted}"]
