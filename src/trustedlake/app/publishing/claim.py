"""The writer of a table, and its claim on it: the journal that it stores before a publish and removes at the end."""

from __future__ import annotations

from contextlib import contextmanager, suppress
from datetime import timedelta
from typing import TYPE_CHECKING, Protocol

from trustedlake.app.publishing import state_file
from trustedlake.app.publishing.checked_keys import checked_journal
from trustedlake.errors import ConflictError, InputError, RetriableError, TrustedLakeError
from trustedlake.models.journal import JOURNAL_VERSION, Journal
from trustedlake.models.lake import join

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextlib import AbstractContextManager
    from datetime import datetime

    from trustedlake.models.claim_holder import Owner
    from trustedlake.models.lake import TablePaths
    from trustedlake.ports import Host, ObjectStore

DEADLINE = timedelta(seconds=120)
"""How long a claim lasts without renewal. A single move should not take longer."""


class Writer(Protocol):
    """One run working on one table: what publishing needs to know about it."""

    @property
    def store(self) -> ObjectStore:
        """The store that holds the table and the lake's state."""
        ...

    @property
    def host(self) -> Host:
        """This process."""
        ...

    @property
    def paths(self) -> TablePaths:
        """The table's folders."""
        ...

    @property
    def run_id(self) -> str:
        """The run's unique name."""
        ...

    @property
    def shield(self) -> Callable[[], AbstractContextManager[object]]:
        """Context for a publish that must not be interrupted."""
        ...


def load_journal(store: ObjectStore, key: str) -> tuple[Journal, str] | None:
    """Load the journal of a running or interrupted publish and its version tag; None if there is none.

    Raises:
        InputError: it is damaged, or a newer program wrote it.
    """
    hint = f"move {store.address(key)} away, then run with --full-refresh"
    return state_file.load(store, key, Journal, version=JOURNAL_VERSION, hint=hint)


def journal_of(store: ObjectStore, paths: TablePaths) -> tuple[Journal, str] | None:
    """Load and check the table's journal; return it with its version tag. None if there is no journal.

    Raises:
        InputError: it is damaged, or a newer program wrote it.
        StrayError: it would touch something that a publish of this table does not touch.
    """
    found = load_journal(store, paths.journal)
    return None if found is None else (checked_journal(store, paths, found[0]), found[1])


def load_journals(store: ObjectStore, state: str) -> list[Journal]:
    """Load the journals of all tables, unchecked: don't carry them out. Raises InputError."""
    found = (load_journal(store, info.key) for info in store.list(join(state, "journal")))
    return [one[0] for one in found if one is not None]


def may_live(store: ObjectStore, host: Host, owner: Owner, deadline: datetime) -> bool:
    """Return whether the owner of a claim may still be working: nobody else may touch what it claims.

    It may until `deadline`, by the store's clock, unless this machine knows that the process has ended.
    """
    return store.now() < deadline and not host.is_dead(owner)


def being_published(journal: Journal, *, then: str = "run again when it is done") -> RetriableError:
    """Make the error for a table that another process is publishing: which one, since when, and what to do `then`."""
    owner = journal.owner
    return RetriableError(
        f"{journal.table} is being published by process {owner.pid} on {owner.host},"
        f" since {journal.since:%Y-%m-%d %H:%M:%S} UTC (run {journal.run_id})",
        hint=f"{then}; if it is dead, the first run"
        f" after {journal.deadline:%Y-%m-%d %H:%M:%S} UTC finishes its publish",
    )


class Claim:
    """A journal that this process holds.

    It is ours as long as the stored object has the tag of our last write, because any other writer
    would have to replace it first.
    """

    def __init__(self, store: ObjectStore, key: str, journal: Journal, tag: str) -> None:
        self._store = store
        self._key = key
        self._tag = tag
        self.journal = journal

    @classmethod
    def create(cls, writer: Writer, journal: Journal) -> Claim:
        """Store the journal, if there is none yet.

        Raises:
            RetriableError: another publish is under way.
        """
        key = writer.paths.journal
        try:
            tag = state_file.write(writer.store, key, journal, replaces=None)
        except ConflictError as error:
            theirs = load_journal(writer.store, key)
            if theirs is not None:
                raise being_published(theirs[0]) from error
            raise RetriableError(
                f"another run published {journal.table} first", hint="run again: the state is safe"
            ) from error
        return cls(writer.store, key, journal, tag)

    @classmethod
    def take_over(cls, writer: Writer, journal: Journal, tag: str) -> Claim:
        """Take over the journal of another process.

        Raises:
            RetriableError: someone else was quicker, or its owner is still working on it.
        """
        key, now = writer.paths.journal, writer.store.now()
        ours = journal.model_copy(update={"owner": writer.host.owner(), "since": now, "deadline": now + DEADLINE})
        try:
            tag = state_file.write(writer.store, key, ours, replaces=tag)
        except ConflictError as error:
            raise RetriableError(
                f"another run is finishing the interrupted publish of {journal.table}", hint="run again when it is done"
            ) from error
        return cls(writer.store, key, ours, tag)

    @contextmanager
    def step(self) -> Iterator[None]:
        """Do one step of the publish. Check the claim before it, and again if the step is refused.

        Raises:
            RetriableError: someone took over, which explains any error of the step.
        """
        self.hold()
        try:
            yield
        except (ConflictError, InputError):
            self.hold()
            raise

    def hold(self) -> None:
        """Make sure that the claim is ours for at least half of `DEADLINE`, and renew it if needed.

        Raises:
            RetriableError: someone took over.
        """
        info = self._store.head(self._key)
        if info is None or info.tag != self._tag:
            raise self._lost()
        now = self._store.now()
        if self.journal.deadline - now < DEADLINE / 2:
            try:
                self._write(self.journal.model_copy(update={"deadline": now + DEADLINE}))
            except ConflictError as error:
                raise self._lost() from error

    def abandon(self) -> None:
        """Let anyone take over at once, since this process can't go on. Errors are ignored."""
        with suppress(TrustedLakeError, OSError):
            self._write(self.journal.model_copy(update={"deadline": self._store.now()}))

    def release(self) -> None:
        """Remove the journal. Mark it as done first, so that no one takes it for unfinished.

        If someone else has taken over in the meantime, they remove it.
        """
        with suppress(ConflictError):
            self._write(self.journal.model_copy(update={"done": True}))
            try:
                self._store.delete(self._key, if_match=self._tag)
            except ConflictError:
                raise
            except (TrustedLakeError, OSError):
                if self._store.head(self._key) is not None:
                    raise

    def _write(self, journal: Journal) -> None:
        self._tag = state_file.write(self._store, self._key, journal, replaces=self._tag)
        self.journal = journal

    def _lost(self) -> RetriableError:
        return RetriableError(
            f"another run took over the publish of {self.journal.table}: this one paused past its deadline",
            hint="the other run finishes it; run again when it is done",
        )
