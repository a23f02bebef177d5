"""The machine that the numbers were measured on, without names of persons, hosts or folders."""

from __future__ import annotations

import os
import platform
import subprocess
import tempfile
from importlib.metadata import version
from pathlib import Path

from tests.benchmarks.tools import PEERS_PYTHON
from trustedlake.adapters.spark.java import find_java
from trustedlake.entrypoints.settings import Settings, environment


def machine() -> dict[str, str]:
    """Facts to print beside the numbers."""
    with tempfile.TemporaryDirectory() as cache:
        java = find_java(environment(), cache=Path(cache))
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return {
        "processors": f"{os.cpu_count()} ({platform.machine()})",
        "memory": f"{memory / 2**30:.0f} GB; heap of the local Spark {Settings().driver_memory}",
        "system": _system(),
        "busy before it began": f"{os.getloadavg()[0]:.1f} processes on average; other work makes all times longer",
        "Python": platform.python_version(),
        "Java": java.version,
        "Spark": version("pyspark"),
        "pysail": version("pysail"),
        "pyarrow": version("pyarrow"),
        **_peers(),
    }


def _peers() -> dict[str, str]:
    """The versions of what we are compared with."""
    if not PEERS_PYTHON.exists():
        return {}
    names = ("dlt", "polars", "duckdb")
    script = f"from importlib.metadata import version; print(*map(version, {names}))"
    said = subprocess.run([PEERS_PYTHON, "-c", script], capture_output=True, text=True, check=True).stdout
    return dict(zip(("dlt", "polars", "DuckDB"), said.split(), strict=True))


def _system() -> str:
    try:
        return platform.freedesktop_os_release()["PRETTY_NAME"]
    except (OSError, KeyError):
        return platform.system()
