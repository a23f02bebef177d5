"""Ctrl-C and SIGTERM: at once where nothing is under way, later where a publish is, or an import."""

from __future__ import annotations

import _thread
import os
import signal
import sys
import threading
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from types import FrameType

_SIGNALS = (signal.SIGINT, signal.SIGTERM)
_IMPORT = "<frozen importlib._bootstrap>"
_AGAIN_S = 0.02
"""Time after which an interrupt that came where it ends nothing is tried again."""


@contextmanager
def deferred() -> Iterator[None]:
    """Hold Ctrl-C and SIGTERM back until the block is left, then be interrupted."""
    if threading.current_thread() is not threading.main_thread():
        yield  # Signals reach the main thread only; here there is nothing to hold back.
        return
    came: list[int] = []

    def remember(number: int, _frame: FrameType | None) -> None:
        came.append(number)

    before = {number: signal.signal(number, remember) for number in _SIGNALS}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
    if came:
        raise KeyboardInterrupt


@contextmanager
def terminated_like_interrupted() -> Iterator[None]:
    """Let SIGTERM end the run as Ctrl-C does, so that staging is swept; neither breaks an import off or gets lost.

    An import that is broken off may keep the lock of its module, for which another thread then waits for ever.
    Where Ctrl-C is ignored, or someone else's to handle, it stays so.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    way_out = _WayOut(around=_imports(sys._getframe()), otherwise=sys.unraisablehook)
    ours = [number for number in _SIGNALS if number == signal.SIGTERM or _plain(number)]
    before = {number: signal.signal(number, way_out.interrupt) for number in ours}
    sys.unraisablehook = way_out.swallowed
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
        sys.unraisablehook = way_out.otherwise
        came = bool(way_out.waiting)
        way_out.waiting.clear()
    if came:
        raise KeyboardInterrupt


class _WayOut:
    """Raises `KeyboardInterrupt` where it ends the run, and comes back where it would not."""

    def __init__(self, *, around: int, otherwise: Callable[[sys.UnraisableHookArgs], object]) -> None:
        self.waiting: list[signal.Signals] = []
        self.otherwise = otherwise
        self._around = around
        self._process = os.getpid()
        self._last = signal.SIGTERM

    def interrupt(self, number: int, frame: FrameType | None) -> None:
        if os.getpid() != self._process:
            return  # A child that has our handlers until it becomes another program; the way out is its parent's.
        self._last = signal.Signals(number)
        if _imports(frame) > self._around:
            self._come_back()
            return
        self.waiting.clear()
        raise KeyboardInterrupt

    def swallowed(self, unraisable: sys.UnraisableHookArgs) -> None:
        """Python tells what is raised within a finalizer or a callback and goes on, also where it is an interrupt."""
        if issubclass(unraisable.exc_type, KeyboardInterrupt):
            self._come_back()
        else:
            self.otherwise(unraisable)

    def _come_back(self) -> None:
        self.waiting.append(self._last)
        if len(self.waiting) == 1:
            # No `threading.Thread`: its start takes locks that the code which was interrupted may hold.
            _thread.start_new_thread(self._again, ())

    def _again(self) -> None:
        main = threading.main_thread().ident
        while self.waiting and main is not None:
            time.sleep(_AGAIN_S)
            for number in self.waiting[:1]:
                signal.pthread_kill(main, number)


def _plain(number: int) -> bool:
    return signal.getsignal(number) is signal.default_int_handler


def _imports(frame: FrameType | None) -> int:
    """Imports that the frame is within."""
    count = 0
    while frame is not None:
        count += frame.f_code.co_filename == _IMPORT
        frame = frame.f_back
    return count
