"""Each file in Raw is a table's, ignored by its name, or one that no table takes; nothing is listed twice."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.support.faults import FaultyStore
from tests.support.lakes import MOVIES, store_of
from tests.support.python_contracts import contract, whole
from trustedlake.adapters.local.clock import SystemClock
from trustedlake.adapters.local.local_store import LocalStore
from trustedlake.app.trusted.raw_files import RawFiles
from trustedlake.app.trusted.raw_zone import RawZone
from trustedlake.models.built_in import CONTRACTS
from trustedlake.models.lake import STATE, default_paths

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from trustedlake.models.contract import Contract
    from trustedlake.ports import ObjectStore

ORDERS = contract("orders", columns=[whole("id")], path=("Raw/orders",), files=("*.csv",), ignore=("*_old.csv",))
LANDED = contract("landed", columns=[whole("id")], path=("landing/shop/{dia}",), partition=("dia",))
WITHIN = contract("within", columns=[whole("id")], path=("data/raw/shop",)).model_copy(
    update={"trusted": "data/trusted/shop"}
)
DRAFTS = contract("drafts", columns=[whole("id")], path=("Raw/_drafts",))

OURS = (*CONTRACTS.values(), ORDERS, LANDED, WITHIN, DRAFTS)
DAY = f"{MOVIES}/2025/06/17"

TAKEN, IGNORED, UNTAKEN, NOT_RAW = "taken", "ignored", "untaken", "not raw"
CASES = {
    f"{DAY}/a.json": TAKEN,
    "Raw/TMDB/JSON/Series/2025/06/17/a.json": TAKEN,
    "Raw/Local/CSV/Movies/movies.csv": TAKEN,
    "Raw/orders/april/a.csv": TAKEN,
    "Raw/_drafts/a.json": TAKEN,
    "landing/shop/17/a.json": TAKEN,
    "data/raw/shop/a.json": TAKEN,
    "Raw/notes.txt": UNTAKEN,
    "Raw/movies.json": UNTAKEN,
    "Raw/Other/a.csv": UNTAKEN,
    "Raw/Other/deep/er/a.csv": UNTAKEN,
    "Raw/TMDB/a.json": UNTAKEN,
    "Raw/TMDB/JSON/a.json": UNTAKEN,
    "Raw/TMDB/XML/a.xml": UNTAKEN,
    "Raw/Local/a.csv": UNTAKEN,
    "Raw/Local/CSV/a.csv": UNTAKEN,
    "Raw/orders/april/a.xlsx": UNTAKEN,
    "Raw/ordersX/a.csv": UNTAKEN,
    f"{MOVIES}/no date.json": UNTAKEN,
    "landing/a.json": UNTAKEN,
    "landing/Other/a.json": UNTAKEN,
    "data/raw/a.json": UNTAKEN,
    "Raw/.DS_Store": IGNORED,
    "Raw/Other/_SUCCESS": IGNORED,
    "Raw/Other/Thumbs.db": IGNORED,
    "Raw/Other/a.csv.part": IGNORED,
    "Raw/Other/data.csv (1)": IGNORED,
    "Raw/_notes/a.txt": IGNORED,
    "Raw/.git/HEAD": IGNORED,
    f"{DAY}/_draft.json": IGNORED,
    f"{DAY}/.tmp-trustedlake-1": IGNORED,
    "Raw/orders/april/a_old.csv": IGNORED,
    "notes.txt": NOT_RAW,
    "contracts/orders.odcs.yaml": NOT_RAW,
    "data/a.json": NOT_RAW,
    "data/trusted/shop/part-00000.parquet": NOT_RAW,
    "Trusted/TMDB/Parquet/Movies/part-00000.parquet": NOT_RAW,
    "Quarantine/TMDB/Parquet/Movies/part-00000.parquet": NOT_RAW,
    f"{STATE}/ledger/tmdb_movies.json": NOT_RAW,
    f"{STATE}/ingest/films.json": NOT_RAW,
}


def zone_of(store: ObjectStore, contracts: Sequence[Contract] = OURS, lake: str = "", *, whole: bool = True) -> RawZone:
    tops = store.folders(lake)
    return RawZone(
        [(store, default_paths(one, lake, tops), RawFiles(one, contracts)) for one in contracts], whole=whole
    )


def local(folder: Path, objects: Mapping[str, str]) -> LocalStore:
    for key, text in objects.items():
        file = folder / key
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    return LocalStore(folder, SystemClock())


@pytest.mark.parametrize("kind", ["memory", "folder", "below a prefix", "raw"])
def test_each_file_is_a_tables_or_ignored_or_untaken(kind: str, tmp_path: Path) -> None:
    lake = "a/lake" if kind == "below a prefix" else ""
    there = {f"{lake}/{path}" if lake else path: "[]" for path in CASES}
    if kind == "raw":
        there = {path.replace("Raw/", "raw/", 1): text for path, text in there.items()}
    store = local(tmp_path, there) if kind == "folder" else store_of(there)
    expected = {path.replace("Raw/", "raw/", 1) if kind == "raw" else path: state for path, state in CASES.items()}
    left = zone_of(store, lake=lake).leftover
    assert set(left.untaken) == {path for path, state in expected.items() if state == UNTAKEN}
    hidden = {path for path, state in expected.items() if state == IGNORED}
    assert set(left.ignored) == hidden - ({f"{DAY}/.tmp-trustedlake-1"} if kind == "folder" else set())


def test_files_are_grouped_by_the_outermost_folder_that_no_table_has_a_file_in() -> None:
    store = store_of(dict.fromkeys((path for path, state in CASES.items() if state in {TAKEN, UNTAKEN}), "[]"))
    places = zone_of(store).leftover.places
    assert {one.path: one.files for one in places} == {
        "Raw/Local/CSV/a.csv": 1,
        "Raw/Local/a.csv": 1,
        "Raw/Other/": 2,
        f"{MOVIES}/no date.json": 1,
        "Raw/TMDB/JSON/a.json": 1,
        "Raw/TMDB/XML/": 1,
        "Raw/TMDB/a.json": 1,
        "Raw/movies.json": 1,
        "Raw/notes.txt": 1,
        "Raw/orders/april/a.xlsx": 1,
        "Raw/ordersX/": 1,
        "data/raw/a.json": 1,
        "landing/Other/": 1,
        "landing/a.json": 1,
    }
    assert {one.since for one in places} == {store.now()}


@pytest.mark.parametrize("path", [path for path, state in CASES.items() if state == UNTAKEN])
def test_a_contract_that_takes_the_file_settles_it(path: str) -> None:
    folder, _, name = path.rpartition("/")
    new = contract("taker", columns=[whole("id")], path=(folder,), files=(name,))
    assert path not in zone_of(store_of(dict.fromkeys(CASES, "[]")), (*OURS, new)).leftover.untaken


def test_raw_is_listed_once_for_all_tables() -> None:
    store = FaultyStore(store_of(dict.fromkeys(CASES, "[]")))
    zone = zone_of(store)
    tables = [(store, default_paths(one, "", store.folders("")), RawFiles(one, OURS)) for one in (ORDERS, LANDED)]
    found = [[one.file.path for one in zone.listing(table).files] for table in tables]
    assert found == [["Raw/orders/april/a.csv"], ["landing/shop/17/a.json"]]
    assert zone.leftover.untaken
    listed = [operation.key for operation in store.operations if operation.name == "list"]
    assert sorted(listed) == ["Raw", "data/raw", "landing"]


def test_for_some_tables_only_their_folders_are_listed() -> None:
    store = FaultyStore(store_of(dict.fromkeys(CASES, "[]")))
    zone = RawZone([(store, default_paths(ORDERS), RawFiles(ORDERS, OURS))], whole=False)
    assert zone.leftover.untaken == ("Raw/orders/april/a.xlsx",)
    assert [operation.key for operation in store.operations if operation.name == "list"] == ["Raw/orders"]


def test_a_broken_link_in_raw_hides_only_its_own_folder(tmp_path: Path) -> None:
    store = local(
        tmp_path, {f"{DAY}/a.json": "[]", f"{DAY}/a.txt.gz.x/b": "", "Raw/notes.txt": "", "Raw/orders/a.txt": ""}
    )
    (tmp_path / "Raw" / "link").symlink_to(tmp_path / "nowhere")
    zone = zone_of(store)
    assert zone.leftover.untaken == ("Raw/orders/a.txt",)
    assert zone.problems == [f"{tmp_path}/Raw/link: this link is broken ({tmp_path}/nowhere)"]
    assert zone.listing(
        (store, default_paths(CONTRACTS["tmdb_movies"]), RawFiles(CONTRACTS["tmdb_movies"], OURS))
    ).files
