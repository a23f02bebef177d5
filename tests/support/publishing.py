"""A small lake to publish to: its files, what a run stages, and the steps of a run."""

from __future__ import annotations

import hashlib
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tests.support.faults import Machine
from trustedlake.app.publishing.ledger_file import load_ledger, same
from trustedlake.app.publishing.publish import publish, recover
from trustedlake.app.publishing.sweep import staging_of, sweep
from trustedlake.app.trusted.publish_plan import Publication
from trustedlake.errors import RetriableError
from trustedlake.models.built_in import CONTRACTS
from trustedlake.models.journal import Delete, Move
from trustedlake.models.lake import TablePaths, default_paths
from trustedlake.models.ledger import Counts, Ledger, Partition, PublishedFile, RawFile, Refusal

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from trustedlake.ports import Host, ObjectInfo, ObjectStore

PATHS = default_paths(CONTRACTS["tmdb_movies"])
PART = "part-00000.parquet"


def trusted(day: str, name: str = PART) -> str:
    return f"{PATHS.trusted}/ano=2025/mes=06/dia={day}/{name}"


def quarantine(day: str) -> str:
    return f"{PATHS.quarantine}/ano=2025/mes=06/dia={day}/{PART}"


def failed(day: str) -> str:
    return f"{PATHS.failed}/ano=2025/mes=06/dia={day}/{PART}"


STATE_FILES = {"ledger": PATHS.ledger, "journal": PATHS.journal, "staging": PATHS.staging("run1") + ".json"}

STRAY = trusted("18")
"""A file of another program in the way of a new one."""

BEFORE = {
    trusted("16"): b"16 old",
    quarantine("16"): b"16 refused, old",
    trusted("17"): b"17 stays",
    trusted("19"): b"19 old, first half",
    trusted("19", "part-00001.parquet"): b"19 old, second half",
    failed("20"): b"20 failed once",
}
AFTER = {
    trusted("16"): b"16 new",
    quarantine("16"): b"16 refused, new",
    trusted("17"): b"17 stays",
    trusted("18"): b"18 new",
    trusted("19"): b"19 in one",
    trusted("20"): b"20 passes now",
    failed("21"): b"21 failed",
}


def ledger_of(files: Mapping[str, bytes], tags: Mapping[str, str] | None = None) -> Ledger:
    """The ledger of these published files."""
    days: dict[str, dict[str, list[PublishedFile]]] = {}
    for key, data in sorted(files.items()):
        zone = "failed" if key.startswith(PATHS.failed) else key.partition("/")[0].lower()
        file = PublishedFile(key=key, size=len(data), rows=1, sha256=sha256(data), tag=(tags or {}).get(key, ""))
        day = "/".join(key.split("/")[-4:-1])
        days.setdefault(day, {}).setdefault(zone, []).append(file)
    return Ledger(table=PATHS.table, partitions={day: _partition(zones) for day, zones in days.items()})


def _partition(zones: dict[str, list[PublishedFile]]) -> Partition:
    raw = RawFile(path="Raw/a.json", size=2, sha256=sha256(b"[]"), tag="1", records=1)
    refusal = Refusal(
        gate="empty",
        max_rejected=0.05,
        message="no record",
        counts=Counts(),
        contract=1,
        raw=(raw,),
        files=tuple(zones.get("failed", ())),
    )
    return Partition(
        contract=1,
        raw=(raw,),
        trusted=tuple(zones.get("trusted", ())),
        quarantine=tuple(zones.get("quarantine", ())),
        refusal=refusal if "failed" in zones else None,
    )


def sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


@dataclass(frozen=True)
class Run:
    """A writer: one process at work on the table."""

    store: ObjectStore
    host: Host
    run_id: str
    paths: TablePaths = PATHS
    shield: Callable[[], AbstractContextManager[object]] = field(default=nullcontext)


def prepare(store: ObjectStore) -> None:
    """Lay out the lake as an earlier run left it, with a stray file of another program in it."""
    tags = {key: store.put(key, data) for key, data in BEFORE.items()}
    store.put(STRAY, b"of another program")
    store.put(PATHS.ledger, ledger_of(BEFORE, tags).model_dump_json().encode())


def writer(store: ObjectStore, run_id: str = "run1") -> Run:
    """A writer on a machine of its own."""
    return Run(store, Machine().start(), run_id)


def everything(store: ObjectStore) -> dict[str, bytes]:
    return {info.key: store.read(info.key) for info in store.list("")}


def run(writer: Run, after: Mapping[str, bytes] = AFTER) -> str:
    """What a run does, with the judging left out; returns the run that it recovered."""
    recovered = recover(writer)
    sweep(writer)
    ledger, tag = load_ledger(writer.store, PATHS)
    if ledger is None or not same(ledger, ledger_of(after)):
        with staging_of(writer):
            publish(writer, stage(writer, after, ledger), ledger_before=tag)
    return recovered


def stage(writer: Run, after: Mapping[str, bytes], ledger: Ledger | None) -> Publication:
    """Write what is new to the staging folder, and plan the publish."""
    store, staging = writer.store, PATHS.staging(writer.run_id)
    folders = (PATHS.trusted, PATHS.quarantine, PATHS.failed)
    there = {info.key: info for folder in folders for info in store.list(folder)}
    known = _keys(ledger)
    moves = [_aside(writer, info) for info in there.values() if info.key not in known]
    for number, (key, data) in enumerate(after.items()):
        if known.get(key) == sha256(data):
            continue
        source = f"{staging}/trusted/{number}.parquet"
        store.put(source, data)
        tag = there[key].tag if key in known else None
        moves.append(Move(source=source, target=key, size=len(data), sha256=sha256(data), replaces=tag))
    deletes = [Delete(key=key, tag=info.tag) for key, info in there.items() if key in known and key not in after]
    tags = {key: info.version for key, info in there.items() if known.get(key) == sha256(after.get(key, b""))}
    return Publication(moves=tuple(moves), deletes=tuple(deletes), ledger=ledger_of(after, tags))


def _aside(writer: Run, info: ObjectInfo) -> Move:
    try:
        data = writer.store.read(info.key)
    except FileNotFoundError as error:
        raise RetriableError(f"{info.key} vanished: another run publishes", hint="run again") from error
    return Move(
        source=info.key,
        target=f"{PATHS.replaced(writer.run_id)}/{info.key}",
        size=info.size,
        sha256=sha256(data),
        replaces=None,
        source_tag=info.tag,
    )


def _keys(ledger: Ledger | None) -> dict[str, str]:
    return {file.key: file.sha256 for file in files_of(ledger)}


def files_of(ledger: Ledger | None) -> list[PublishedFile]:
    """All files of the ledger."""
    entries = ledger.partitions.values() if ledger else ()
    return [
        file
        for entry in entries
        for file in (*entry.trusted, *entry.quarantine, *(entry.refusal.files if entry.refusal else ()))
    ]


def check_end(store: ObjectStore, runs: list[str], after: Mapping[str, bytes] = AFTER) -> None:
    """The lake is as one clean run leaves it: these objects, no others, and a ledger that knows their tags."""
    state = {info.key: store.read(info.key) for info in store.list("")}
    ledger, _ = load_ledger(store, PATHS)
    assert ledger is not None
    assert same(ledger, ledger_of(after))
    del state[PATHS.ledger]
    asides = {f"{PATHS.replaced(run_id)}/{STRAY}" for run_id in runs} & state.keys()
    assert len(asides) == 1, "the stray file was moved aside, once"
    assert state.pop(asides.pop()) == b"of another program"
    assert state == dict(after)
    assert {file.key: file.tag for file in files_of(ledger)} == {
        key: info.version for key in after if (info := store.head(key)) is not None
    }
