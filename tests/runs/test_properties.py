"""Promises that hold for any mixture of films, files, shapes and days."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.support.trials import MOVIES, Trial, film, only_table

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from trustedlake.adapters.spark.sail_engine import SailEngine

Record = dict[str, Any] | int | None
File = tuple[str, list[Record]]

SOME = settings(
    max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)

good = st.integers(1, 12).map(film)
bad = st.sampled_from(
    [film(3, title=None), film(4, vote_average="bad"), film(5, vote_average=11), {"overview": "no key"}, 7, None]
)
records = st.lists(st.one_of(good, good, good, bad), min_size=1, max_size=8)
days = st.sampled_from(["2025/06/17", "2025/06/18", "2025/07/01"])
files = st.lists(st.tuples(days, records), min_size=1, max_size=4)


def in_shape(shape: int, content: Sequence[Record]) -> str:
    """The records as a one-line array, a pretty array, a page or NDJSON."""
    if shape == 0:
        return json.dumps(content)
    if shape == 1:
        return json.dumps(content, indent=4)
    if shape == 2:
        return json.dumps({"page": 1, "results": content})
    return "\n".join(json.dumps(record) for record in content)


@pytest.fixture(scope="module", autouse=True)
def _lakes_go_with_pytest(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    before, tempfile.tempdir = tempfile.tempdir, str(tmp_path_factory.mktemp("lakes"))
    yield
    tempfile.tempdir = before


def lake_of(engine: SailEngine, given_files: Sequence[tuple[str, Sequence[Record]]], shapes: int = 0) -> Trial:
    trial = Trial(Path(tempfile.mkdtemp(prefix="property-")), engine)
    for number, (day, content) in enumerate(given_files):
        trial.put(f"{MOVIES}/{day}/filmes_{number:03}.json", in_shape((shapes + number) % 4, content))
    return trial


def facts(trial: Trial) -> list[dict[str, Any]]:
    """The Trusted rows, lineage left out, in an order of their own."""
    rows = [{name: row[name] for name in row if name not in {"file_path", "record_index"}} for row in trial.rows()]
    return sorted(rows, key=lambda row: (row["ano"], row["mes"], row["dia"], row["movie_id"]))


@SOME
@given(given_files=files, shapes=st.integers(0, 3))
def test_every_record_is_trusted_or_quarantined_and_a_second_run_changes_nothing(
    sail_engine: SailEngine, given_files: list[File], shapes: int
) -> None:
    trial = lake_of(sail_engine, given_files, shapes)
    report = trial.run(entity="movies", max_rejected=1.0)
    table = only_table(report)
    for part in table.partitions:
        there = [f for f in given_files if part.partition.endswith(f"dia={f[0][-2:]}") and f[0][5:7] in part.partition]
        assert part.counts.framed + len(part.problems) >= len(there)
        assert part.counts.framed == part.counts.trusted + part.counts.rejected + part.counts.duplicates
        readable = sum(
            len(content)
            for number, (day, content) in enumerate(given_files)
            if path_of(number, day) not in part.problems and (day, content) in there
        )
        assert part.counts.framed == readable
    published = [part for part in table.partitions if part.status == "published"]
    assert len(trial.rows()) == sum(part.counts.trusted for part in published)
    shown = [record for record in trial.refused() if record.verdict != "unreadable"]
    assert len(shown) == sum(part.counts.rejected + part.counts.duplicates for part in table.partitions)
    before = trial.snapshot()
    trial.run(entity="movies", max_rejected=1.0)
    assert trial.snapshot() == before


def path_of(number: int, day: str) -> str:
    return f"{MOVIES}/{day}/filmes_{number:03}.json"


@SOME
@given(content=st.lists(good, min_size=2, max_size=12), cut=st.integers(0, 12), data=st.data())
def test_the_order_of_files_and_records_does_not_matter(
    sail_engine: SailEngine, content: list[Record], cut: int, data: st.DataObject
) -> None:
    whole = lake_of(sail_engine, [("2025/06/17", content)])
    mixed = data.draw(st.permutations(content))
    parts = [part for part in (mixed[:cut], mixed[cut:]) if part]
    split = lake_of(sail_engine, [("2025/06/17", part) for part in parts], shapes=cut)
    for trial in (whole, split):
        assert trial.run(entity="movies").exit_code == 0
    assert facts(whole) == facts(split)


@SOME
@given(given_files=st.lists(st.tuples(days, st.lists(good, min_size=1, max_size=4)), min_size=1, max_size=3), day=days)
def test_adding_a_file_changes_only_its_partition(sail_engine: SailEngine, given_files: list[File], day: str) -> None:
    trial = lake_of(sail_engine, given_files)
    trial.run(entity="movies")
    before = trial.snapshot()
    trial.put(f"{MOVIES}/{day}/zz.json", [film(99)])
    trial.run(entity="movies")
    year, month, date = day.split("/")
    own = f"ano={year}/mes={month}/dia={date}"
    changed = {path for path, data in trial.snapshot().items() if before.get(path) != data}
    assert {path for path in changed if own not in path} == {
        f"{MOVIES}/{day}/zz.json",
        "_trustedlake/ledger/tmdb_movies.json",
    }


@SOME
@given(wrong=st.lists(st.integers(1, 9), min_size=1, max_size=2, unique=True))
def test_a_fixed_record_moves_from_quarantine_to_trusted(sail_engine: SailEngine, wrong: list[int]) -> None:
    broken = [film(n, title=None if n in wrong else f"Film {n}") for n in range(1, 10)]
    trial = lake_of(sail_engine, [("2025/06/17", broken)])
    trial.run(entity="movies")
    assert {record.record_index + 1 for record in trial.refused()} == set(wrong)
    trial.put(path_of(0, "2025/06/17"), [film(n) for n in range(1, 10)])
    trial.run(entity="movies")
    assert trial.refused() == []
    assert [row["movie_id"] for row in facts(trial)] == list(range(1, 10))
