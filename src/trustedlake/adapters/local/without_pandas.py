"""Keeps pyarrow from importing pandas: the import takes longer than a small run."""

from __future__ import annotations

import sys
from importlib.abc import MetaPathFinder
from threading import get_ident

import pyarrow as pa


class _NotThere(MetaPathFinder):
    """Hides pandas from one thread only: an engine that starts in another thread can still import pandas."""

    def __init__(self) -> None:
        self._thread = get_ident()

    def find_spec(self, name: str, *_: object) -> None:
        if name == "pandas" and get_ident() == self._thread:
            raise ModuleNotFoundError("pandas is not looked for here", name=name)


def without_pandas() -> None:
    """Hide pandas from pyarrow while it creates its first array; later imports of pandas work.

    Use this only in a process that we started: from then on pyarrow treats a pandas series like any other sequence.
    """
    if "pandas" in sys.modules:
        return
    finder = _NotThere()
    sys.meta_path.insert(0, finder)
    try:
        pa.array([])
    finally:
        sys.meta_path.remove(finder)
