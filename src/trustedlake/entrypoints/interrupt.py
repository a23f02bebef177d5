"""Ctrl-C and SIGTERM: at once where nothing is under way, later where a publish is, or an import."""

from __future__ import annotations

import _thread
import signal
import sys
import threading
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import FrameType

_SIGNALS = (signal.SIGINT, signal.SIGTERM)
_IMPORT = "<frozen importlib._bootstrap>"
_AGAIN_S = 0.02
"""Time after which an interrupt that came during an import is tried again."""


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
    """Let SIGTERM end the run as Ctrl-C does, so that staging is swept; and neither of them break an import off.

    An import that is broken off may keep the lock of its module, for which another thread then waits for ever.
    Where Ctrl-C is ignored, or someone else's to handle, it stays so.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    around = _imports(sys._getframe())
    waiting: list[int] = []

    def interrupt(number: int, frame: FrameType | None) -> None:
        if _imports(frame) <= around:
            waiting.clear()
            raise KeyboardInterrupt
        waiting.append(number)
        if len(waiting) == 1:
            # No `threading.Thread`: its start takes locks that the code which was interrupted may hold.
            _thread.start_new_thread(again, ())

    def again() -> None:
        main = threading.main_thread().ident
        while waiting and main is not None:
            time.sleep(_AGAIN_S)
            for number in waiting[:1]:
                signal.pthread_kill(main, number)

    ours = [number for number in _SIGNALS if number == signal.SIGTERM or _plain(number)]
    before = {number: signal.signal(number, interrupt) for number in ours}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
        came = bool(waiting)
        waiting.clear()
    if came:
        raise KeyboardInterrupt


def _plain(number: int) -> bool:
    return signal.getsignal(number) is signal.default_int_handler


def _imports(frame: FrameType | None) -> int:
    """Imports that the frame is within."""
    count = 0
    while frame is not None:
        count += frame.f_code.co_filename == _IMPORT
        frame = frame.f_back
    return count
