"""OpenLineage: a receiver gets the begin and end of each run; without one, or if it fails, nothing changes."""

from __future__ import annotations

import io
import json
import logging
import subprocess
import sys
import time
from contextlib import redirect_stderr, redirect_stdout
from typing import TYPE_CHECKING, Any

import pytest

from tests.support.ingesting import query, source_of, tools_on
from tests.support.odd_servers import ENDLESS
from tests.support.openlineage import check, events_in, receiving, short
from tests.support.trials import MOVIES, Trial, films
from trustedlake.adapters.local.clock import SystemClock
from trustedlake.adapters.local.local_store import LocalStore
from trustedlake.adapters.openlineage.receiver import Receiver, http_transport
from trustedlake.app.ingesting.ingest import ingest
from trustedlake.app.ingesting.tools import IngestOptions
from trustedlake.app.trusted.job import Options
from trustedlake.entrypoints.cli.main import run
from trustedlake.entrypoints.glue import read_arguments
from trustedlake.entrypoints.lake import compose
from trustedlake.entrypoints.lineage import observed
from trustedlake.entrypoints.settings import Settings
from trustedlake.errors import ConfigError, FatalRemoteError
from trustedlake.models.built_in import CONTRACTS
from trustedlake.ports.observers import TableRun
from trustedlake.simulators.tmdb import TmdbSimulator

if TYPE_CHECKING:
    from pathlib import Path

    from tests.support.odd_servers import Handler

DAY = f"{MOVIES}/2025/06/17/a.json"
KEY = "K3Y-of-the-receiver"
TABLE = "to_trusted.tmdb_movies"


@pytest.fixture
def trial(tmp_path: Path) -> Trial:
    """A lake of which no engine is needed: all records are plainly right, or there are none."""
    engine: Any = None
    trial = Trial(tmp_path / "lake", engine)
    trial.put(DAY, films(3))
    return trial


def command(trial: Trial, *arguments: str, name: str = "to-trusted") -> tuple[int, str]:
    """Exit code and stderr of a command on the lake, called as a user calls it."""
    asked = ("--source", "tmdb") if name == "to-trusted" else ()
    words, err = [name, *asked, "--lake", str(trial.lake), *arguments], io.StringIO()
    with pytest.MonkeyPatch.context() as patch, redirect_stdout(io.StringIO()), redirect_stderr(err):
        patch.setattr(sys, "argv", ["trustedlake", *words])
        with pytest.raises(SystemExit) as left:
            run()
    return int(left.value.code or 0), err.getvalue()


def tags(event: dict[str, Any]) -> dict[str, str]:
    return {tag["key"]: tag["value"] for tag in event["run"]["facets"]["tags"]["tags"]}


def only(datasets: list[dict[str, Any]]) -> dict[str, Any]:
    (dataset,) = datasets
    return dataset


def test_each_kind_of_run_sends_valid_events(trial: Trial) -> None:
    with receiving() as heard:
        told = ("--openlineage", heard.url)
        assert command(trial, *told)[0] == 0
        assert command(trial, *told)[0] == 0
        trial.put(f"{MOVIES}/2025/06/18/a.json", "[{")
        trial.put(f"{MOVIES}/2025/06/19/a.json", films(2))
        assert command(trial, *told)[0] == 3
        (trial.lake / "_trustedlake/ledger/tmdb_movies.json").write_text("{")
        assert command(trial, *told)[0] == 1
        assert command(trial, "--dry-run", *told)[0] == 1
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
    assert "truncated" in refused["run"]["facets"]["errorMessage"]["message"]
    assert "ledger" in failed["run"]["facets"]["errorMessage"]["message"]
    stored = {path.stem for path in (trial.lake / "_trustedlake/runs").iterdir()}
    assert {tags(event)["run_id"] for event in heard.events} == stored


def test_the_end_event_has_schema_lineage_balance_and_output(trial: Trial, tmp_path: Path) -> None:
    trial.put(f"{MOVIES}/2025/06/18/b.json", '{"nothing": 1}')
    file = tmp_path / "events.jsonl"
    assert command(trial, "--openlineage", str(file))[0] == 3
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


def test_a_table_without_raw_files_sends_no_event_unless_it_was_requested(trial: Trial, tmp_path: Path) -> None:
    file = tmp_path / "events.jsonl"
    assert command(trial, "--entity", "series", "--openlineage", str(file))[0] == 1
    assert short(events_in(file)) == [("START", "to_trusted.tmdb_series"), ("FAIL", "to_trusted.tmdb_series")]
    assert command(trial, "--openlineage", str(file))[0] == 0
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
            time.sleep(0.5)  # what was told before is on its way
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
    assert command(trial, "--openlineage", str(file))[0] == 0
    events = events_in(file)
    check(events)
    first, ended = events[0], events[1]
    assert (ended["eventType"], ended["run"]["runId"]) == (end, first["run"]["runId"])
    assert tags(ended)["run_id"] == tags(first)["run_id"] != tags(events[-1])["run_id"]
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
    check(heard.events[:6] + heard.events[7:])  # of the run that was killed nothing was told before
    first, certificate = heard.events[1], json.loads(window.read_text())
    target = only(first["outputs"])
    assert target["name"] == str(lake / "Raw/TMDB/JSON/Movies")
    assert target["outputFacets"]["outputStatistics"]["rowCount"] == certificate["got"]
    assert only(first["inputs"])["namespace"] == sim.url.removesuffix("/3")
    assert "no-such-token" not in json.dumps(heard.events)


def refusing(ask: Handler) -> None:
    ask.whole(503, b"busy")


def elsewhere(ask: Handler) -> None:
    ask.whole(302, Location="http://127.0.0.1:9/")


def dying(ask: Handler) -> None:
    ask.close_connection = True
    ask.wfile.write(b"HTTP/1.1 2")


@pytest.mark.parametrize(
    ("answers", "said"),
    [(refusing, "it answered 503"), (elsewhere, "it answered with a redirect"), (dying, "no connection")],
)
def test_a_receiver_that_refuses_events_causes_one_line_of_output(
    answers: Any, said: str, trial: Trial, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv("OPENLINEAGE_API_KEY", KEY)
    caplog.set_level(logging.DEBUG)
    with receiving(answers) as heard:
        code, err = command(trial, "--openlineage", heard.url)
    assert code == 0
    assert err == (
        f"warning: OpenLineage at {heard.url}: 2 of 2 event(s) did not arrive: {said}; the run itself is not affected\n"
    )
    assert {headers["Authorization"] for _, headers in heard.calls} == {f"Bearer {KEY}"}
    reports = "".join(path.read_text() for path in (trial.lake / "_trustedlake/runs").iterdir())
    assert KEY not in err + caplog.text + reports + json.dumps(heard.events)


def test_an_unreachable_receiver_does_not_change_the_run(trial: Trial) -> None:
    started = time.monotonic()
    code, err = command(trial, "--openlineage", "http://127.0.0.1:9")
    assert (code, time.monotonic() - started < 5) == (0, True)
    assert err.count("\n") == 1
    assert "http://127.0.0.1:9: 2 of 2 event(s) did not arrive: no connection" in err


SAID = ("no answer in time", "no connection", "it answered 404", "it answered 500")


@pytest.mark.parametrize("name", ENDLESS)
def test_a_receiver_with_an_endless_answer_does_not_delay_the_run(name: str) -> None:
    now = SystemClock().now()
    run = TableRun("run", CONTRACTS["tmdb_movies"], now, ("/lake/Raw",), "/lake/Trusted", "/lake/Quarantine")
    with receiving(ENDLESS[name]) as heard:
        started = time.monotonic()
        receiver = Receiver(http_transport(heard.url, "api/v1/lineage", "", call_s=0.3), "films", limit_s=0.5)
        receiver.began(run)
        receiver.began(run)
        problem = receiver.close()
        took = time.monotonic() - started
    assert took < 2
    assert problem in {"", *(f"1 of 1 event(s) did not arrive: {said}" for said in SAID)}


WRONG = {
    "http://me:secret@host:5000": "holds more than an address",
    "http://host:5000/?api_key=secret": "holds more than an address",
    "ftp://host/secret": "is neither an address nor a file",
    "http://": "is neither an address nor a file",
    "http://host:port/": "is neither an address nor a file",
    ".": "is a folder",
    "no/such/folder/file": "is in a folder that does not exist",
}


@pytest.mark.parametrize("given", WRONG)
def test_an_invalid_receiver_is_an_error_as_option_and_a_note_as_variable(
    given: str, trial: Trial, monkeypatch: pytest.MonkeyPatch
) -> None:
    code, err = command(trial, "--openlineage", given)
    assert code == 2
    assert WRONG[given] in err
    assert "secret" not in err
    assert not (trial.lake / "_trustedlake").exists()
    monkeypatch.setenv("OPENLINEAGE_URL", given)
    code, err = command(trial)
    assert (code, err.count("\n")) == (0, 1)
    assert err.startswith("warning: OPENLINEAGE_URL")
    assert "secret" not in err


def test_without_the_extra_the_option_is_an_error_and_the_variable_a_note(
    trial: Trial, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in [
        name for name in sys.modules if name.startswith(("openlineage", "trustedlake.adapters.openlineage"))
    ]:
        monkeypatch.delitem(sys.modules, module)
    monkeypatch.setitem(sys.modules, "openlineage", None)
    code, err = command(trial, "--openlineage", "http://127.0.0.1:9")
    assert code == 2
    assert 'pip install "trustedlake[lineage]"' in err
    monkeypatch.setenv("OPENLINEAGE_URL", "http://127.0.0.1:9")
    code, err = command(trial)
    assert (code, err.count("\n")) == (0, 1)
    assert "trustedlake[lineage]" in err


def test_the_environment_sets_receiver_endpoint_and_namespace_or_disables_lineage(
    trial: Trial, monkeypatch: pytest.MonkeyPatch
) -> None:
    with receiving() as heard:
        monkeypatch.setenv("OPENLINEAGE_URL", heard.url)
        monkeypatch.setenv("OPENLINEAGE_ENDPOINT", "events")
        monkeypatch.setenv("OPENLINEAGE_NAMESPACE", "our-films")
        assert command(trial) == (0, "")
        monkeypatch.setenv("OPENLINEAGE_DISABLED", "true")
        assert command(trial) == (0, "")
        assert command(trial, "--openlineage", heard.url) == (0, "")
    assert len(heard.events) == 2
    assert {path for path, _ in heard.calls} == {"/events"}
    assert {event["job"]["namespace"] for event in heard.events} == {"our-films"}


def test_a_dotenv_in_the_current_folder_cannot_choose_the_receiver(
    trial: Trial, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("OPENLINEAGE_API_KEY", KEY)
    with receiving() as heard:
        (tmp_path / ".env").write_text(f"OPENLINEAGE_URL={heard.url}\n")
        assert command(trial) == (0, "")
    assert heard.calls == []


def test_a_glue_job_refuses_an_invalid_receiver_before_it_opens_the_lake() -> None:
    from trustedlake.entrypoints.glue import _work  # noqa: PLC0415 - needs pyspark

    nobody: Any = object()
    words = [
        "glue_job.py",
        "--JOB_NAME",
        "films",
        "--LAKE",
        "s3://nobody/lake",
        "--OPENLINEAGE",
        "http://me:secret@host",
    ]
    with pytest.raises(ConfigError, match=r"^--OPENLINEAGE holds more than an address") as refused:
        _work(nobody, read_arguments(words)[0])
    assert "secret" not in f"{refused.value} {refused.value.hint}"


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
