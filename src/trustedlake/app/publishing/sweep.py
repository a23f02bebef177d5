"""Staging folders: a run claims its folder before writing to it; folders that nobody needs any more are removed.

The claim on `staging/<run>/<table>/` is the object `staging/<run>/<table>.json`. A folder is swept (removed) when
its claim's owner is known to be dead or its deadline has passed, and no journal names it. The sweeper takes the
claim first, and a publisher renews it before its journal appears, both by compare-and-set. Only one of them
wins, so a folder is never swept while a publish uses it.
"""

from __future__ import annotations

from contextlib import contextmanager
from datetime import timedelta
from typing import TYPE_CHECKING

from trustedlake.app.publishing import state_file
from trustedlake.app.publishing.claim import load_journal, load_journals, may_live
from trustedlake.errors import ConflictError, InputError, RetriableError
from trustedlake.models.journal import JOURNAL_VERSION, StagingClaim
from trustedlake.models.lake import join

if TYPE_CHECKING:
    from collections.abc import Iterator

    from trustedlake.app.publishing.claim import Writer
    from trustedlake.models.journal import Journal
    from trustedlake.ports import ObjectStore

STAGING_DEADLINE = timedelta(hours=24)
"""How long a run may take. After that, others may sweep its staging folder if they can't tell that it is alive."""

CLAIM_SUFFIX = ".json"
"""A staging folder plus this is the key of its claim."""


@contextmanager
def staging_of(writer: Writer) -> Iterator[None]:
    """Hold the run's staging folder of the table; sweep it at the end, unless a journal needs it."""
    staging = writer.paths.staging(writer.run_id)
    ours = False
    try:
        with writer.shield():
            state_file.write(writer.store, staging + CLAIM_SUFFIX, _claim(writer), replaces=None)
            ours = True
        yield
    finally:
        if ours:
            found = load_journal(writer.store, writer.paths.journal)
            if found is None or _staging(writer, found[0]) != staging:
                release_staging(writer.store, staging)


def keep_staging(writer: Writer) -> None:
    """Renew the claim on the staging folder before a publish relies on it.

    Raises:
        RetriableError: the folder was swept, because this run took too long.
    """
    key = writer.paths.staging(writer.run_id) + CLAIM_SUFFIX
    ours = _claim(writer)
    try:
        found = _load(writer.store, key)
        if found is None or not found[0].owner.is_same_process(ours.owner):
            raise _swept(writer)
        state_file.write(writer.store, key, ours, replaces=found[1])
    except ConflictError as error:
        raise _swept(writer) from error


def release_staging(store: ObjectStore, staging: str) -> None:
    """Remove a staging folder, then the claim on it."""
    store.discard(staging)
    store.delete(staging + CLAIM_SUFFIX)


def sweep(writer: Writer) -> list[str]:
    """Remove the staging folders, of all tables, that nobody needs any more; return their keys.

    Half-written files that killed writers left in the lake's state are also removed, once they are older than
    `STAGING_DEADLINE`. If only a newer program understands a claim or journal, it and its folder are left alone.
    """
    swept = []
    for staging in _stagings(writer):
        try:
            # Order matters: once the claim is ours, no journal that names the folder can appear any more.
            if not _take(writer, staging) or staging in _named(writer):
                continue
        except InputError:
            continue
        release_staging(writer.store, staging)
        swept.append(staging)
    writer.store.tidy(writer.paths.state, older_than=STAGING_DEADLINE, folders=True)
    return swept


def _stagings(writer: Writer) -> list[str]:
    """Return all staging folders, including those that have only a claim: `<state>/staging/<run>/<table>`."""
    root = join(writer.paths.state, "staging")
    found = set()
    for info in writer.store.list(root):
        run_id, _, rest = info.key.removeprefix(f"{root}/").partition("/")
        table, slash, _ = rest.partition("/")
        if slash or table.endswith(CLAIM_SUFFIX):
            found.add(join(root, run_id, table if slash else table.removesuffix(CLAIM_SUFFIX)))
    return sorted(found)


def _take(writer: Writer, staging: str) -> bool:
    """Take over the claim of a dead run; return whether it is ours now."""
    store, key = writer.store, staging + CLAIM_SUFFIX
    found = _load(store, key)
    try:
        if found is None:
            state_file.write(store, key, _claim(writer), replaces=None)
            return True
        claim, tag = found
        if may_live(store, writer.host, claim.owner, claim.deadline):
            return False
        state_file.write(store, key, _claim(writer), replaces=tag)
    except ConflictError:
        return False
    return True


def _claim(writer: Writer) -> StagingClaim:
    return StagingClaim(run_id=writer.run_id, owner=writer.host.owner(), deadline=writer.store.now() + STAGING_DEADLINE)


def _load(store: ObjectStore, key: str) -> tuple[StagingClaim, str] | None:
    hint = f"move {store.address(key)} away, then run again"
    return state_file.load(store, key, StagingClaim, version=JOURNAL_VERSION, hint=hint)


def _named(writer: Writer) -> set[str]:
    """Return the staging folders that running publishes rely on."""
    return {_staging(writer, journal) for journal in load_journals(writer.store, writer.paths.state)}


def _staging(writer: Writer, journal: Journal) -> str:
    """Return the journal's staging folder by its run; the key in the journal is relative to its writer's store."""
    return join(writer.paths.state, "staging", journal.run_id, journal.table)


def _swept(writer: Writer) -> RetriableError:
    return RetriableError(
        f"another run removed what run {writer.run_id} had staged: that run took longer than"
        f" {STAGING_DEADLINE.total_seconds() / 3600:g} hours, or was paused",
        hint="run again: the state is safe",
    )
