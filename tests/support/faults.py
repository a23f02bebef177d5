"""A store that records every operation and, where a test says so, fails or lets others act."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, BinaryIO, TypeVar

from trustedlake.errors import RetriableError
from trustedlake.models.claim_holder import Owner

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from datetime import datetime, timedelta
    from pathlib import Path

    from trustedlake.ports import ObjectInfo, ObjectStore

T = TypeVar("T")


class Crash(BaseException):
    """The process is killed: no handler of ours runs to any effect, since the store is dead to it."""


@dataclass(frozen=True)
class Operation:
    """The `number`th operation on the store (from 0); `key` is the target of a move, `source` where it comes from."""

    number: int
    name: str
    key: str
    source: str = ""


class FaultyStore:
    """Passes everything on to `store`; `before` and `after` are called around each operation and may raise.

    After a Crash nothing reaches the store any more.
    """

    def __init__(
        self,
        store: ObjectStore,
        *,
        before: Callable[[Operation], None] = lambda _: None,
        after: Callable[[Operation], None] = lambda _: None,
    ) -> None:
        self.store = store
        self.before = before
        self.after = after
        self.operations: list[Operation] = []
        self.dead = False

    def _do(self, name: str, key: str, action: Callable[[], T], source: str = "") -> T:
        if self.dead:
            raise Crash
        operation = Operation(len(self.operations), name, key, source)
        self.operations.append(operation)
        try:
            self.before(operation)
            result = action()
            self.after(operation)
        except Crash:
            self.dead = True
            raise
        return result

    def list(self, prefix: str) -> Sequence[ObjectInfo]:
        return self._do("list", prefix, lambda: self.store.list(prefix))

    def folders(self, prefix: str) -> Sequence[str]:
        return self._do("folders", prefix, lambda: self.store.folders(prefix))

    def files(self, prefix: str) -> Sequence[ObjectInfo]:
        return self._do("files", prefix, lambda: self.store.files(prefix))

    def head(self, key: str) -> ObjectInfo | None:
        return self._do("head", key, lambda: self.store.head(key))

    def read(self, key: str) -> bytes:
        return self._do("read", key, lambda: self.store.read(key))

    def open(self, key: str) -> BinaryIO:
        return self._do("open", key, lambda: self.store.open(key))

    def put(self, key: str, data: bytes, *, if_match: str | None = None, if_absent: bool = False) -> str:
        return self._do("put", key, lambda: self.store.put(key, data, if_match=if_match, if_absent=if_absent))

    def move(self, source: str, target: str, *, replaces: str | None) -> str:
        return self._do("move", target, lambda: self.store.move(source, target, replaces=replaces), source)

    def delete(self, key: str, *, if_match: str | None = None) -> None:
        self._do("delete", key, lambda: self.store.delete(key, if_match=if_match))

    def discard(self, prefix: str) -> None:
        self._do("discard", prefix, lambda: self.store.discard(prefix))

    def tidy(self, prefix: str, *, older_than: timedelta, folders: bool = False) -> None:
        self._do("tidy", prefix, lambda: self.store.tidy(prefix, older_than=older_than, folders=folders))

    def sync(self, prefixes: Iterable[str]) -> None:
        folders = list(prefixes)
        self._do("sync", " ".join(folders), lambda: self.store.sync(folders))

    @contextmanager
    def workspace(self, prefix: str) -> Iterator[Path]:
        with self.store.workspace(prefix) as folder:
            yield folder

    @contextmanager
    def local_file(self, key: str) -> Iterator[Path]:
        with self.store.local_file(key) as path:
            yield path

    def address(self, key: str) -> str:
        return self.store.address(key)

    def now(self) -> datetime:
        return self.store.now()


def crash_before(number: int) -> Callable[[Operation], None]:
    """For `before`: the process is killed just before the operation. For `after`: just after it."""

    def check(operation: Operation) -> None:
        if operation.number == number:
            raise Crash

    return check


def crash_within(store: ObjectStore, number: int) -> Callable[[Operation], None]:
    """For `before`: killed half-way through an operation that takes a bucket several requests.

    Of a `discard` half is done; of a `move` the target is written and the source still there.
    """

    def check(operation: Operation) -> None:
        if operation.number != number:
            return
        if operation.name == "discard":
            for info in store.list(operation.key)[::2]:
                store.delete(info.key)
        if operation.name == "move":
            store.put(operation.key, store.read(operation.source))
        raise Crash

    return check


def lose_answer(name: str, key_part: str, *, times: int = 1) -> Callable[[Operation], None]:
    """For `after`: what was asked for is done, but the asker only hears that the line broke."""
    left = times

    def check(operation: Operation) -> None:
        nonlocal left
        if left and operation.name == name and key_part in operation.key:
            left -= 1
            raise RetriableError(f"{name} {operation.key}: no answer", hint="run again")

    return check


class Machine:
    """A computer with processes that can be killed; each process knows which of the others live."""

    def __init__(self, name: str = "laptop") -> None:
        self.name = name
        self.pids: set[int] = set()
        self._next = 100

    def start(self) -> Process:
        self._next += 1
        self.pids.add(self._next)
        return Process(self, self._next)


class Process:
    """A process, as a Host: it tells tokens apart by number, so that runs can be compared."""

    def __init__(self, machine: Machine, pid: int) -> None:
        self._machine = machine
        self._tokens = 0
        self.pid = pid

    def kill(self) -> None:
        self._machine.pids.discard(self.pid)

    def owner(self) -> Owner:
        self._tokens += 1
        return Owner(
            token=f"{self._machine.name}-{self.pid}-{self._tokens}",
            host=self._machine.name,
            boot="1",
            pid=self.pid,
            started=str(self.pid),
        )

    def is_dead(self, owner: Owner) -> bool:
        return owner.host == self._machine.name and owner.pid not in self._machine.pids
