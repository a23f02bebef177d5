"""The versions of AWS Glue, each in its own environment with what a job finds there."""

from __future__ import annotations

import json
import os
import subprocess
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from trustedlake.adapters.spark.java import find_java

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

REPO = Path(__file__).parents[2]
SCRIPT = REPO / "deploy" / "glue_job.py"
AWSGLUE = REPO / "tests" / "support" / "fake_awsglue"
QUICK = "-XX:TieredStopAtLevel=1"
LINEAGE = "openlineage-python==1.54.0,requests==2.32.5"
"""The modules of a job that sends events: its client wants a newer requests than Glue has."""

RUNS = """
import json, runpy, sys
script, runs = sys.argv[1], json.loads(sys.argv[2])
for name, arguments in runs.items():
    print(json.dumps({"event": "run", "name": name}), flush=True)
    sys.argv = [script, *arguments]
    try:
        runpy.run_path(script, run_name="__main__")
        outcome = {"state": "SUCCEEDED"}
    except Exception as error:
        outcome = {"state": "FAILED", "error": f"{type(error).__name__}: {error}"}
    print(json.dumps({"event": "outcome"} | outcome), flush=True)
"""
"""Runs the job's script again and again in one Spark, which takes longer to start than a run."""


@dataclass(frozen=True)
class JobRun:
    """What Glue would show of a run of a job.

    Attributes:
        lines: what the job wrote to its log, each line read as JSON; others are not the job's.
        error: the exception that it ended with; empty if it ended well.
    """

    lines: tuple[dict[str, Any], ...]
    error: str

    def events(self, name: str) -> list[dict[str, Any]]:
        """The lines of this event."""
        return [line for line in self.lines if line["event"] == name]


@dataclass(frozen=True)
class GlueHome:
    """One version of Glue.

    Attributes:
        version: `5.0`.
        folder: the environment that `make test-glue` makes.
        modules: folder with what `--additional-python-modules` adds to it.
    """

    version: str
    folder: Path
    modules: Path | None = None

    @property
    def python(self) -> Path:
        """Its interpreter."""
        return self.folder / "bin" / "python"

    def with_modules(self, listed: str, folder: Path) -> GlueHome:
        """The same with the modules of a list, as Glue's pip adds them: before what is there, which stays."""
        subprocess.run([self.python, "-m", "venv", "--without-pip", folder], check=True)
        (glues,), (modules,) = (home.glob("lib/python*/site-packages") for home in (self.folder, folder))
        (modules / "glue.pth").write_text(f"{glues}\n")
        into = ("--python", folder / "bin" / "python", "--disable-pip-version-check")
        subprocess.run([self.python, "-m", "pip", *into, "install", "--quiet", *listed.split(",")], check=True)
        return replace(self, modules=modules)

    def runs(self, runs: Mapping[str, Sequence[str]], *, folder: Path, endpoint: str) -> dict[str, JobRun]:
        """Run the job once with each of these lists of arguments, in one session."""
        script = folder / "runs.py"
        script.write_text(RUNS)
        done = self.submit(script, str(SCRIPT), json.dumps(runs), folder=folder, endpoint=endpoint)
        assert done.returncode == 0, done.stdout + done.stderr
        found: dict[str, JobRun] = {}
        lines: list[dict[str, Any]] = []
        name = ""
        for line in json_lines(done.stdout.splitlines()):
            if line["event"] == "run":
                name, lines = line["name"], []
            elif line["event"] == "outcome":
                found[name] = JobRun(tuple(lines), line.get("error", ""))
            else:
                lines.append(line)
        return found

    def submit(self, script: Path, *arguments: str, folder: Path, endpoint: str) -> subprocess.CompletedProcess[str]:
        """Start a script as Glue does: with a session that reaches `s3://`, and awsglue to be imported."""
        settings = {
            "spark.hadoop.fs.s3.impl": "org.apache.hadoop.fs.s3a.S3AFileSystem",
            "spark.hadoop.fs.s3a.impl": "org.example.NotInGlue",  # `s3://` is the way there
            "spark.hadoop.fs.s3a.endpoint": endpoint,
            "spark.hadoop.fs.s3a.endpoint.region": "us-east-1",
            "spark.hadoop.fs.s3a.path.style.access": "true",
            "spark.hadoop.fs.s3a.connection.ssl.enabled": "false",
            "spark.pyspark.python": str(self.python),
            "spark.pyspark.driver.python": str(self.python),
            "spark.driver.bindAddress": "127.0.0.1",
            "spark.sql.shuffle.partitions": "2",
            "spark.driver.extraJavaOptions": QUICK,
            "spark.ui.enabled": "false",
        }
        confs = [part for name, value in settings.items() for part in ("--conf", f"{name}={value}")]
        program = str(self.folder / "bin" / "spark-submit")
        return subprocess.run(
            [program, "--master", "local[2]", *self.jars(), *confs, str(script), *arguments],
            cwd=folder,
            env=self.environment(folder),
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )

    def jars(self) -> list[str]:
        """What lets this Spark reach a bucket; Glue has its own."""
        code = "from trustedlake.adapters.spark.hadoop_aws import installed_jars; print(installed_jars().submit_line)"
        return self.execute(code).split()

    def execute(self, code: str, *arguments: str) -> str:
        """What a piece of Python prints in the environment."""
        environ = {"PATH": os.defpath, "HOME": str(Path.home())} | aws_environment()
        done = subprocess.run(
            [self.python, "-c", code, *arguments], env=environ, capture_output=True, text=True, timeout=120, check=False
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    def environment(self, folder: Path) -> dict[str, str]:
        """Of a job: this environment's programs first, nothing of the one that the tests run in."""
        environ = dict(os.environ)  # noqa: TID251 - to find Java
        java = find_java(environ, cache=folder / "java").home
        path = os.pathsep.join([str(self.folder / "bin"), os.defpath])
        home = {"PATH": path, "HOME": str(Path.home()), "JAVA_HOME": str(java), "LANG": "C.UTF-8"}
        places = os.pathsep.join(map(str, filter(None, (AWSGLUE, self.modules))))
        return home | aws_environment() | {"PYTHONPATH": places, "SPARK_LOCAL_IP": "127.0.0.1"}


def aws_environment() -> dict[str, str]:
    """Where the test's environment leads; in Glue a role and the region do."""
    return {name: value for name, value in os.environ.items() if name.startswith("AWS_")}  # noqa: TID251 - for a child


def json_lines(lines: Iterable[str]) -> list[dict[str, Any]]:
    """Those lines that are an object of JSON."""
    return [json.loads(line) for line in lines if line.startswith("{")]
