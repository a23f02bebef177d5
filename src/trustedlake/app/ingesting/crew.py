"""A few threads that work on many items; the caller gets each result as soon as it is ready."""

from __future__ import annotations

from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import contextmanager
from threading import Event
from typing import TYPE_CHECKING, Any, Self, TypeVar

from trustedlake.errors import RetriableError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

Item = TypeVar("Item")
Result = TypeVar("Result")

_LOOK_S = 1.0
_END_S = 0.1
"""Seconds that running calls get to finish, so that few must be repeated; after that they are cut off."""


class StoppedError(RetriableError):
    """The run ends, so a waiting thread stops waiting."""

    def __init__(self) -> None:
        super().__init__("stopped", hint="run again to continue")


class Crew:
    """Threads for one run. On exit, sleeping threads are woken, and calls that don't end soon are ended.

    Args:
        size: number of threads.
        watch: called by the caller's own thread, between results and at least once a second; it may raise.
        hang_up: ends the calls that the threads wait for.
    """

    def __init__(self, size: int, *, watch: Callable[[], None], hang_up: Callable[[], None] = lambda: None) -> None:
        self._size = size
        self._watch = watch
        self._hang_up = hang_up
        self._under_way: set[Future[Any]] = set()
        self._stop = Event()
        self._failed: BaseException | None = None
        self._threads = ThreadPoolExecutor(size, thread_name_prefix="tmdb")

    def sleep(self, seconds: float) -> None:
        """Sleep, but raise StoppedError if the run ends."""
        if self._stop.wait(seconds):
            raise StoppedError

    @contextmanager
    def results(self, work: Callable[[Item], Result], items: Iterable[Item]) -> Iterator[Iterator[tuple[Item, Result]]]:
        """Yield item and result, in the order in which they are ready; the first error of `work` is raised.

        If the caller leaves early, the remaining items are not worked on.
        """
        under_way: dict[Future[Result], Item] = {}
        try:
            yield self._run(work, iter(items), under_way)
        except GeneratorExit:
            raise  # the caller wants no more results; the crew keeps working for other callers
        except BaseException:
            self._stop.set()
            raise
        finally:
            for future in under_way:
                future.cancel()

    def _run(
        self, work: Callable[[Item], Result], items: Iterator[Item], under_way: dict[Future[Result], Item]
    ) -> Iterator[tuple[Item, Result]]:
        exhausted = False
        while True:
            while not exhausted and len(under_way) < 2 * self._size:
                try:
                    item = next(items)
                except StopIteration:
                    exhausted = True
                else:
                    future = self._threads.submit(self._do, work, item)
                    under_way[future] = item
                    self._under_way.add(future)
                    future.add_done_callback(self._under_way.discard)
            if not under_way:
                return
            done, _ = wait(under_way, timeout=_LOOK_S, return_when=FIRST_COMPLETED)
            self._watch()
            for future in done:
                yield under_way.pop(future), self._result(future)

    def _do(self, work: Callable[[Item], Result], item: Item) -> Result:
        """Work on an item; a failure stops the other threads at once, before the caller's thread sees it."""
        if self._stop.is_set():
            raise StoppedError
        try:
            return work(item)
        except StoppedError:
            raise
        except BaseException as error:
            self._failed = self._failed or error
            self._stop.set()
            raise

    def _result(self, future: Future[Result]) -> Result:
        try:
            return future.result()
        except StoppedError:
            if self._failed is not None:
                raise self._failed from None
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._threads.shutdown(wait=False, cancel_futures=True)
        while wait(list(self._under_way), timeout=_END_S).not_done:
            self._hang_up()
        self._threads.shutdown(wait=True)
