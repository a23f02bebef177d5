"""State files that lead elsewhere are refused by name, before anything is touched."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.support.faults import FaultyStore, Machine, Operation
from tests.support.hostile import ELSEWHERE, HERS, changed, journal_in
from tests.support.publishing import AFTER, PATHS, Run, ledger_of, trusted
from trustedlake.adapters.local.clock import ManualClock
from trustedlake.adapters.local.local_store import LocalStore
from trustedlake.adapters.memory_store import MemoryStore
from trustedlake.app.auditing.state import fix_state, left_behind
from trustedlake.app.publishing.checked_keys import StrayError
from trustedlake.app.publishing.ledger_file import load_ledger
from trustedlake.app.publishing.publish import recover
from trustedlake.app.publishing.sweep import sweep
from trustedlake.errors import TrustedLakeError
from trustedlake.models.ledger import Ledger

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from trustedlake.ports import ObjectStore

LAST = len(AFTER) - 2
PLACES: list[Sequence[str | int]] = [
    ("staging",),
    ("moves", 0, "source"),
    ("moves", 0, "target"),
    ("moves", LAST, "source"),
    ("moves", LAST, "target"),
    ("deletes", 0, "key"),
    ("ledger_after", "partitions", "ano=2025/mes=06/dia=16", "trusted", 0, "key"),
    ("ledger_after", "partitions", "ano=2025/mes=06/dia=16", "quarantine", 0, "key"),
    ("ledger_after", "partitions", "ano=2025/mes=06/dia=21", "refusal", "files", 0, "key"),
]
"""Where a journal names a key."""

RUNS = ["..", "../..", "a/b", "", "/", ".", "x\0y", "run1/../../..", "precious"]


@pytest.fixture(params=["memory", "local"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> ObjectStore:
    return new_store(request.param, tmp_path / "lake")


def new_store(kind: str, folder: Path) -> ObjectStore:
    return LocalStore(folder, ManualClock()) if kind == "local" else MemoryStore(ManualClock())


def lake_with_cut_publish(store: ObjectStore) -> dict[str, Any]:
    """A lake with others' files in it, a published day that is to go, and a journal that is all right."""
    store.put(trusted("16", "part-00009.parquet"), b"goes")
    for key, data in HERS.items():
        store.put(key, data)
    document = journal_in(store)
    tag = store.head(trusted("16", "part-00009.parquet"))
    assert tag is not None
    document["deletes"] = [{"key": trusted("16", "part-00009.parquet"), "tag": tag.tag}]
    document["moves"] = [move for move in document["moves"] if move["source_tag"] is None]
    return document


def everything(store: ObjectStore) -> dict[str, bytes]:
    return {info.key: store.read(info.key) for info in store.list("")}


def put_journal(store: ObjectStore, document: dict[str, Any]) -> None:
    store.put(PATHS.journal, json.dumps(document).encode())


def writer(store: ObjectStore) -> Run:
    return Run(store, Machine("other").start(), "run2")


def test_an_unchanged_journal_is_finished(store: ObjectStore) -> None:
    put_journal(store, lake_with_cut_publish(store))
    assert recover(writer(store)) == "run1"
    ledger, _ = load_ledger(store, PATHS)
    assert ledger is not None
    assert set(ledger.partitions) == set(ledger_of(AFTER).partitions)
    assert {key: data for key, data in everything(store).items() if key in HERS} == HERS
    assert store.head(trusted("16", "part-00009.parquet")) is None


@pytest.mark.parametrize("place", PLACES, ids=lambda place: ".".join(map(str, place)))
def test_a_journal_that_leads_elsewhere_is_refused_and_touches_nothing(
    store: ObjectStore, place: Sequence[str | int]
) -> None:
    document = lake_with_cut_publish(store)
    run = writer(store)
    for key in ELSEWHERE:
        put_journal(store, changed(document, place, key))
        before = everything(store)
        for action in (recover, lambda one: fix_state([one]), lambda one: list(left_behind([one]))):
            with pytest.raises(StrayError, match=r"journal/tmdb_movies\.json names") as refused:
                action(run)
            assert refused.value.exit_code == 1
            assert "--full-refresh" in refused.value.hint
        assert everything(store) == before, key


@pytest.mark.parametrize("run_id", RUNS)
@pytest.mark.parametrize("done", [True, False])
def test_a_journal_with_an_invalid_run_id_is_refused(store: ObjectStore, run_id: str, done: bool) -> None:
    document = changed(lake_with_cut_publish(store), ["run_id"], run_id) | {"done": done}
    put_journal(store, document | {"staging": f"_trustedlake/staging/{run_id}/tmdb_movies"})
    before = everything(store)
    if run_id == "precious":  # a name like any other: of that run there is nothing staged
        put_journal(store, document | {"staging": "precious"})
        before = everything(store)
    with pytest.raises(StrayError):
        recover(writer(store))
    assert everything(store) == before


@pytest.mark.parametrize(
    ("source", "target", "aside"),
    [
        (trusted("17"), f"{PATHS.replaced('run1')}/x", False),
        (PATHS.ledger, f"{PATHS.replaced('run1')}/x", True),
        (next(iter(HERS)), f"{PATHS.replaced('run1')}/x", True),
        (trusted("17"), f"{PATHS.replaced('run0')}/x", True),
        (trusted("17"), trusted("18"), True),
        (f"{PATHS.staging('run1')}/x", f"{PATHS.replaced('run1')}/x", False),
        (f"{PATHS.staging('run0')}/x", trusted("18"), False),
        (f"{PATHS.staging('run1')}/x", PATHS.ledger, False),
    ],
)
def test_a_journal_with_an_impossible_move_is_refused(
    store: ObjectStore, source: str, target: str, aside: bool
) -> None:
    document = lake_with_cut_publish(store)
    move = document["moves"][0] | {"source": source, "target": target, "source_tag": "v1" if aside else None}
    put_journal(store, document | {"moves": [move]})
    before = everything(store)
    with pytest.raises(StrayError):
        recover(writer(store))
    assert everything(store) == before


def test_a_journal_or_ledger_of_another_table_is_refused(store: ObjectStore) -> None:
    put_journal(store, lake_with_cut_publish(store) | {"table": "tmdb_series"})
    with pytest.raises(StrayError, match="names 'tmdb_series' as the journal of tmdb_movies"):
        recover(writer(store))
    store.put(PATHS.ledger, Ledger(table="tmdb_series").model_dump_json().encode())
    with pytest.raises(StrayError, match="names 'tmdb_series' as the ledger of tmdb_movies"):
        load_ledger(store, PATHS)


@pytest.mark.parametrize("place", [place[1:] for place in PLACES if place[0] == "ledger_after"], ids=str)
def test_a_ledger_that_names_foreign_files_is_refused_or_ignored(
    store: ObjectStore, place: Sequence[str | int]
) -> None:
    document = json.loads(ledger_of(AFTER).model_dump_json())
    for key in ELSEWHERE:
        store.put(PATHS.ledger, json.dumps(changed(document, place, key)).encode())
        with pytest.raises(StrayError, match=r"ledger/tmdb_movies\.json names") as refused:
            load_ledger(store, PATHS)
        assert refused.value.exit_code == 1
        assert load_ledger(store, PATHS, forgive=True)[0] is None


@pytest.mark.parametrize(
    "name", ["..", "../..", "a", "ano=2025/..", "/ano=2025", "ano=2025//mes=06", "ano=20\\25", "="]
)
def test_a_ledger_with_an_invalid_partition_name_is_refused(store: ObjectStore, name: str) -> None:
    document = json.loads(ledger_of({}).model_dump_json()) | {"partitions": {name: {}}}
    store.put(PATHS.ledger, json.dumps(document).encode())
    if name == "=":  # odd, and harmless
        assert load_ledger(store, PATHS)[0] is not None
        return
    with pytest.raises(StrayError, match="as a partition"):
        load_ledger(store, PATHS)


@pytest.mark.parametrize(
    "path", ["../x.json", "Raw/../../x.json", "/etc/../x", "", "Raw//x", "Raw/x\0y", "s3://b/x\0y"]
)
@pytest.mark.parametrize("where", ["raw", "refused", "accepted", "kept"])
def test_a_ledger_with_an_invalid_raw_path_is_refused(store: ObjectStore, where: str, path: str) -> None:
    raw = {"path": path, "size": 1, "sha256": "", "tag": "", "records": 1}
    refusal = {"gate": "empty", "max_rejected": 0, "message": "", "counts": {}, "contract": 1, "raw": [raw]}
    entry = {"raw": [raw]} if where == "raw" else {"refusal": refusal if where == "refused" else None}
    document: dict[str, Any] = {"table": PATHS.table, "partitions": {"": entry}}
    if where == "accepted":
        document["accepted"] = {path: {"path": path, "sha256": "", "reason": ""}}
    if where == "kept":
        document["kept"] = [path]
    store.put(PATHS.ledger, json.dumps(document).encode())
    with pytest.raises(StrayError, match="as a raw file"):
        load_ledger(store, PATHS)


@pytest.mark.parametrize(
    "path", ["Raw/a b/ação.json", "/mnt/drop/a.json", "s3://bucket/drop//../a\\b.json", "a\\b.json"]
)
def test_raw_files_with_odd_names_and_places_stay_in_the_ledger(store: ObjectStore, path: str) -> None:
    document: dict[str, Any] = {"table": PATHS.table, "kept": [path]}
    store.put(PATHS.ledger, json.dumps(document).encode())
    ledger, _ = load_ledger(store, PATHS)
    assert ledger is not None
    assert ledger.kept == (path,)


@pytest.mark.parametrize(("root", "lake"), [("lake", ""), ("", "lake")])
def test_a_ledger_is_read_from_whichever_folder_the_store_is_rooted_at(tmp_path: Path, root: str, lake: str) -> None:
    """With raw files outside the lake the store is rooted above it, and the ledger's keys start at that root."""
    store = LocalStore(tmp_path / root, ManualClock(), state=tmp_path / "lake/_trustedlake")
    written = ledger_of({trusted("16"): b"1"})
    (entry,) = written.partitions.values()
    (file,) = entry.trusted
    other = "" if lake else "lake/"
    document = json.loads(written.model_dump_json())
    paths = PATHS.model_copy(update={"lake": lake, "trusted": f"{lake}/{PATHS.trusted}".lstrip("/")})
    key = f"{other}{PATHS.trusted}{file.key.removeprefix(PATHS.trusted)}"
    document["partitions"]["ano=2025/mes=06/dia=16"]["trusted"][0]["key"] = key
    store.put(paths.ledger, json.dumps(document).encode())
    ledger, _ = load_ledger(store, paths)
    assert ledger is not None
    (entry,) = ledger.partitions.values()
    assert entry.trusted[0].key == f"{paths.trusted}/ano=2025/mes=06/dia=16/part-00000.parquet"


names = st.sampled_from(ELSEWHERE) | st.lists(
    st.sampled_from(["..", ".", "", "Raw", "Trusted", "TMDB", "Parquet", "Movies", "precious", "_trustedlake", "lake"])
    | st.sampled_from(["staging", "run1", "tmdb_movies", "x.parquet", "ano=2025", "\\", "gold.txt", "ledger"])
    | st.text(max_size=3),
    max_size=7,
).map("/".join)
inside = st.sampled_from([PATHS.trusted, PATHS.quarantine, PATHS.failed, PATHS.staging("run1"), PATHS.replaced("run1")])
keys = names | st.builds("{}/{}".format, inside, names)
moves = st.builds(
    lambda source, target, tag: {
        "source": source, "target": target, "size": 1, "sha256": "", "replaces": None, "source_tag": tag,
    },
    keys,
    keys,
    st.sampled_from([None, "v1", "v2"]),
)  # fmt: skip
changes = st.fixed_dictionaries(
    {},
    optional={
        "staging": keys,
        "run_id": names,
        "table": st.sampled_from([PATHS.table, "tmdb_series", "../x"]),
        "done": st.booleans(),
        "moves": st.lists(moves, max_size=3),
        "deletes": st.lists(st.builds(lambda key, tag: {"key": key, "tag": tag}, keys, st.just("v1")), max_size=3),
        "ledger_before": st.sampled_from([None, "v1"]),
    },
)
claims = st.dictionaries(st.sampled_from(["run0", "run1", "x"]), names, max_size=2)
OWN = tuple(
    f"{folder}/"
    for folder in (
        PATHS.trusted, PATHS.quarantine, PATHS.failed,
        "_trustedlake/staging", "_trustedlake/replaced", "_trustedlake/journal",
    )
)  # fmt: skip


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(change=changes, ledger_keys=st.lists(keys, max_size=2), claimed=claims)
def test_no_journal_ledger_or_claim_makes_a_run_touch_other_folders(
    change: dict[str, Any], ledger_keys: list[str], claimed: dict[str, str]
) -> None:
    _try(MemoryStore(ManualClock()), change, ledger_keys, claimed)


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(change=changes, ledger_keys=st.lists(keys, max_size=2), claimed=claims)
def test_no_journal_ledger_or_claim_makes_a_run_touch_files_outside_the_lake(
    change: dict[str, Any], ledger_keys: list[str], claimed: dict[str, str], tmp_path_factory: pytest.TempPathFactory
) -> None:
    above = tmp_path_factory.mktemp("above")
    (above / "home").mkdir()
    (above / "home/.profile").write_bytes(b"hers")
    _try(LocalStore(above / "lake", ManualClock()), change, ledger_keys, claimed)
    outside = [path.relative_to(above) for path in sorted(above.rglob("*"))]
    assert [str(path) for path in outside if path.parts[0] != "lake"] == ["home", "home/.profile"]
    assert (above / "home/.profile").read_bytes() == b"hers"


def _try(store: ObjectStore, change: dict[str, Any], ledger_keys: list[str], claimed: dict[str, str]) -> None:
    document = lake_with_cut_publish(store) | change
    ledger = json.loads(ledger_of(AFTER).model_dump_json())
    for key in ledger_keys:
        file = {"key": key, "size": 1, "rows": 1, "sha256": ""}
        ledger["partitions"]["ano=2025/mes=06/dia=16"]["trusted"].append(file)
    store.put(PATHS.ledger, json.dumps(ledger).encode())
    for run_id, names_another in claimed.items():
        claim = {"run_id": names_another, "owner": document["owner"], "deadline": document["deadline"]}
        store.put(f"_trustedlake/staging/{run_id}/tmdb_movies.json", json.dumps(claim).encode())
    put_journal(store, document)
    before = everything(store)
    asked: list[Operation] = []
    run = writer(FaultyStore(store, before=asked.append))
    for action in (recover, sweep, lambda one: fix_state([one]), lambda one: list(left_behind([one]))):
        try:
            action(run)
        except (TrustedLakeError, FileNotFoundError):
            continue
    for one in asked:
        if one.name in {"put", "move", "delete", "discard"}:
            for key in (one.key, *([one.source] if one.source else [])):
                assert f"{key}/".startswith(OWN) or key == PATHS.ledger, one
                assert ".." not in key.split("/"), one
    after = everything(store)
    assert {key: after.get(key) for key in HERS} == {key: before[key] for key in HERS}
