"""Keeps pyarrow from importing pandas, which takes longer than a small run does."""

from __future__ import annotations

import sys
from importlib.abc import MetaPathFinder
from threading import get_ident

import pyarrow as pa


class _NotThere(MetaPathFinder):
    """For one thread: an engine that starts in another one imports pandas meanwhile."""

    def __init__(self) -> None:
        self._thread = get_ident()

    def find_spec(self, name: str, *_: object) -> None:
        if name == "pandas" and get_ident() == self._thread:
            raise ModuleNotFoundError("pandas is not looked for here", name=name)


def without_pandas() -> None:
    """Let pyarrow find no pandas when it first makes an array of a list; whoever imports it later gets it.

    For a process of our own: there pyarrow takes a pandas series for any sequence from now on.
    """
    if "pandas" in sys.modules:
        return
    finder = _NotThere()
    sys.meta_path.insert(0, finder)
    try:
        pa.array([])
    finally:
        sys.meta_path.remove(finder)
