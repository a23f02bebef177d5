"""An extraction from a TMDB in memory: what it writes, and that it continues from wherever it was killed."""

from __future__ import annotations

import hashlib
from collections import Counter
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from tests.support.faults import Crash, FaultyStore, Machine, Operation, crash_before, lose_answer
from tests.support.ingesting import query, raw_files, raw_ids, tools_on
from tests.support.memory_tmdb import Film, MemoryTmdb, films
from trustedlake.adapters.local.clock import ManualClock
from trustedlake.adapters.memory_store import MemoryStore
from trustedlake.app.ingesting.ingest import Ingested, ingest, outlook
from trustedlake.app.ingesting.patience import Limits
from trustedlake.app.ingesting.tools import IngestOptions
from trustedlake.errors import BusyError, InputError, RetriableError
from trustedlake.models.ingest import Certificate, Query, WindowStatus

if TYPE_CHECKING:
    from trustedlake.ports import Host, ObjectStore

FOLDER = "Raw/TMDB/JSON/Movies/2025/06/17"
A_DAY_S = 24 * 3600.0
IN_FLIGHT = 2
"""Calls that one thread may make before it hears that the store is dead to it."""


def catalogue(count: int = 47) -> dict[int, Film]:
    return films(
        *(Film(number, date(1990, 1, 1) + timedelta(days=number), number % 5) for number in range(1, count + 1))
    )


def run(
    store: ObjectStore,
    source: MemoryTmdb,
    *,
    host: Host | None = None,
    clock: ManualClock | None = None,
    **options: object,
) -> Ingested:
    wanted = IngestOptions(**({"query": query(), "batch": 10, "per_second": 0, "workers": 1} | options))  # type: ignore[arg-type]
    return ingest(tools_on(store, source, host=host or Machine().start(), clock=clock or ManualClock()), wanted)


def new() -> tuple[MemoryStore, MemoryTmdb]:
    return MemoryStore(ManualClock()), MemoryTmdb(catalogue())


def test_each_film_is_written_once_in_batch_files_in_list_order() -> None:
    store, source = new()
    done = run(store, source)
    names = [f"{FOLDER}/filmes_{number:03d}.json" for number in range(1, 6)]
    written = raw_files(store)
    assert list(written) == names
    assert [len(records) for records in written.values()] == [10, 10, 10, 10, 7]
    assert raw_ids(store) == list(range(1, 48))
    certificate = done.certificate
    assert (certificate.status, certificate.exit_code) == (WindowStatus.COMPLETE, 0)
    assert (certificate.expected, certificate.got, certificate.missing) == (47, 47, 0)
    assert certificate.calls == len(source.pages) + len(source.records) == 3 + 47
    assert [file.key for file in certificate.files] == names
    for file in certificate.files:
        data = store.read(file.key)
        assert (file.size, file.sha256) == (len(data), hashlib.sha256(data).hexdigest())
    stored = Certificate.model_validate_json(store.read(f"_trustedlake/ingest/{certificate.window}.json"))
    assert stored == certificate
    assert [info.key for info in store.list("_trustedlake/ingest")] == [
        f"_trustedlake/ingest/{certificate.window}.json"
    ]


def test_a_file_is_one_line_of_unescaped_utf8() -> None:
    store, source = new()
    run(store, source, batch=2)
    data = store.read(f"{FOLDER}/filmes_001.json")
    first, second = (f'{{"id": {n}, "title": "Filme nº {n}", "lang": "en-US"}}' for n in (1, 2))
    assert data == f"[{first}, {second}]".encode()


def test_a_complete_window_of_the_same_day_is_not_fetched_again() -> None:
    store, source = new()
    first = run(store, source)
    before, calls = raw_files(store), len(source.records)
    again = run(store, source, clock=_at(hours=11))
    assert again == Ingested(first.certificate, unchanged=True)
    assert (raw_files(store), len(source.records)) == (before, calls)


def test_the_next_day_starts_a_new_window() -> None:
    store, source = new()
    run(store, source)
    run(store, source, clock=_at(hours=12))
    assert {key.rpartition("/")[0] for key in raw_files(store)} == {FOLDER, FOLDER.replace("17", "18")}


def test_another_query_on_the_same_day_continues_the_file_numbers() -> None:
    store, source = new()
    run(store, source)
    before = raw_files(store)
    run(store, source, query=query(limit=5))
    added = raw_files(store).keys() - before.keys()
    assert added == {f"{FOLDER}/filmes_006.json"}
    assert {key: records for key, records in raw_files(store).items() if key in before} == before


def test_a_restart_fetches_a_complete_window_again_into_new_files() -> None:
    store, source = new()
    first = run(store, source)
    again = run(store, source, restart=True)
    assert again.certificate.window == f"{first.certificate.window}-2"
    assert Counter(raw_ids(store)) == dict.fromkeys(range(1, 48), 2)
    assert run(store, source).unchanged


def test_file_numbers_above_999_get_more_digits() -> None:
    store, source = new()
    store.put(f"{FOLDER}/filmes_999.json", b"[]")
    run(store, source, batch=40)
    assert [file for file in raw_files(store) if "999" not in file] == [
        f"{FOLDER}/filmes_1000.json",
        f"{FOLDER}/filmes_1001.json",
    ]


def test_a_file_name_taken_by_another_program_is_skipped() -> None:
    store, source = new()

    def take(operation: Operation) -> None:
        if operation.name == "put" and operation.key.endswith("filmes_002.json"):
            store.put(operation.key, b'[{"id": 9000}]')

    run(FaultyStore(store, before=take), source)
    assert store.read(f"{FOLDER}/filmes_002.json") == b'[{"id": 9000}]'
    assert Counter(raw_ids(store)) == dict.fromkeys([*range(1, 48), 9000], 1)
    assert len(raw_files(store)) == 6


def test_deleted_films_are_counted_and_leave_no_gap_in_the_files() -> None:
    store, source = new()
    source.gone = {1, 15, 47}
    certificate = run(store, source).certificate
    assert (certificate.status, certificate.gone, certificate.got, certificate.missing) == (
        "complete",
        (1, 15, 47),
        44,
        0,
    )
    assert [len(records) for records in raw_files(store).values()] == [10, 10, 10, 10, 4]


def test_a_film_that_fails_for_a_while_is_fetched_in_the_end() -> None:
    store, source = new()
    source.fails = Counter({7: 6, 30: 3})
    certificate = run(store, source, limits=Limits(attempts=4)).certificate
    assert (certificate.status, certificate.retries) == ("complete", 3 + 3 + 2)
    assert Counter(raw_ids(store)) == dict.fromkeys(range(1, 48), 1)


def test_a_film_that_keeps_failing_is_missing_and_the_next_run_asks_only_for_it() -> None:
    store, source = new()
    source.fails = Counter({7: 1000, 30: 1000})
    certificate = run(store, source, limits=Limits(attempts=3)).certificate
    assert (certificate.status, certificate.exit_code, certificate.missing) == ("incomplete", 4, 2)
    assert set(certificate.failed) == {7, 30}
    assert "2 of 47 are missing: 2 failed (GET /movie/7: HTTP 503" in certificate.message
    assert sorted(raw_ids(store)) == sorted({*range(1, 48)} - {7, 30})
    source.fails.clear()
    source.records.clear()
    pages = len(source.pages)
    healed = run(store, source, clock=_at(hours=20)).certificate
    assert (healed.status, healed.failed, healed.message, healed.runs) == ("complete", {}, "", 2)
    assert (source.records, len(source.pages)) == ([7, 30], pages)
    assert Counter(raw_ids(store)) == dict.fromkeys(range(1, 48), 1)
    assert {key.rpartition("/")[0] for key in raw_files(store)} == {FOLDER}, "the day is that of its beginning"


def test_an_outage_of_tmdb_at_the_start_writes_nothing() -> None:
    store, _ = new()
    heard: list[str] = []
    down: MemoryTmdb = _Down(catalogue())
    tools = replace(tools_on(store, down), progress=lambda step, **_: heard.append(step))
    with pytest.raises(RetriableError):
        ingest(tools, IngestOptions(query=query()))
    assert store.list("") == []
    assert heard == ["wait"] * 7, "a retry is reported"


def test_an_outage_stops_the_run_when_its_budget_is_spent_and_a_later_run_continues() -> None:
    store, source = new()
    source.fails = Counter(dict.fromkeys(range(20, 48), 1000))
    stopped = run(store, source, limits=Limits(attempts=5, budget=12)).certificate
    assert (stopped.status, stopped.exit_code, stopped.got) == ("incomplete", 4, 10)
    assert "TMDB keeps failing" in stopped.message
    assert stopped.spooled == 9, "what came after the last full file is kept"
    source.fails.clear()
    source.records.clear()
    assert run(store, source).certificate.status == "complete"
    assert source.records == list(range(20, 48))
    assert [len(records) for records in raw_files(store).values()] == [10, 10, 10, 10, 7]


def test_a_query_without_films_is_an_error_and_writes_nothing() -> None:
    store = MemoryStore(ManualClock())
    with pytest.raises(InputError, match="TMDB has no film like that: 0 results"):
        run(store, MemoryTmdb({}))
    assert store.list("") == []


@pytest.mark.parametrize("moment", ["before", "after"])
def test_after_a_kill_at_any_operation_the_next_run_ends_as_one_clean_run(moment: str) -> None:
    clean_store, clean_source = new()
    clean_source.gone = {3}
    counting = FaultyStore(clean_store)
    run(counting, clean_source)
    total = len(counting.operations)
    for number in range(total):
        store, source = new()
        source.gone = {3}
        machine = Machine()
        dying = machine.start()
        kill = crash_before(number)
        with suppress(Crash):  # after a read that found nothing no one is called
            run(FaultyStore(store, **{moment: kill}), source, host=dying)
        dying.kill()
        certificate = run(store, source, host=machine.start()).certificate
        assert raw_files(store) == raw_files(clean_store)
        assert (certificate.status, certificate.got, certificate.gone) == ("complete", 46, (3,))
        assert len(source.records) <= 47 + IN_FLIGHT
        assert len(source.pages) <= 3 + IN_FLIGHT
        left = [info.key for info in store.list("_trustedlake")]
        assert left == [f"_trustedlake/ingest/{certificate.window}.json"], number
    assert total > 150


def test_an_extraction_killed_again_and_again_still_completes() -> None:
    store, source = new()
    machine = Machine()
    for turn in range(40):
        process = machine.start()
        try:
            run(FaultyStore(store, before=crash_before(12 + turn)), source, host=process)
        except Crash:
            process.kill()
        else:
            break
    assert Counter(raw_ids(store)) == dict.fromkeys(range(1, 48), 1)
    assert [len(records) for records in raw_files(store).values()] == [10, 10, 10, 10, 7]
    assert turn > 3


def test_a_killed_run_continues_although_another_program_took_its_next_file_name() -> None:
    store, source = new()
    machine = Machine()
    process = machine.start()

    def kill(operation: Operation) -> None:
        if operation.name == "put" and operation.key.endswith("filmes_003.json"):
            raise Crash

    with pytest.raises(Crash):
        run(FaultyStore(store, before=kill), source, host=process)
    process.kill()
    store.put(f"{FOLDER}/filmes_003.json", b'[{"id": 9000}]')
    assert run(store, source, host=machine.start()).certificate.status == "complete"
    assert Counter(raw_ids(store)) == dict.fromkeys([*range(1, 48), 9000], 1)


@pytest.mark.parametrize("key", ["filmes_002", "_trustedlake/ingest/2025-06-17-movies"])
def test_after_a_lost_answer_the_store_is_read_back(key: str) -> None:
    store, source = new()
    assert run(FaultyStore(store, after=lose_answer("put", key)), source).certificate.status == "complete"
    assert Counter(raw_ids(store)) == dict.fromkeys(range(1, 48), 1)


def test_only_one_extraction_of_a_window_runs_at_a_time() -> None:
    store, source = new()
    machine = Machine()
    one, other = machine.start(), machine.start()

    def second(operation: Operation) -> None:
        if operation.name == "put" and operation.key.endswith("filmes_002.json"):
            with pytest.raises(RetriableError, match=r"window .* is being fetched by process 101 on laptop"):
                run(store, source, host=other)

    assert run(FaultyStore(store, before=second), source, host=one).certificate.status == "complete"
    assert Counter(raw_ids(store)) == dict.fromkeys(range(1, 48), 1)


def test_a_run_that_slept_past_its_deadline_stops_without_doubling_films() -> None:
    clock = ManualClock()
    store, source = MemoryStore(clock), MemoryTmdb(catalogue())
    taken = False

    def sleep(operation: Operation) -> None:
        nonlocal taken
        if not taken and operation.name == "put" and operation.key.endswith("filmes_002.json"):
            taken = True
            clock.advance(A_DAY_S)
            assert run(store, source, host=Machine("server").start(), clock=clock).certificate.status == "complete"

    with pytest.raises(RetriableError, match="took over"):
        run(FaultyStore(store, before=sleep), source, clock=clock)
    assert Counter(raw_ids(store)) == dict.fromkeys(range(1, 48), 1)
    assert len({key.rpartition("/")[0] for key in raw_files(store)}) == 1


def test_a_restart_abandons_an_unfinished_window() -> None:
    store, source = new()
    source.fails = Counter({7: 1000})
    first = run(store, source, limits=Limits(attempts=2)).certificate
    source.fails.clear()
    again = run(store, source, restart=True).certificate
    assert (again.window, again.status) == (f"{first.window}-2", "complete")
    old = Certificate.model_validate_json(store.read(f"_trustedlake/ingest/{first.window}.json"))
    assert old.status is WindowStatus.ABANDONED
    assert run(store, source).unchanged


def test_a_changed_raw_file_stops_the_run_that_would_continue() -> None:
    store, source = new()
    source.fails = Counter({7: 1000})
    run(store, source, limits=Limits(attempts=2))
    store.put(f"{FOLDER}/filmes_002.json", b"[]")
    with pytest.raises(InputError, match=r"filmes_002\.json doesn't match the certificate") as error:
        run(store, source)
    assert "--restart" in error.value.hint


def test_a_run_out_of_time_stops_with_its_state_saved() -> None:
    clock = ManualClock()
    store, source = MemoryStore(clock), MemoryTmdb(catalogue())

    def passes(operation: Operation) -> None:
        if operation.name == "put" and "/films/" in operation.key:
            clock.advance(1)

    slow = FaultyStore(store, after=passes)
    stopped = run(slow, source, clock=clock, stop_at=25.0).certificate
    assert (stopped.status, stopped.message) == ("incomplete", "this run has reached its time limit")
    assert 20 <= stopped.got + stopped.spooled <= 27
    assert run(store, source, clock=clock).certificate.status == "complete"
    assert Counter(source.records) == dict.fromkeys(range(1, 48), 1)


def test_a_jumping_clock_changes_neither_the_day_nor_the_pace() -> None:
    jumping = _Jumping()
    store, source = MemoryStore(jumping), MemoryTmdb(catalogue())
    assert run(store, source, clock=jumping, per_second=35).certificate.status == "complete"
    assert {key.rpartition("/")[0] for key in raw_files(store)} == {FOLDER}
    assert Counter(raw_ids(store)) == dict.fromkeys(range(1, 48), 1)


def test_a_dry_run_makes_one_call_and_writes_nothing() -> None:
    store, source = new()
    wanted = IngestOptions(query=query(limit=40), per_second=35)
    tools = tools_on(store, source, clock=ManualClock())
    found = outlook(tools, wanted)
    assert (found.standing, found.expected, found.calls, found.folder) == ("new", 40, 42, f"/{FOLDER}")
    assert found.seconds == pytest.approx(42 / 35)
    assert (len(source.pages), len(source.records), store.list("")) == (1, 0, [])
    ingest(tools, wanted)
    assert outlook(tools, wanted).standing == "complete"


class _Down(MemoryTmdb):
    """Nothing is answered."""

    def page(self, *_: object) -> None:  # type: ignore[override]
        raise BusyError("GET /discover/movie: Connection refused", hint="is the network up?")


class _Jumping(ManualClock):
    """A wall clock that jumps by days, forward and back, each time it is looked at."""

    def __init__(self) -> None:
        super().__init__()
        self._looks = 0

    def now(self) -> datetime:
        self._looks += 1
        days = 0 if self._looks == 1 else (-1) ** self._looks * self._looks % 40
        return datetime(2025, 6, 17, 12, tzinfo=UTC) + timedelta(days=days)


def _at(*, hours: float) -> ManualClock:
    """A clock that stands so many hours after the first run."""
    clock = ManualClock()
    clock.advance(hours * 3600)
    return clock


def test_a_field_that_a_later_version_adds_does_not_rename_unfinished_windows() -> None:
    class Later(Query):
        new: str = "unused"

    asked = query()
    fields = {name: getattr(asked, name) for name in Query.model_fields}
    assert Later(**fields).digest == asked.digest
    assert Later(**fields, new="used").digest != asked.digest
