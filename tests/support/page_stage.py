"""The folder in which a page is run, and the ways to run its blocks there."""

from __future__ import annotations

import csv
import io
import os
import subprocess
import sys
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from tests.support.pages import run_shell
from trustedlake.adapters.spark.java import find_java
from trustedlake.entrypoints.wiring.lake_query import querying

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from contextlib import AbstractContextManager

    import pytest

    Setting = Callable[["Stage"], AbstractContextManager[None]]

SERVES = "trustedlake simulate-tmdb "
SESSION = "from pyspark.sql import SparkSession\nspark = SparkSession.builder.getOrCreate()\n"
FEW_FILMS = " ".join(
    [
        "-XX:TieredStopAtLevel=1",
        "-Dspark.python.sql.dataFrameDebugging.enabled=false",
        "-Dspark.sql.shuffle.partitions=1",
        "-Dspark.ui.enabled=false",
    ]
)
"""How the reader's own Spark is set up: with 200 partitions, as it is by default, a few films take minutes."""


def _reader() -> dict[str, str]:
    """The environment of someone who has set nothing of trustedlake, TMDB or AWS."""
    inherited = os.environ.items()  # noqa: TID251 - handed to a child
    unset = ("TRUSTEDLAKE_", "TMDB_", "AWS_", "OPENLINEAGE_")
    return {name: value for name, value in inherited if not name.startswith(unset)}


@dataclass
class Stage:
    """A folder in which a page's blocks are run.

    Attributes:
        folder: where the reader is; the lake is `lake` in it.
        request: for fixtures that only some pages need.
        exits: exit codes of lines that do not end with 0, by how they begin.
        values: names that the page made up, and what they are here.
        environ: the reader's environment.
        script: name of the file that a block in `sh` is.
    """

    folder: Path
    request: pytest.FixtureRequest
    exits: Mapping[str, int] = field(default_factory=dict)
    values: dict[str, str] = field(default_factory=dict)
    environ: dict[str, str] = field(default_factory=_reader)
    script: str = ""
    _program: str = ""
    _servers: ExitStack = field(default_factory=ExitStack)

    @property
    def lake(self) -> Path:
        """The lake's folder."""
        return self.folder / "lake"

    @contextmanager
    def ready(self, setting: Setting) -> Iterator[None]:
        """Make the setting; the page's servers end before it does."""
        with setting(self), self._servers:
            yield

    def with_java(self, *, session: bool = False) -> None:
        """Let the page's Python find a Java; with `session` it has a `spark`, too."""
        java = find_java(self.environ, cache=self.folder / "java")
        self.environ |= {"JAVA_HOME": str(java.home), "PYSPARK_PYTHON": sys.executable, "SPARK_LOCAL_IP": "127.0.0.1"}
        self.environ["SPARK_SUBMIT_OPTS"] = FEW_FILMS
        self._program = SESSION if session else ""

    def require_used(self, code: str) -> None:
        """Fail unless all that stands for something else here is in the page's code."""
        unused = [name for name in [*self.values, *self.exits] if name not in code]
        assert not unused, f"the page says no {unused}"

    def run(self, language: str, code: str) -> str:
        """Run a block; give what it prints. Python is kept for `run_python`."""
        for made_up, real in self.values.items():
            code = code.replace(made_up, real)
        if language == "python":
            self._program += code
        elif language == "sql":
            return self._ask(code)
        elif language == "sh":
            (self.folder / self.script).write_text(code, encoding="utf-8")
            (self.folder / self.script).chmod(0o755)
        elif code.startswith(SERVES):
            self._serve(code)
        else:
            return run_shell(self._with_exits(code), self.folder, self.environ)
        return ""

    def run_python(self) -> str:
        """Run the page's Python as one program: later blocks use the names of earlier ones."""
        if not self._program:
            return ""
        (self.folder / "program.py").write_text(self._program, encoding="utf-8")
        return run_shell("python program.py", self.folder, self.environ, timeout_s=300)

    def _with_exits(self, code: str) -> str:
        lines = []
        for line in code.splitlines():
            exit_code = next((number for start, number in self.exits.items() if line.startswith(start)), None)
            lines.append(line if exit_code is None else f"{{ {line}\n}} && exit 99 || [ $? -eq {exit_code} ]")
        return "\n".join(lines) + "\n"

    def _ask(self, sql: str) -> str:
        with querying(str(self.lake)) as tables:
            answer = io.StringIO()
            csv.writer(answer).writerows(tables.ask(sql).rows)
        return answer.getvalue()

    def _serve(self, code: str) -> None:
        path = os.pathsep.join([str(Path(sys.executable).parent), self.environ["PATH"]])
        server = subprocess.Popen(
            ["bash", "-c", f"exec {code}"],
            cwd=self.folder,
            env={**self.environ, "PATH": path, "PYTHONUNBUFFERED": "1"},
            stdout=subprocess.PIPE,
            text=True,
        )
        self._servers.enter_context(server)
        self._servers.callback(server.terminate)
        assert server.stdout is not None
        assert "an offline TMDB" in server.stdout.readline()
