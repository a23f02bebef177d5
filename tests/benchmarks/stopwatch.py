"""Runs a command and records its time and memory: a process whose only child is the command.

`python stopwatch.py RESULT COMMAND...` writes `[exit code, wall s, processor s, peak bytes]` to the file RESULT.
"""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import threading
import time
from pathlib import Path

PAUSE_S = 0.05
"""Between two looks at the memory; a look takes about a millisecond."""

PROC = Path("/proc")
PARENT, RESIDENT_PAGES = 1, 21  # places in /proc/PID/stat behind the name


def tree_bytes(root: int) -> int:
    """Resident memory of a process and of all below it; pages that two of them share count twice."""
    children: dict[int, list[int]] = {}
    resident: dict[int, int] = {}
    for folder in PROC.glob("[0-9]*"):
        try:
            stat = (folder / "stat").read_bytes()
        except OSError:
            continue  # it has ended
        fields = stat[stat.rindex(b")") + 2 :].split()
        pid = int(folder.name)
        children.setdefault(int(fields[PARENT]), []).append(pid)
        resident[pid] = int(fields[RESIDENT_PAGES]) * resource.getpagesize()
    found, todo = 0, [root]
    while todo:
        pid = todo.pop()
        found += resident.get(pid, 0)
        todo += children.get(pid, [])
    return found


def watch(command: list[str]) -> tuple[int, float, float, int]:
    """Run the command; its exit code, wall time, processor time and peak memory, with all that it started."""
    peak = 0
    ended = threading.Event()

    def look(root: int) -> None:
        nonlocal peak
        while not ended.wait(PAUSE_S):  # a thread's: waiting for a process with a time-out ends up to 50 ms late
            peak = max(peak, tree_bytes(root))

    began = time.perf_counter()
    process = subprocess.Popen(command)
    watcher = threading.Thread(target=look, args=[process.pid])
    watcher.start()
    code = process.wait()
    wall_s = time.perf_counter() - began
    ended.set()
    watcher.join()
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    largest = used.ru_maxrss * (1 if sys.platform == "darwin" else 1024)  # without /proc, the best estimate
    return code, wall_s, used.ru_utime + used.ru_stime, max(peak, largest)


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(json.dumps(watch(sys.argv[2:])), encoding="utf-8")
