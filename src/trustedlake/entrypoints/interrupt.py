"""Ctrl-C and SIGTERM: stop at once, but wait for the end of a publish or an import."""

from __future__ import annotations

import _thread
import os
import signal
import sys
import tempfile
import threading
import time
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from types import FrameType

_SIGNALS = (signal.SIGINT, signal.SIGTERM)
_IMPORT = "<frozen importlib._bootstrap>"
_AGAIN_S = 0.02
"""Seconds after which an interrupt that had no effect is sent again."""


@contextmanager
def deferred() -> Iterator[None]:
    """Delay Ctrl-C and SIGTERM until the block ends, then raise KeyboardInterrupt."""
    if threading.current_thread() is not threading.main_thread():
        yield  # Only the main thread receives signals, so there is nothing to delay here.
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
    """Let SIGTERM end the run as Ctrl-C does, so that staging is removed; both wait for imports, and none is lost.

    An interrupted import may keep its module's lock, and then another thread waits for it forever.
    If Ctrl-C is ignored or handled by someone else, that stays so.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    with suppress(OSError):
        tempfile.gettempdir()  # the first call tries folders with a file, which an interrupt would leave behind
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
    """Raises `KeyboardInterrupt` where it can end the run; elsewhere it tries again a little later."""

    def __init__(self, *, around: int, otherwise: Callable[[sys.UnraisableHookArgs], object]) -> None:
        self.waiting: list[signal.Signals] = []
        self.otherwise = otherwise
        self._around = around
        self._process = os.getpid()
        self._last = signal.SIGTERM

    def interrupt(self, number: int, frame: FrameType | None) -> None:
        if os.getpid() != self._process:
            return  # A child process has our handlers until it runs another program; only the parent acts on them.
        self._last = signal.Signals(number)
        if _imports(frame) > self._around:
            self._come_back()
            return
        self.waiting.clear()
        raise KeyboardInterrupt

    def swallowed(self, unraisable: sys.UnraisableHookArgs) -> None:
        """Python only reports exceptions in finalizers and callbacks, even an interrupt, so send that again."""
        if issubclass(unraisable.exc_type, KeyboardInterrupt):
            self._come_back()
        else:
            self.otherwise(unraisable)

    def _come_back(self) -> None:
        self.waiting.append(self._last)
        if len(self.waiting) == 1:
            # Not `threading.Thread`: its start takes locks that the interrupted code may hold.
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
    """Count the imports that the frame is inside of."""
    count = 0
    while frame is not None:
        count += frame.f_code.co_filename == _IMPORT
        frame = frame.f_back
    return count
