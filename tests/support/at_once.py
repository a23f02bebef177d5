"""Processes that run Raw to Trusted at the same moment, each with its own engine already started.

As a program it is such a process: a lake a line on stdin, an outcome a line on stdout.
"""

from __future__ import annotations

import json
import subprocess
import sys
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Self

from tests.support.trials import REPO, SailEngine, Trial

if TYPE_CHECKING:
    from collections.abc import Sequence
    from types import TracebackType

COMMAND = [sys.executable, "-m", "tests.support.at_once"]


@dataclass(frozen=True)
class Outcome:
    """How a run of one table ended; `pid` is the process's."""

    pid: int
    exit_code: int
    status: str
    message: str


class Writers:
    """So many processes, ready to run."""

    def __init__(self, number: int) -> None:
        self._number = number
        self._stack = ExitStack()
        self._processes: list[subprocess.Popen[str]] = []

    def __enter__(self) -> Self:
        for _ in range(self._number):
            process = subprocess.Popen(COMMAND, cwd=REPO, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
            self._stack.enter_context(process)
            self._processes.append(process)
        for process in self._processes:
            assert _line(process) == "ready"
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        for process in self._processes:
            process.kill()
        self._stack.close()

    def run(self, lake: Path, number: int) -> list[Outcome]:
        """Let the first `number` of them run on the lake, at once."""
        return self.run_each([(lake, {})] * number)

    def run_each(self, tasks: Sequence[tuple[Path, dict[str, str]]]) -> list[Outcome]:
        """Let each run on a lake, after it has delivered files (path -> content) there."""
        running = self._processes[: len(tasks)]
        for process, (lake, files) in zip(running, tasks, strict=True):
            assert process.stdin is not None
            process.stdin.write(json.dumps([str(lake), files]) + "\n")
        for process in running:
            assert process.stdin is not None
            process.stdin.flush()
        return [Outcome(process.pid, **json.loads(_line(process))) for process in running]


def _line(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    return process.stdout.readline().rstrip("\n")


def deliver(lake: Path, path: str, content: str) -> None:
    """Write a raw file as an extractor does: whole, under its name, or not at all."""
    file = lake / path
    file.parent.mkdir(parents=True, exist_ok=True)
    half = file.with_name(f"_{file.name}")
    half.write_text(content)
    half.rename(file)


def main() -> None:
    """Answer the lines on stdin."""
    engine = SailEngine()
    engine.start()
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    for line in sys.stdin:
        lake, files = json.loads(line)
        for path, content in files.items():
            deliver(Path(lake), path, content)
        report = Trial(Path(lake), engine).run(entity="movies")
        (table,) = report.tables
        outcome = Outcome(0, report.exit_code, table.status, f"{table.message} | {table.hint}")
        answer = {name: value for name, value in asdict(outcome).items() if name != "pid"}
        sys.stdout.write(json.dumps(answer) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
