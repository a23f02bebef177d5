"""A disk that really fills up, at any time: published data stays, and with space again the next run succeeds.

The disk is full from a size or from an operation on. Sizes make framing, judging and staging fail, operations
the claims, the journal, the moves, the ledger and the report.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from dataclasses import replace
from functools import partial
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING

import pytest

from tests.support.end_state import EndState, end_state
from tests.support.faults import FaultyStore, Machine, Operation
from tests.support.publishing import AFTER, BEFORE, STRAY, Run, check_end, prepare, run
from tests.support.small_disk import SmallDisk, small_disk
from tests.support.trials import MOVIES, Trial, film, films
from trustedlake.adapters.local.clock import ManualClock
from trustedlake.adapters.local.local_store import LocalStore
from trustedlake.app.trusted.job import Options
from trustedlake.entrypoints.lake import compose
from trustedlake.errors import TrustedLakeError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from trustedlake.adapters.spark.sail_engine import SailEngine

COMMAND = str(Path(sys.executable).parent / "trustedlake")
MEGABYTE = 1 << 20
DISK = 8 * MEGABYTE
FULL = "No space left on device"
SIZES = (0, 4096, *range(100_000, 3_000_000, 200_000))
"""Bytes left free. The new day takes about 2.5 MB for a while: first its framed rows, then Trusted beside them."""

FILMS = [*films(20), film(3), film(99, title=None)]
NOISE = Random(1)
NEW_FILMS = [*(film(n, overview=NOISE.randbytes(200).hex()) for n in range(1, 1501)), film(7, vote_average=11)]

WRITING = 20
"""Operations of a publish from which on it can't go on, at least."""

DAY, NEXT = f"{MOVIES}/2025/06/17/filmes_001.json", f"{MOVIES}/2025/06/18/filmes_001.json"


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[SmallDisk]:
    with small_disk(tmp_path / "disk", DISK) as mounted:
        yield mounted


@pytest.fixture
def trial(disk: SmallDisk, sail_engine: SailEngine) -> Trial:
    """A day that is published and one that is not."""
    trial = Trial(disk.root / "lake", sail_engine)
    trial.put(DAY, FILMS)
    assert trial.run(entity="movies").exit_code == 0
    trial.put(NEXT, NEW_FILMS)
    return trial


@pytest.fixture(scope="module")
def clean(tmp_path_factory: pytest.TempPathFactory, sail_engine: SailEngine) -> EndState:
    """What one run alone ends in, where there is room."""
    trial = Trial(tmp_path_factory.mktemp("clean") / "lake", sail_engine)
    trial.put(DAY, FILMS)
    trial.put(NEXT, NEW_FILMS)
    assert trial.run(entity="movies").exit_code == 0
    return end_state(trial.lake)


def check_goes_through(trial: Trial, disk: SmallDisk, clean: EndState) -> None:
    """With room on the disk the next run ends as one clean run does."""
    disk.clear()
    report = trial.run(entity="movies")
    assert report.exit_code == 0, report.tables[0].message
    assert end_state(trial.lake) == clean


SIGNS = ("framed/part", "judging", "/rest/", "/trusted/", ".json")
"""What of a message tells where a run stopped."""


def test_a_full_disk_of_any_size_harms_no_published_data(trial: Trial, disk: SmallDisk, clean: EndState) -> None:
    before = end_state(trial.lake)
    stopped_at: list[str] = []
    for room in SIZES:
        disk.fill(leave=room)
        report = trial.run(entity="movies")
        if report.exit_code == 0:
            break
        (table,) = report.tables
        assert FULL in table.message
        assert "the disk is full" in table.hint
        assert str(disk.root) in table.message + table.hint
        assert end_state(trial.lake) == before
        stopped_at.append(next(sign for sign in SIGNS if sign in table.message))
        disk.clear()
    assert {".json", "framed/part"} < set(stopped_at), "and something that is written from the framed rows"
    print(f"{len(stopped_at)} sizes: {stopped_at}")  # noqa: T201 - `pytest -s` shows it
    check_goes_through(trial, disk, clean)


STEPS = (
    ("put", "_trustedlake/staging/"),
    ("put", "_trustedlake/journal/"),
    ("move", "Trusted/"),
    ("move", "Quarantine/"),
    ("sync", "Trusted/"),
    ("put", "_trustedlake/ledger/"),
    ("put", "_trustedlake/runs/"),
)


@pytest.mark.parametrize("step", STEPS, ids=" ".join)
def test_a_disk_that_is_full_from_any_step_harms_no_published_data(
    trial: Trial, disk: SmallDisk, clean: EndState, step: tuple[str, str]
) -> None:
    before = end_state(trial.lake)
    met: list[Operation] = []

    def fill(operation: Operation) -> None:
        if not met and operation.name == step[0] and step[1] in operation.key:
            met.append(operation)
            disk.fill()
            disk.use_up_names()

    machine = Machine()
    process = machine.start()
    place = compose.Place(lake=str(trial.lake))
    with compose.home(place, engine=trial.engine) as home:
        tools = replace(home.tools, store=FaultyStore(home.tools.store, before=fill), host=process)
        try:
            report = replace(home, tools=tools).to_trusted(compose.Asked(("tmdb_movies",)), Options())
        except TrustedLakeError as error:
            said, hint = error.message, error.hint
        else:
            assert report.exit_code == 1
            said, hint = report.tables[0].message, report.tables[0].hint
    assert met
    assert FULL in said
    assert str(disk.root) in said
    assert "the disk is full" in hint
    after = end_state(trial.lake)
    for zone, rows in (("trusted", before.trusted), ("quarantined", before.quarantined)):
        for table, there in rows.items():
            assert [row for row in getattr(after, zone)[table] if row["partition"][-1] == "dia=17"] == there
    process.kill()
    disk.clear()
    with compose.home(place, engine=trial.engine) as home:
        tools = replace(home.tools, host=machine.start())
        assert replace(home, tools=tools).to_trusted(compose.Asked(("tmdb_movies",)), Options()).exit_code == 0
    check_goes_through(trial, disk, clean)


def error_of(action: Callable[[], object]) -> str:
    """What the error says that stops the action; empty if none does."""
    try:
        action()
    except TrustedLakeError as error:
        return error.message
    return ""


@pytest.mark.parametrize("kind", ["bytes", "names"])
def test_a_publish_on_a_disk_full_from_any_operation_is_finished_later(kind: str, disk: SmallDisk) -> None:
    clock = ManualClock()
    store = LocalStore(disk.root / "clean", clock)
    prepare(store)
    counting = FaultyStore(store)
    run(Run(counting, Machine().start(), "run1"))
    failed = 0
    for number in range(len(counting.operations)):
        store = LocalStore(disk.root / str(number), clock)
        prepare(store)

        def fill(operation: Operation, number: int = number) -> None:
            if operation.number == number:
                disk.fill()
                if kind == "names":
                    disk.use_up_names()

        machine = Machine()
        first = machine.start()
        said = error_of(partial(run, Run(FaultyStore(store, before=fill), first, "run1")))
        if said:
            failed += 1
            assert FULL in said
            assert f"{disk.root}/{number}/" in said
        old_or_new = {key: {BEFORE.get(key), AFTER.get(key)} for key in BEFORE.keys() | AFTER.keys()}
        old_or_new[STRAY].add(b"of another program")
        for key, contents in old_or_new.items():
            assert (store.read(key) if store.head(key) else None) in contents
        disk.clear()
        first.kill()
        run(Run(store, machine.start(), "run2"))
        check_end(store, ["run1", "run2"])
        shutil.rmtree(disk.root / str(number))
    print(f"{kind}: {len(counting.operations)} operations, {failed} of them stopped the run")  # noqa: T201 - `pytest -s` shows it
    assert failed >= WRITING


@pytest.mark.slow
def test_the_command_names_the_disk_that_spark_filled(trial: Trial, disk: SmallDisk, clean: EndState) -> None:
    before = end_state(trial.lake)
    disk.fill(leave=1_300_000)  # framed rows fit, as Parquet; Trusted beside them does not
    call = [COMMAND, "to-trusted", "--source", "tmdb", "--lanes", "off", "--lake", str(trial.lake)]
    done = subprocess.run(call, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 1
    assert "failed while judging tmdb_movies" in done.stderr
    assert FULL in done.stderr
    assert f"MB are left at {trial.lake}/_trustedlake/staging/" in done.stderr
    assert "Traceback" not in done.stderr
    assert end_state(trial.lake) == before
    check_goes_through(trial, disk, clean)
