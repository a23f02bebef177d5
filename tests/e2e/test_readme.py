"""The Python of the README runs as it stands there, in a process of its own."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING

import pyarrow.parquet as pq

from tests.support.trials import FIXTURES, REPO
from trustedlake.adapters.engines.java import find_java

if TYPE_CHECKING:
    from pathlib import Path


def test_the_jobs_of_the_readme_run(tmp_path: Path) -> None:
    shutil.copytree(FIXTURES / "lake", tmp_path / "lake")
    readme = (REPO / "README.md").read_text(encoding="utf-8")
    jobs = re.findall(r"```python\n(.*?)```", readme, flags=re.DOTALL)
    assert len(jobs) == 2
    assert all(len(job.splitlines()) <= 12 for job in jobs)
    (tmp_path / "job.py").write_text("\n".join(jobs), encoding="utf-8")
    inherited = dict(os.environ)  # noqa: TID251 - handed to a child
    java = find_java(inherited, cache=tmp_path / "java")
    variables = {"JAVA_HOME": str(java.home), "PYSPARK_PYTHON": sys.executable, "SPARK_LOCAL_IP": "127.0.0.1"}
    done = subprocess.run(
        [sys.executable, "job.py"],
        cwd=tmp_path,
        env=inherited | variables,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    assert "trusted=36" in done.stdout
    for folder, rows in (("trusted", 36), ("quarantine", 4)):
        files = (tmp_path / "out" / folder).rglob("*.parquet")
        assert sum(pq.read_metadata(file).num_rows for file in files) == rows
