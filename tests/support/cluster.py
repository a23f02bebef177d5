"""A standalone Spark on this machine: a master and two workers, whose Python has pyarrow and little else."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
import venv
from collections import defaultdict
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow
import pytest

from trustedlake.adapters.spark.hadoop_aws import installed_jars, spark_jars

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

REPO = Path(__file__).parents[2]
WORKERS = 2
LONGEST_S = 60.0
SUBMITTED_S = 240.0
QUICK = "-XX:TieredStopAtLevel=1"
"""Java without its second compiler: so little work ends before that pays."""

WORKERS_NEED = ("pyarrow", "numpy", "pandas", "dateutil", "six.py", "pytz", "tzdata")
"""What the executors' Python has: pyarrow, and what pyspark's own workers import."""

NOT_THERE = ("trustedlake", "pydantic", "click", "requests", "boto3", "pyspark")


@dataclass(frozen=True)
class Cluster:
    """A running one.

    Attributes:
        master: its address, `spark://…`.
        python: the executors' interpreter.
        workers: the processes that start executors.
    """

    master: str
    python: Path
    workers: tuple[subprocess.Popen[bytes], ...]

    def submit(
        self, *arguments: str, folder: Path, with_jars: bool = True, longest_s: float = SUBMITTED_S
    ) -> subprocess.CompletedProcess[str]:
        """Run the command by spark-submit, its event log in the folder."""
        return submit(
            self.master, *arguments, folder=folder, python=self.python, with_jars=with_jars, longest_s=longest_s
        )

    def kill_an_executor(self) -> bool:
        """End one at once, without a word to anybody; False if none runs."""
        for worker in self.workers:
            threads = Path(f"/proc/{worker.pid}/task").iterdir()
            found = [pid for thread in threads for pid in (thread / "children").read_text().split()]
            if found:
                os.kill(int(found[0]), 9)
                return True
        return False


@dataclass
class ExecutorWork:
    """What an executor did, by its own numbers."""

    tasks: int = 0
    records_read: int = 0
    records_written: int = 0
    bytes_written: int = 0
    lost: list[str] = field(default_factory=list)


def submit(
    master: str,
    *arguments: str,
    folder: Path,
    script: Path = REPO / "cli.py",
    python: Path | None = None,
    with_jars: bool = True,
    longest_s: float = SUBMITTED_S,
) -> subprocess.CompletedProcess[str]:
    """Run a script by spark-submit on a master."""
    return subprocess.run(
        submit_command(master, *arguments, folder=folder, script=script, python=python, with_jars=with_jars),
        cwd=folder,
        env=submit_environment(),
        capture_output=True,
        text=True,
        timeout=longest_s,
        check=False,
    )


def submit_command(
    master: str,
    *arguments: str,
    folder: Path,
    script: Path = REPO / "cli.py",
    python: Path | None = None,
    with_jars: bool = True,
) -> list[str]:
    """The line a user would type, with the event log in the folder."""
    settings = {
        "spark.pyspark.python": str(python or sys.executable),
        "spark.pyspark.driver.python": sys.executable,
        "spark.driver.extraJavaOptions": QUICK,
        **_settings(folder),
    }
    given = [part for name, value in settings.items() for part in ("--conf", f"{name}={value}")]
    jars = installed_jars().submit_line.split() if with_jars else []
    program = str(Path(sys.executable).parent / "spark-submit")
    return [program, "--master", master, *jars, *given, str(script), *arguments]


def _settings(folder: Path) -> dict[str, str]:
    """What makes two small executors on this machine quick, with the event log in the folder."""
    events = folder / "events"
    events.mkdir(exist_ok=True)
    return {
        "spark.driver.host": "127.0.0.1",
        "spark.driver.bindAddress": "127.0.0.1",
        "spark.cores.max": str(WORKERS),
        "spark.scheduler.minRegisteredResourcesRatio": "1.0",  # no task before both executors are there
        "spark.locality.wait": "0",
        "spark.sql.shuffle.partitions": "2",
        "spark.python.sql.dataFrameDebugging.enabled": "false",
        "spark.executor.extraJavaOptions": QUICK,
        "spark.ui.enabled": "false",
        "spark.eventLog.enabled": "true",
        "spark.eventLog.dir": events.as_uri(),
        "spark.eventLog.compress": "false",
        "spark.eventLog.rolling.enabled": "false",
    }


def submit_environment(folder: Path | None = None) -> dict[str, str]:
    """The test's environment, without what pytest's own Spark left in it.

    With a folder any `spark-submit` in it is as quick as `submit`, with the event log there.
    """
    environ = dict(os.environ)  # noqa: TID251 - handed to a child
    for name in ("PYSPARK_GATEWAY_PORT", "PYSPARK_GATEWAY_SECRET", "SPARK_CONNECT_MODE_ENABLED", "PYSPARK_PYTHON"):
        environ.pop(name, None)
    if folder is not None:
        given = (f"-D{name}={value}" for name, value in _settings(folder).items())
        environ["SPARK_SUBMIT_OPTS"] = " ".join([QUICK, *given])
    programs = str(Path(sys.executable).parent)
    return environ | {"SPARK_LOCAL_IP": "127.0.0.1", "PATH": os.pathsep.join([programs, environ["PATH"]])}


def executors_work(folder: Path) -> dict[str, ExecutorWork]:
    """What each executor of the newest event log in the folder did, by its name."""
    log = max((folder / "events").iterdir(), key=lambda file: file.stat().st_mtime)
    work: dict[str, ExecutorWork] = defaultdict(ExecutorWork)
    # Plans hold characters that splitlines() takes for ends of lines.
    for line in log.read_text(encoding="utf-8").rstrip("\n").split("\n"):
        event: dict[str, Any] = json.loads(line)
        if event["Event"] == "SparkListenerExecutorRemoved":
            work[event["Executor ID"]].lost.append(event["Removed Reason"])
        if event["Event"] != "SparkListenerTaskEnd" or "Task Metrics" not in event:
            continue
        one, metrics = work[event["Task Info"]["Executor ID"]], event["Task Metrics"]
        one.tasks += 1
        one.records_read += metrics["Input Metrics"]["Records Read"]
        one.records_written += metrics["Output Metrics"]["Records Written"]
        one.bytes_written += metrics["Output Metrics"]["Bytes Written"]
    return dict(work)


@contextmanager
def running_cluster(folder: Path) -> Iterator[Cluster]:
    """A master and its workers, while it is needed; skipped where there is no Java to start them with."""
    if shutil.which("java") is None:
        pytest.skip("a standalone Spark needs a Java on the PATH")
    python = bare_python(folder / "bare")
    port, page = free_ports(2)
    with ExitStack() as stack:
        _daemon(stack, folder, "master.Master", "--port", str(port), "--webui-port", str(page))
        master = f"spark://127.0.0.1:{port}"
        _wait_for(page, workers=0)
        workers = tuple(
            _daemon(
                stack, folder, "worker.Worker", "-c", "1", "-m", "1G", "-d", str(folder / f"work-{n}"), master, name=n
            )
            for n in range(WORKERS)
        )
        _wait_for(page, workers=WORKERS)
        yield Cluster(master, python, workers)


def bare_python(folder: Path) -> Path:
    """An interpreter of its own, with links to the few packages that pyspark's workers need."""
    venv.create(folder, symlinks=True)
    (site,) = folder.glob("lib/python*/site-packages")
    home = Path(pyarrow.__file__).parents[1]
    for name in WORKERS_NEED:
        for found in (home / name, home / f"{name}.libs"):
            if found.exists():
                (site / found.name).symlink_to(found)
    python = folder / "bin" / "python"
    looks = "import importlib.util as u, sys; sys.exit(any(u.find_spec(n) for n in sys.argv[1:]))"
    subprocess.run([python, "-I", "-c", f"{looks}", *NOT_THERE], check=True)
    return python


def _daemon(
    stack: ExitStack, folder: Path, kind: str, *arguments: str, name: int | str = ""
) -> subprocess.Popen[bytes]:
    home = spark_jars().parent
    program = home / "bin" / "spark-class"
    hosted = ["--host", "127.0.0.1"] if kind.startswith("master") else ["--host", "127.0.0.1", "--webui-port", "0"]
    command = [str(program), f"org.apache.spark.deploy.{kind}", *hosted, *arguments]
    log = stack.enter_context((folder / f"{kind}{name}.log").open("wb"))
    environ = submit_environment() | {"SPARK_DAEMON_MEMORY": "256m", "SPARK_HOME": str(home)}
    process = stack.enter_context(subprocess.Popen(command, env=environ, stdout=log, stderr=log, cwd=folder))
    stack.callback(process.terminate)
    return process


def free_ports(count: int) -> list[int]:
    """Ports that nobody listens on now."""
    with ExitStack() as stack:
        sockets: Sequence[socket.socket] = [stack.enter_context(socket.socket()) for _ in range(count)]
        for one in sockets:
            one.bind(("127.0.0.1", 0))
        return [one.getsockname()[1] for one in sockets]


def _wait_for(page: int, *, workers: int) -> None:
    until = time.monotonic() + LONGEST_S
    while True:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{page}/json/", timeout=5) as answer:
                if json.load(answer)["aliveworkers"] >= workers:
                    return
        except (urllib.error.URLError, ConnectionError):
            pass
        assert time.monotonic() < until, f"the cluster has no {workers} workers"
        time.sleep(0.2)
