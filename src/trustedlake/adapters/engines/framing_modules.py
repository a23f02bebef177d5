"""Sends the framing modules to executors, which need not have this package."""

from __future__ import annotations

import atexit
import hashlib
import io
import shutil
import tempfile
import zipfile
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING
from weakref import WeakSet

if TYPE_CHECKING:
    from collections.abc import Iterator
    from importlib.resources.abc import Traversable

    from pyspark import SparkContext

_SINGLE = ("__init__.py", "errors.py", "core/__init__.py", "core/facts.py")
_FOLDER = "core/framing"
_WHEN = (1980, 1, 1, 0, 0, 0)

_sent: WeakSet[SparkContext] = WeakSet()


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
    for module in sorted(package.joinpath(_FOLDER).iterdir(), key=lambda one: one.name):
        if module.name.endswith(".py"):
            yield f"{_FOLDER}/{module.name}", module
