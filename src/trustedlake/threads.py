"""Work in other threads: on many things, a few at a time, or out of Ctrl-C's reach."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from threading import Thread
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from concurrent.futures import Future

Item = TypeVar("Item")
Result = TypeVar("Result")

AT_ONCE = 4
"""Threads for work that mostly waits for a disk or runs in a library that lets other threads run."""


def map_in_threads(work: Callable[[Item], Result], items: Iterable[Item], at_once: int = AT_ONCE) -> Iterator[Result]:
    """Yield the results in the order of the items; after an error or an interrupt, start no more of them."""
    pool = ThreadPoolExecutor(at_once)
    try:
        yield from pool.map(work, items)
    finally:
        pool.shutdown(cancel_futures=True)


def run_apart(work: Callable[[], Result], result: Future[Result]) -> None:
    """Do the work in a thread of its own, which Ctrl-C does not interrupt, unless `result` is cancelled before.

    Whoever is interrupted while waiting for the result asks `done_anyway` what is to be undone.
    The future is the caller's, because the interrupt may already come here.
    """

    def run() -> None:
        if result.set_running_or_notify_cancel():
            try:
                result.set_result(work())
            except BaseException as error:  # noqa: BLE001 - raised again where the result is asked for
                result.set_exception(error)

    Thread(target=run, daemon=True).start()  # a daemon: nobody waits for work that hangs


def done_anyway(result: Future[Result], within_s: float) -> Result | None:
    """Cancel the work, or wait for its end, up to `within_s` seconds; return what it did, None if there is nothing."""
    with suppress(TimeoutError):
        if not result.cancel() and result.exception(within_s) is None:
            return result.result()
    return None
