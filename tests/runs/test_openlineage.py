"""OpenLineage: a receiver gets the begin and end of each run; without one, or if it fails, nothing changes."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest

from tests.support.ingesting import Context, query, source_of, tools_on
from tests.support.openlineage import check, events_in, receiving, short
from tests.support.trials import MOVIES, Trial, command, films
from trustedlake.adapters.local.clock import SystemClock
from trustedlake.adapters.local.local_store import LocalStore
from trustedlake.app.ingesting.ingest import ingest
from trustedlake.app.ingesting.tools import IngestOptions
from trustedlake.app.trusted.job import Options
from trustedlake.entrypoints.lake import compose
from trustedlake.entrypoints.lambda_ingest import handler
from trustedlake.entrypoints.settings import Settings
from trustedlake.entrypoints.wiring.openlineage_receiver import observed
from trustedlake.errors import ConfigError, FatalRemoteError, RetriableError
from trustedlake.models.built_in import CONTRACTS
from trustedlake.models.ingest import WindowStatus
from trustedlake.simulators.tmdb import TmdbSimulator

if TYPE_CHECKING:
    from pathlib import Path


DAY = f"{MOVIES}/2025/06/17/a.json"
KEY = "K3Y-of-the-receiver"
TABLE = "to_trusted.tmdb_movies"
FAR = datetime(2999, 1, 1, tzinfo=UTC)


@pytest.fixture
def trial(plain_trial: Trial) -> Trial:
    """Three good films."""
    plain_trial.put(DAY, films(3))
    return plain_trial


def tags(event: dict[str, Any]) -> dict[str, str]:
    return {tag["key"]: tag["value"] for tag in event["run"]["facets"]["tags"]["tags"]}


def message(event: dict[str, Any]) -> str:
    told: str = event["run"]["facets"]["errorMessage"]["message"]
    return told


def only(datasets: list[dict[str, Any]]) -> dict[str, Any]:
    (dataset,) = datasets
    return dataset


def test_each_kind_of_run_sends_valid_events(trial: Trial) -> None:
    with receiving() as heard:
        told = ("--openlineage", heard.url)
        assert trial.command(*told)[0] == 0
        assert trial.command(*told)[0] == 0
        trial.put(f"{MOVIES}/2025/06/18/a.json", "[{")
        trial.put(f"{MOVIES}/2025/06/19/a.json", films(2))
        assert trial.command(*told)[0] == 3
        (trial.lake / "_trustedlake/ledger/tmdb_movies.json").write_text("{")
        assert trial.command(*told)[0] == 1
        assert trial.command("--dry-run", *told)[0] == 1
    check(heard.events)
    assert [state for state, _ in short(heard.events)] == ["START", "COMPLETE", "START", "COMPLETE"] + [
        "START",
        "FAIL",
    ] * 2
    assert {name for _, name in short(heard.events)} == {TABLE}
    assert [path for path, _ in heard.calls] == ["/api/v1/lineage"] * 8
    published, unchanged, refused, failed = heard.events[1::2]
    assert [tags(event)["status"] for event in heard.events[1::2]] == ["published", "unchanged", "refused", "failed"]
    assert [tags(event)["exit_code"] for event in heard.events[1::2]] == ["0", "0", "3", "1"]
    rows = [only(event["outputs"])["outputFacets"]["outputStatistics"]["rowCount"] for event in heard.events[1::2]]
    assert rows == [3, 0, 2, 0]
    assert "errorMessage" not in published["run"]["facets"] | unchanged["run"]["facets"]
    assert message(refused).startswith("ano=2025/mes=06/dia=18: unreadable: ")
    assert "truncated" in message(refused)
    assert "ledger" in message(failed)
    stored = {path.stem for path in (trial.lake / "_trustedlake/runs").iterdir()}
    assert {tags(event)["run_id"] for event in heard.events} == stored


def test_the_end_event_has_schema_lineage_balance_and_output(trial: Trial, tmp_path: Path) -> None:
    trial.put(f"{MOVIES}/2025/06/18/b.json", '{"nothing": 1}')
    file = tmp_path / "events.jsonl"
    assert trial.command("--openlineage", str(file))[0] == 3
    events = events_in(file)
    check(events)
    end = events[-1]
    raw, trusted = only(end["inputs"]), only(end["outputs"])
    assert (raw["namespace"], raw["name"]) == ("file", str(trial.lake / MOVIES))
    assert (trusted["namespace"], trusted["name"]) == ("file", str(trial.lake / "Trusted/TMDB/Parquet/Movies"))
    parquet = list((trial.lake / "Trusted").rglob("*.parquet"))
    assert {key: trusted["outputFacets"]["outputStatistics"][key] for key in ("rowCount", "size", "fileCount")} == {
        "rowCount": 3,
        "size": sum(one.stat().st_size for one in parquet),
        "fileCount": len(parquet),
    }
    types = {one["name"]: one.get("type") for one in trusted["facets"]["schema"]["fields"]}
    assert types["movie_id"] == "bigint"
    assert (types["genres"], types["rescued"], types["dia"]) == ("array<string>", "map<string,string>", "string")
    lineage = trusted["facets"]["columnLineage"]
    keys = {one["field"] for one in lineage["fields"]["genres"]["inputFields"]}
    assert {"genres", "genres[].name"} <= keys
    known = {one["name"] for one in raw["facets"]["schema"]["fields"]}
    fields = [one for column in lineage["fields"].values() for one in column["inputFields"]] + lineage["dataset"]
    assert {one["field"] for one in fields} == known
    assert {(one["namespace"], one["name"]) for one in fields} == {(raw["namespace"], raw["name"])}
    assert lineage["fields"].keys() == {column.name for column in CONTRACTS["tmdb_movies"].columns}
    told = raw["inputFacets"]["dataQualityAssertions"]["assertions"]
    balances = {one["name"]: one for one in told if one["assertion"] == "balance"}
    gates = {one["name"]: one["success"] for one in told if one["assertion"] == "gate"}
    assert gates == {"ano=2025/mes=06/dia=17": True, "ano=2025/mes=06/dia=18": False}
    assert (balances[DAY]["success"], balances[DAY]["expected"], balances[DAY]["actual"]) == (True, "3", "3")
    assert balances[DAY]["params"] == {"framed": 3, "trusted": 3, "rejected": 0, "duplicates": 0, "elsewhere": 0}
    assert not balances[f"{MOVIES}/2025/06/18/b.json"]["success"]
    metrics = raw["inputFacets"]["dataQualityMetrics"]
    assert metrics["fileCount"] == 2
    assert metrics["bytes"] == sum(one.stat().st_size for one in (trial.lake / MOVIES).rglob("*.json"))


def test_a_run_that_fails_early_names_only_raw_folders_that_it_found(trial: Trial, tmp_path: Path) -> None:
    file = tmp_path / "events.jsonl"
    assert trial.command()[0] == 0
    trial.put(f"{MOVIES}/2025/06/18/a.json", films(1, 9))
    (trial.lake / DAY).unlink()
    assert trial.command("--openlineage", str(file))[0] == 1
    (trial.lake / "_trustedlake/ledger/tmdb_movies.json").write_text("{")
    assert trial.command("--openlineage", str(file))[0] == 1
    vanished, damaged = [[one["name"] for one in event["inputs"]] for event in events_in(file)[1::2]]
    assert (vanished, damaged) == ([str(trial.lake / MOVIES)], [])
    check(events_in(file))


def test_a_call_that_never_became_a_run_sends_nothing(
    trial: Trial, sim: TmdbSimulator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = ("--openlineage", str(tmp_path / "events.jsonl"))
    here, nowhere = ("--lake", str(trial.lake)), ("--lake", str(tmp_path / "nowhere"))
    assert command("to-trusted", "--source", "tmdb", *nowhere, *told)[0] == 1
    assert command("to-trusted", "--table", "no_such_table", *here, *told)[0] == 2
    assert command("ingest-tmdb", "--genres", "no such genre", *here, *told)[0] == 2
    monkeypatch.delenv("TMDB_TOKEN")
    assert command("ingest-tmdb", *here, *told)[0] == 2
    assert sim.calls == []
    assert not (tmp_path / "events.jsonl").exists()


def test_a_window_on_which_another_run_works_sends_nothing(tmp_path: Path) -> None:
    with receiving() as heard, TmdbSimulator(films=30) as sim, source_of(sim) as source:
        tools = tools_on(LocalStore(tmp_path, SystemClock()), source)
        certificate = ingest(tools, IngestOptions(query=query(), per_second=0)).certificate
        held: dict[str, Any] = {"status": WindowStatus.RUNNING, "owner": tools.host.owner(), "deadline": FAR}
        window = next((tmp_path / "_trustedlake/ingest").glob("*.json"))
        window.write_text(certificate.model_copy(update=held).model_dump_json())
        with observed(heard.url, Settings()) as observer, pytest.raises(RetriableError, match="is being fetched"):
            ingest(replace(tools, observer=observer), IngestOptions(query=query(), per_second=0))
    assert heard.events == []


def test_a_table_without_raw_files_sends_no_event_unless_it_was_requested(trial: Trial, tmp_path: Path) -> None:
    file = tmp_path / "events.jsonl"
    assert trial.command("--entity", "series", "--openlineage", str(file))[0] == 1
    assert short(events_in(file)) == [("START", "to_trusted.tmdb_series"), ("FAIL", "to_trusted.tmdb_series")]
    assert trial.command("--openlineage", str(file))[0] == 0
    assert short(events_in(file))[2:] == [("START", TABLE), ("COMPLETE", TABLE)]
    check(events_in(file))


KILLED = """
import os, sys, time
lake, events, killing, target = sys.argv[1:]
def die(event, arguments):
    if event == killing:
        name, folder = arguments[-3 if event == "os.link" else 0], arguments[-1]
        path = os.readlink(f"/proc/self/fd/{folder}") + "/" + str(name)
        if path.endswith(target):
            time.sleep(0.5)  # the earlier events are on their way
            os._exit(9)
from trustedlake.entrypoints.cli.main import run
sys.addaudithook(die)
run(["to-trusted", "--source", "tmdb", "--lake", lake, "--openlineage", events])
"""

MOMENTS = {
    "before its publish": ("os.link", "/journal/tmdb_movies.json", "ABORT"),
    "within its publish": ("os.link", "/ledger/tmdb_movies.json", "COMPLETE"),
    "when all was published": ("os.remove", "/journal/tmdb_movies.json", "COMPLETE"),
}


@pytest.mark.rest
@pytest.mark.parametrize("moment", MOMENTS)
def test_the_run_that_takes_over_sends_the_end_event_of_a_killed_run(moment: str, trial: Trial, tmp_path: Path) -> None:
    killing, target, end = MOMENTS[moment]
    file = tmp_path / "events.jsonl"
    script = [sys.executable, "-c", KILLED, str(trial.lake), str(file), killing, target]
    assert subprocess.run(script, check=False, capture_output=True, timeout=60).returncode == 9
    assert short(events_in(file)) == [("START", TABLE)]
    assert trial.command("--openlineage", str(file))[0] == 0
    events = events_in(file)
    check(events)
    first, ended = events[0], events[1]
    assert (ended["eventType"], ended["run"]["runId"]) == (end, first["run"]["runId"])
    assert tags(ended)["run_id"] == tags(first)["run_id"] != tags(events[-1])["run_id"]
    assert [one["name"] for one in ended["outputs"]] == [one["name"] for one in first["outputs"]]
    assert short(events)[2:] == [("START", TABLE), ("COMPLETE", TABLE)]


def test_ctrl_c_sends_an_abort_event(trial: Trial) -> None:
    def progress(step: str, **_: int) -> None:
        if step == "publish":
            raise KeyboardInterrupt

    with receiving() as heard:
        with (
            pytest.raises(KeyboardInterrupt),
            observed(heard.url, Settings()) as observer,
            compose.home(compose.Place(lake=str(trial.lake)), progress=progress) as home,
        ):
            home.to_trusted(compose.Asked(source="tmdb"), Options(), observer=observer)
        check(heard.events)
    assert short(heard.events) == [("START", TABLE), ("ABORT", TABLE)]


def test_an_extraction_sends_events(tmp_path: Path) -> None:
    lake = tmp_path / "lake"
    with receiving() as heard, TmdbSimulator(films=30) as sim:

        def extract(token: str = "test-token", **options: Any) -> None:
            with source_of(sim, token=token) as source, observed(heard.url, Settings()) as observer:
                tools = tools_on(LocalStore(lake, SystemClock()), source, observer=observer)
                ingest(tools, IngestOptions(query=query(), per_second=0, **options))

        extract()
        extract()
        with pytest.raises(FatalRemoteError):
            extract(token="no-such-token", restart=True)
        window = next((lake / "_trustedlake/ingest").glob("*.json"))
        stopped = json.loads(window.read_text()) | {"status": "running"}
        window.write_text(json.dumps(stopped))
        extract()
    states = ["START", "COMPLETE"] * 2 + ["START", "FAIL", "ABORT", "START", "COMPLETE"]
    assert short(heard.events) == [(state, "ingest_tmdb.movies") for state in states]
    check(heard.events[:6] + heard.events[7:])  # the killed run had not sent any event
    first, certificate = heard.events[1], json.loads(window.read_text())
    target = only(first["outputs"])
    assert target["name"] == str(lake / "Raw/TMDB/JSON/Movies")
    assert target["outputFacets"]["outputStatistics"]["rowCount"] == certificate["got"]
    assert only(first["inputs"])["namespace"] == sim.url.removesuffix("/3")
    assert "no-such-token" not in json.dumps(heard.events)
    statuses = [tags(event)["status"] for event in heard.events]
    assert statuses == ["running", "complete", "complete", "complete", "running", "failed", "stopped", *statuses[:2]]


def test_a_lambda_sends_events_to_the_receiver_of_its_environment(
    sim: TmdbSimulator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    event = {"lake": str(tmp_path), "rate": 0}
    with receiving() as heard:
        monkeypatch.setenv("OPENLINEAGE_URL", heard.url)
        got = handler(event, Context())["certificate"]["got"]
        assert handler(event, Context())["statusCode"] == 200
        assert handler(event | {"restart": True, "rate": 40}, Context(left_s=1))["statusCode"] == 206
        monkeypatch.setenv("TMDB_TOKEN", "no-such-token")
        with pytest.raises(FatalRemoteError):
            handler(event, Context())
    check(heard.events)
    states = ["START", "COMPLETE"] * 2 + ["START", "FAIL"] * 2
    assert short(heard.events) == [(state, "ingest_tmdb.movies") for state in states]
    assert only(heard.events[1]["outputs"])["outputFacets"]["outputStatistics"]["rowCount"] == got
    partial, refused = heard.events[5::2]
    assert "time" in message(partial)
    assert "TMDB refused the key" in message(refused)
    assert sim.token not in json.dumps(heard.events)


def test_the_library_sends_events_too(trial: Trial, caplog: pytest.LogCaptureFixture) -> None:
    from trustedlake import to_trusted  # noqa: PLC0415 - needs pyspark

    nobody: Any = object()
    with receiving() as heard:
        to_trusted(nobody, source="tmdb", lake=trial.lake, openlineage=heard.url)
    check(heard.events)
    assert short(heard.events) == [("START", TABLE), ("COMPLETE", TABLE)]
    to_trusted(nobody, source="tmdb", lake=trial.lake, openlineage="http://127.0.0.1:9")
    assert "OpenLineage at http://127.0.0.1:9: 2 of 2 event(s) did not arrive" in caplog.text
    with pytest.raises(ConfigError, match="openlineage= is neither"):
        to_trusted(nobody, source="tmdb", lake=trial.lake, openlineage="ftp://host")
