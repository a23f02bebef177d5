"""`python -m tests.benchmarks.plot RECORD PICTURE`: time and memory of each tool, side by side, as SVG."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from statistics import median
from typing import Any

import matplotlib as mpl
from matplotlib.figure import Figure

OURS, OTHERS = "#2a6f97", "#b8c0c8"
ROWS = (("wall_s", "seconds", 1.0, "{:.1f}"), ("peak_bytes", "peak memory, MB", 2.0**20, "{:,.0f}"))


def draw(parts: dict[str, Any]) -> Figure:
    """One column for each size, its tools below one another; times above, memory below."""
    compared = [part for part in parts.values() if part["runs"]]
    tallest = max(len(part["runs"]) for part in compared)
    figure = Figure(figsize=(4.6 * len(compared), 2 * (0.9 + 0.34 * tallest)), layout="constrained")
    grid = figure.subplots(len(ROWS), len(compared), squeeze=False)
    for column, part in enumerate(compared):
        names = list(part["runs"])[::-1]
        for row, (key, unit, divisor, form) in enumerate(ROWS):
            axes = grid[row][column]
            values = [median(run[key] for run in part["runs"][name]) / divisor for name in names]
            bars = axes.barh(names, values, color=[OURS if "trustedlake" in name else OTHERS for name in names])
            axes.bar_label(bars, [form.format(value) for value in values], padding=3, fontsize=8)
            axes.margins(x=0.18)
            axes.set_xlabel(unit, fontsize=8)
            axes.tick_params(labelsize=8)
            axes.spines[["top", "right"]].set_visible(False)
        grid[0][column].set_title(part["size"], fontsize=10)
    return figure


if __name__ == "__main__":
    mpl.rcParams |= {"svg.hashsalt": "trustedlake", "svg.fonttype": "none"}  # the same numbers, the same bytes
    figure = draw(json.loads(Path(sys.argv[1]).read_text(encoding="utf-8")))
    figure.savefig(sys.argv[2], format="svg", metadata={"Date": None})
