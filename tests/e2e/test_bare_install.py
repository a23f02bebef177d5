"""The wheel with `[fast]` and nothing else installed: the demo runs without Java, Spark and development tools."""

from __future__ import annotations

import re
import subprocess
import sys
import venv
from pathlib import Path
from typing import TYPE_CHECKING

from tests.support.trials import REPO

if TYPE_CHECKING:
    from collections.abc import Mapping

LONGEST_S = 30.0
"""The demo's time after a cold install."""


def said(*command: str | Path, environ: Mapping[str, str] | None = None, timeout_s: float = 400) -> str:
    done = subprocess.run(
        command,
        env=environ,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=timeout_s,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-3000:]
    return done.stdout


def test_the_demo_runs_with_only_the_wheel_installed(tmp_path: Path) -> None:
    said(sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", tmp_path / "wheel")
    (wheel,) = (tmp_path / "wheel").iterdir()
    venv.create(tmp_path / "venv", with_pip=False, symlinks=True)
    python = tmp_path / "venv/bin/python"
    uv = Path(sys.executable).parent / "uv"  # has what `make install` fetched; where it isn't, pip fetches it again
    into = ("--python", python)
    fetch = (uv, "pip", "install", *into) if uv.exists() else (sys.executable, "-m", "pip", *into, "install")
    said(*fetch, "--quiet", "--constraint", REPO / "constraints/dev.txt", f"{wheel}[fast]")
    bare = {"PATH": "/nowhere", "HOME": str(tmp_path)}
    demo = said(tmp_path / "venv/bin/trustedlake", "demo", tmp_path / "lake", environ=bare, timeout_s=LONGEST_S)
    assert len(re.findall(r"^\w+  published", demo, re.MULTILINE)) == 4
    assert "Traceback" not in demo
    assert not list((tmp_path / "venv").rglob("pyspark/jars")), "Spark itself is of no use there, and 400 MB"
    call = [
        "to-trusted",
        "--table",
        "tmdb_movies",
        "--full-refresh",
        "--engine",
        "spark",
        "--lake",
        str(tmp_path / "lake"),
    ]
    asked = subprocess.run(
        [tmp_path / "venv/bin/trustedlake", *call, "--lake", tmp_path / "lake"],
        env=bare,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert asked.returncode == 2
    assert asked.stderr.splitlines() == ["error: Spark is not installed", 'hint: pip install "trustedlake[local]"']
    shown = said(python, "-m", "trustedlake", "status", "--lake", tmp_path / "lake", environ=bare)
    assert len(re.findall(r"^\w+: \d+ partition", shown, re.MULTILINE)) == 4
