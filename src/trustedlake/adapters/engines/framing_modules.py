"""Lets the executors frame: they are sent the modules, and a local session takes the Python of this process."""

from __future__ import annotations

import atexit
import hashlib
import io
import shutil
import sys
import tempfile
import zipfile
from contextlib import contextmanager
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any
from weakref import WeakSet

if TYPE_CHECKING:
    from collections.abc import Iterator
    from importlib.resources.abc import Traversable

    from pyspark import SparkContext
    from pyspark.sql import SparkSession

_SINGLE = ("__init__.py", "errors.py", "core/__init__.py", "core/facts.py")
_FOLDERS = ("core/framing", "types")
_WHEN = (1980, 1, 1, 0, 0, 0)

_sent: WeakSet[SparkContext] = WeakSet()


_PYTHON = "python3"
"""What a context takes for its executors' Python where nobody named one: the first of the PATH, whatever it has."""


@contextmanager
def able_to_frame(session: SparkSession) -> Iterator[None]:
    """Let what is planned in the block on a classic session find the framing modules, and on this machine pyarrow.

    A Connect session is left as it is: its server's Python must have this package.
    """
    if "connect" in type(session).__module__:
        yield
        return
    context: Any = session.sparkContext
    send_framing(context)
    before = context.pythonExec
    if before == _PYTHON and context.master.startswith("local"):
        context.pythonExec = sys.executable
    try:
        yield
    finally:
        context.pythonExec = before


def send_framing(context: SparkContext) -> None:
    """Let the executors import what framing needs, once for each context; new executors get it too."""
    if context in _sent:
        return
    content = framing_zip()
    # Spark serves the file from where it lies, for as long as it runs.
    folder = Path(tempfile.mkdtemp(prefix="trustedlake-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    archive = folder / f"trustedlake-framing-{hashlib.sha256(content).hexdigest()[:12]}.zip"
    archive.write_bytes(content)
    context.addPyFile(str(archive))
    # It is for the executors: here it would hide the whole package from the processes that this one starts.
    sys.path[:] = [entry for entry in sys.path if Path(entry).name != archive.name]
    _sent.add(context)


def framing_zip() -> bytes:
    """A zip with exactly what `core.framing` imports; the same bytes for the same modules."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, source in _modules():
            info = zipfile.ZipInfo(f"trustedlake/{name}", _WHEN)
            archive.writestr(info, source.read_bytes(), zipfile.ZIP_DEFLATED)
    return out.getvalue()


def _modules() -> Iterator[tuple[str, Traversable]]:
    package = files("trustedlake")
    for name in _SINGLE:
        yield name, package.joinpath(name)
    for folder in _FOLDERS:
        for module in sorted(package.joinpath(folder).iterdir(), key=lambda one: one.name):
            if module.name.endswith(".py"):
                yield f"{folder}/{module.name}", module
