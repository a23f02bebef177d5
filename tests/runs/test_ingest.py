"""Extractions from the offline TMDB: Raw has exactly its films, whatever goes wrong on the way."""

from __future__ import annotations

import json
import os
from collections import Counter
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING

import pytest

from tests.support.ingesting import CRIME_OR_WAR, extract, films_in, query, source_of, tools_on
from trustedlake.adapters.local.clock import SystemClock
from trustedlake.adapters.local.disk import TEMPORARY
from trustedlake.adapters.local.local_store import LocalStore
from trustedlake.app.ingesting.ingest import ingest
from trustedlake.app.ingesting.patience import Limits
from trustedlake.app.ingesting.tools import IngestOptions
from trustedlake.errors import FatalRemoteError
from trustedlake.models.lake import Entity
from trustedlake.simulators.tmdb import PASSING_KINDS, Fault, TmdbSimulator, mixed

if TYPE_CHECKING:
    from pathlib import Path

    from tests.support.trials import Trial


def once(numbers: set[int]) -> Counter[int]:
    return Counter(dict.fromkeys(numbers, 1))


@pytest.mark.parametrize("kind", PASSING_KINDS)
def test_raw_has_each_film_once_despite_any_single_kind_of_fault(kind: str, tmp_path: Path) -> None:
    faults = [Fault(kind=kind, rate=0.1, seed=5, seconds=0.01 if kind == "slow" else 1)]
    with TmdbSimulator(films=160, faults=faults) as sim:
        certificate = extract(sim, tmp_path).certificate
        truth = sim.movie_ids(genres=CRIME_OR_WAR)
    assert Counter(films_in(tmp_path)) == once(truth)
    assert (certificate.status, certificate.expected, certificate.got) == ("complete", len(truth), len(truth))
    if kind not in {"slow", "wrong-content-type"}:
        assert certificate.retries > 0


@pytest.mark.parametrize("rate", [0.1, 0.5])
@pytest.mark.parametrize("limit", [None, 60])
def test_raw_has_each_film_once_despite_mixed_faults(limit: int | None, rate: float, tmp_path: Path) -> None:
    with TmdbSimulator(films=200, faults=mixed(rate, seed=2, seconds=0.01)) as sim:
        certificate = extract(sim, tmp_path, asked=query(limit=limit)).certificate
        truth = sim.movie_ids(genres=CRIME_OR_WAR)
    assert certificate.status == "complete"
    if limit is None:
        assert Counter(films_in(tmp_path)) == once(truth)
    else:
        assert len(set(films_in(tmp_path))) == len(films_in(tmp_path)) == limit
        assert set(films_in(tmp_path)) <= truth


def test_films_deleted_at_tmdb_are_counted(tmp_path: Path) -> None:
    with TmdbSimulator(films=300, faults=[Fault(kind="gone", rate=0.1)]) as sim:
        listed = sim.movie_ids(genres=CRIME_OR_WAR)
        certificate = extract(sim, tmp_path).certificate
        truth = sim.movie_ids(genres=CRIME_OR_WAR)
        gone = sim.gone
    assert Counter(films_in(tmp_path)) == once(truth)
    assert (certificate.status, set(certificate.gone)) == ("complete", gone)
    assert (certificate.expected, certificate.got) == (len(listed), len(truth))
    assert gone


@pytest.mark.parametrize("limit", [None, 100])
def test_raw_has_each_film_once_while_films_move_between_pages(limit: int | None, tmp_path: Path) -> None:
    with TmdbSimulator(films=500, drift_every=1) as sim:
        certificate = extract(sim, tmp_path, asked=query(limit=limit)).certificate
        truth = sim.movie_ids(genres=CRIME_OR_WAR)
    got = films_in(tmp_path)
    assert len(set(got)) == len(got) == (limit or len(truth))
    assert set(got) <= truth
    assert certificate.status == "complete"


def test_old_half_written_files_of_a_killed_run_are_removed_from_raw(tmp_path: Path) -> None:
    day = tmp_path / "Raw/TMDB/JSON/Movies/2025/01/20"
    old, young, empty = day / f"{TEMPORARY}old", day / f"{TEMPORARY}young", day / "empty"
    empty.mkdir(parents=True)
    for file in (old, young):
        file.write_bytes(b"[{")
    for place in (old, empty, day):
        os.utime(place, (0, 0))
    with TmdbSimulator(films=20) as sim:
        extract(sim, tmp_path, asked=query(limit=5))
    assert (old.exists(), young.exists(), empty.exists()) == (False, True, True)


def test_progress_counts_the_bytes_in_raw_including_those_of_a_killed_run(tmp_path: Path) -> None:
    heard: list[tuple[int, int]] = []
    cut: list[int] = []

    def hear(step: str, *, done: int = 0, total: int = 0, written: int = 0) -> None:
        heard.append((done, written))
        if total and done == 15 and not cut:
            cut.append(len(heard))
            raise KeyboardInterrupt

    with TmdbSimulator(films=200) as sim, source_of(sim) as source:
        store = LocalStore(tmp_path, SystemClock())
        wanted = IngestOptions(query=query(limit=20), batch=5, per_second=0, workers=1)
        tools = replace(tools_on(store, source), progress=hear)
        with pytest.raises(KeyboardInterrupt):
            ingest(tools, wanted)
        certificate = ingest(tools, wanted).certificate
    sizes = [store.head(file.key).size for file in certificate.files]  # type: ignore[union-attr]
    assert len(sizes) == 4
    assert heard[cut[0] - 1] == (15, sum(sizes[:3]))
    assert heard[-1] == (20, sum(sizes))
    assert certificate.size == sum(sizes)


def test_a_wrong_key_stops_after_one_call(tmp_path: Path) -> None:
    with TmdbSimulator(films=100, token="another") as sim:
        with pytest.raises(FatalRemoteError, match="TMDB refused the key"):
            extract(sim, tmp_path)
        assert len(sim.calls) == 1
    assert not list(tmp_path.rglob("*.json"))


def test_a_revoked_key_stops_the_run_at_once_and_a_new_key_continues_it(tmp_path: Path) -> None:
    workers = 4
    with TmdbSimulator(films=400, faults=[Fault(kind="401", after=60, times=2 * workers)]) as sim:
        with pytest.raises(FatalRemoteError, match="TMDB refused the key"):
            extract(sim, tmp_path, workers=workers, batch=20)
        refused = [status for _, _, status in sim.calls if status == 401]
        assert 1 <= len(refused) <= workers
        before = sim.count("/movie/") - len(refused)
        while len(refused) < 2 * workers:
            with pytest.raises(FatalRemoteError):
                extract(sim, tmp_path, workers=1, batch=20)
            refused = [status for _, _, status in sim.calls if status == 401]
        assert extract(sim, tmp_path, workers=workers, batch=20).certificate.status == "complete"
        truth = sim.movie_ids(genres=CRIME_OR_WAR)
        fetched = Counter(path for path, _, status in sim.calls if "/movie/" in path and status == 200)
        assert before > 20
    assert Counter(films_in(tmp_path)) == once(truth)
    assert set(fetched.values()) == {1}, "no call that was answered is made again"


def test_an_outage_of_tmdb_stops_the_run_and_a_later_run_continues(tmp_path: Path) -> None:
    limits = Limits(attempts=4, budget=20)
    with TmdbSimulator(films=300, faults=[Fault(kind="503", match="/movie/", after=70, times=200)]) as sim:
        stopped = extract(sim, tmp_path, limits=limits, batch=20).certificate
        assert (stopped.status, stopped.exit_code) == ("incomplete", 4)
        assert "TMDB keeps failing" in stopped.message
        assert stopped.got in {40, 60}, "whole batches of the 70; the answers' order may leave a film of the third out"
        for _ in range(20):
            certificate = extract(sim, tmp_path, limits=limits, batch=20).certificate
            if certificate.status == "complete":
                break
        truth = sim.movie_ids(genres=CRIME_OR_WAR)
        fetched = Counter(path for path, _, status in sim.calls if "/movie/" in path and status == 200)
    assert Counter(films_in(tmp_path)) == once(truth)
    assert set(fetched.values()) == {1}
    assert certificate.runs > 2


def test_series_are_extracted_within_a_range_of_dates(tmp_path: Path) -> None:
    since, until = date(1990, 1, 1), date(2010, 12, 31)
    with TmdbSimulator(films=0, series=300) as sim:
        asked = query(entity=Entity.SERIES, genres=(80, 10768), released_from=since, released_to=until)
        certificate = extract(sim, tmp_path, asked=asked, batch=10).certificate
        truth = sim.series_ids(genres=(80, 10768), released_from=since, released_to=until)
    assert Counter(films_in(tmp_path)) == once(truth)
    folder = tmp_path / "Raw/TMDB/JSON/Series" / f"{certificate.date:%Y/%m/%d}"
    assert sorted(file.name for file in folder.iterdir())[0] == "series_001.json"
    assert len(list(folder.iterdir())) == -(-len(truth) // 10)


def test_a_full_record_in_raw_is_the_body_that_tmdb_sent(tmp_path: Path) -> None:
    with TmdbSimulator(films=200) as sim:
        extract(sim, tmp_path)
        records = [one for file in sorted(tmp_path.rglob("filmes_*.json")) for one in json.loads(file.read_bytes())]
        assert records == [sim.movie(record["id"]) for record in records]
    assert any("imdb_id" in record for record in records)
    text = b"".join(file.read_bytes() for file in tmp_path.rglob("filmes_*.json"))
    assert b"\n" not in text
    assert not text.isascii()


@pytest.mark.parametrize("record", ["full", "curated"])
@pytest.mark.parametrize(("entity", "key"), [("movies", "movie_id"), ("series", "series_id")])
def test_extracted_records_are_published_to_trusted(trial: Trial, entity: str, key: str, record: str) -> None:
    movies = entity == "movies"
    with TmdbSimulator(films=150, series=150, faults=mixed(0.1, seconds=0.01)) as sim:
        genres = CRIME_OR_WAR if movies else (80, 10768)
        extract(sim, trial.lake, asked=query(entity=Entity(entity), genres=genres, record=record))
        truth = sim.movie_ids(genres=genres) if movies else sim.series_ids(genres=genres)
    report = trial.run(entity=entity)
    assert report.exit_code == 0
    rows = trial.rows(f"Trusted/TMDB/Parquet/{entity.capitalize()}")
    assert Counter(row[key] for row in rows) == once(truth)
    assert not trial.refused()


def test_full_and_curated_records_give_the_same_ten_columns(trial: Trial) -> None:
    ten = ["movie_id", "title", "overview", "release_date", "popularity", "vote_average", "vote_count", "collection"]
    ten += ["genres", "keywords"]
    rows = {}
    with TmdbSimulator(films=120) as sim:
        for record in ("full", "curated"):
            extract(sim, trial.lake, asked=query(record=record))
            trial.run(entity="movies")
            rows[record] = {row["movie_id"]: [row[name] for name in ten] for row in trial.rows()}
            imdb = {row["imdb_id"] for row in trial.rows()}
            assert (len(imdb) > 1) == (record == "full")
    assert rows["full"] == rows["curated"]


@pytest.mark.slow
@pytest.mark.parametrize("drift_every", [0, 3])
def test_all_films_are_extracted_even_more_than_one_list_shows(tmp_path: Path, drift_every: int) -> None:
    with TmdbSimulator(films=24_500, drift_every=drift_every, calls_kept=0) as sim:
        certificate = extract(sim, tmp_path).certificate
        truth = sim.movie_ids(genres=CRIME_OR_WAR)
    assert len(truth) > 12_000
    assert Counter(films_in(tmp_path)) == once(truth)
    assert certificate.status == "complete"
    assert certificate.calls < 1.1 * len(truth)
