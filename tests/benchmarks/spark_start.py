"""`python -m tests.benchmarks.spark_start ours|plain`: a local Spark from nothing to its first answer, to measure.

The plain one is `SparkSession.builder.getOrCreate()`, told only where Java is and to print no progress.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from pyspark.sql import SparkSession

from trustedlake.adapters.spark.java import find_java
from trustedlake.adapters.spark.local_spark import start_session, stop_session
from trustedlake.adapters.spark.process_environment import environment
from trustedlake.entrypoints.settings import environment as environ


def main(which: str) -> None:
    """Start, ask, stop."""
    with tempfile.TemporaryDirectory() as work:
        home = find_java(environ(), cache=Path(work)).home
        if which == "ours":
            session = start_session(Path(work), home)
        else:
            with environment({"JAVA_HOME": str(home), "PYSPARK_PYTHON": sys.executable}):
                session = SparkSession.builder.getOrCreate()
        assert session.range(1).count() == 1
        stop_session(session)


if __name__ == "__main__":
    main(sys.argv[1])
