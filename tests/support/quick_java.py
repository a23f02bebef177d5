"""A Java on which Spark starts in half the time, because its loaded classes are kept for all test runs.

Java calls it class data sharing: a first run writes the classes it has loaded to an archive, and later ones map it
instead of parsing and verifying them. `python -m tests.support.quick_java` makes it. Java itself sees whether an
archive fits the jars, and goes on without it where it doesn't.
"""

from __future__ import annotations

import os
import shlex
from hashlib import sha256
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from shutil import copyfile
from tempfile import TemporaryDirectory

from trustedlake.adapters.spark.hadoop_aws import spark_jars
from trustedlake.adapters.spark.java import find_java
from trustedlake.errors import TrustedLakeError

FOLDER = Path(__file__).parents[2] / "build" / "quick-java"
LAUNCHER = """#!/bin/sh
exec {java} -XX:SharedArchiveFile={archive} -Xlog:disable -XX:TieredStopAtLevel=1 "$@"
"""
# No second compiler, for every process of every Spark: what it compiles, tests with a few rows are over before.


def quick_java() -> Path | None:
    """A JAVA_HOME with the archive; None where none was made for this Java and this Spark."""
    home, _ = _home_and_java()
    return home if home is not None and (home / "bin" / "java").exists() else None


def make_quick_java() -> Path | None:
    """Judge a small lake on Spark and keep the classes that it took; None where there is no Java or no Spark."""
    home, java = _home_and_java()
    if home is None or (home / "bin" / "java").exists():
        return home
    archive, launcher = home / "spark.jsa", home / "bin" / "java"
    launcher.parent.mkdir(parents=True, exist_ok=True)
    _write_archive(archive)
    launcher.write_text(LAUNCHER.format(java=shlex.quote(str(java)), archive=shlex.quote(str(archive))))
    launcher.chmod(0o755)
    return home


def _home_and_java() -> tuple[Path | None, Path]:
    """Where the archive of this Java and this Spark is, and the Java."""
    try:
        java = find_java(os.environ, cache=FOLDER)  # noqa: TID251 - to find Java
        key = f"{java} pyspark {version('pyspark')} {spark_jars()}"
    except (TrustedLakeError, PackageNotFoundError):
        return None, Path()
    return FOLDER / sha256(key.encode()).hexdigest()[:16], java.home / "bin" / "java"


def _write_archive(archive: Path) -> None:
    from tests.support.trials import MOVIES, Trial, film, films  # noqa: PLC0415 - needs pyspark
    from trustedlake.adapters.spark.spark_engine import SparkEngine  # noqa: PLC0415

    with TemporaryDirectory() as name:
        folder, written = Path(name), Path(name) / archive.name
        options = f"-XX:+UseParallelGC -XX:TieredStopAtLevel=1 -XX:ArchiveClassesAtExit={written}"
        engine = SparkEngine(folder / "spark", os.environ, more={"spark.driver.extraJavaOptions": options})  # noqa: TID251
        trial = Trial(folder / "lake", engine)
        trial.put(f"{MOVIES}/2025/06/17/filmes_001.json", [*films(20), film(3), film(4, title=" ")])
        trial.run(entity="movies", max_rejected=1.0)
        engine.stop()
        copyfile(written, archive)


if __name__ == "__main__":
    make_quick_java()
