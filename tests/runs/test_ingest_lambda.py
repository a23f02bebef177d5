"""The extraction as a Lambda: it takes an event, returns statusCode, body and certificate, and keeps no state."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections import Counter
from typing import TYPE_CHECKING, Any, cast

import pytest

from tests.support.ingesting import CRIME_OR_WAR, Context, films_in
from trustedlake.entrypoints.lambda_ingest import LOOK_S, TimeLeft, as_fields, handler
from trustedlake.errors import ConfigError, FatalRemoteError, TrustedLakeError
from trustedlake.models.ingest import NOTICE
from trustedlake.simulators.faults import Fault
from trustedlake.simulators.tmdb import TmdbSimulator

if TYPE_CHECKING:
    from pathlib import Path

ALONE = """
import json, sys
from trustedlake.entrypoints.lambda_ingest import handler
class Context:
    def get_remaining_time_in_millis(self):
        return 60_000
print(json.dumps(handler(json.loads(sys.argv[1]), Context())["statusCode"]))
"""


def test_an_event_is_answered_with_a_certificate(sim: TmdbSimulator, tmp_path: Path) -> None:
    answer = handler({"lake": str(tmp_path), "rate": 0}, Context())
    truth = sim.movie_ids(genres=CRIME_OR_WAR)
    assert (answer["statusCode"], answer["body"]) == (200, f"{len(truth)} movies in 1 files")
    assert answer["certificate"]["got"] == len(truth)
    assert answer["certificate"]["notice"] == NOTICE
    assert json.loads(json.dumps(answer)) == answer, "Lambda sends it as JSON"
    assert Counter(films_in(tmp_path)) == dict.fromkeys(truth, 1)
    calls = len(sim.calls)
    assert handler({"lake": str(tmp_path), "rate": 0}, Context())["statusCode"] == 200
    assert len(sim.calls) == calls


def test_options_of_the_event_win_over_the_environment(
    sim: TmdbSimulator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TRUSTEDLAKE_LAKE", str(tmp_path))
    monkeypatch.setenv("TRUSTEDLAKE_INGEST_ENTITY", "series")
    monkeypatch.setenv("TRUSTEDLAKE_INGEST_LIMIT", "all")
    monkeypatch.setenv("TRUSTEDLAKE_INGEST_RATE", "0")
    monkeypatch.setenv("TRUSTEDLAKE_INGEST_GENRES", "Drama")
    answer = handler({"genres": "War"}, Context())
    assert answer["notes"] == ["War is 'War & Politics' (10768) for series"]
    query = answer["certificate"]["query"]
    assert (query["entity"], query["genres"], query["limit"]) == ("series", [10768], None)
    assert set(films_in(tmp_path)) == sim.series_ids(genres=(10768,))
    assert handler(None, Context())["certificate"]["query"]["genres"] == [18]


def test_two_calls_in_one_process_give_the_same_as_in_two_processes(sim: TmdbSimulator, tmp_path: Path) -> None:
    events: list[dict[str, Any]] = [{"limit": 30, "rate": 0}, {"limit": "all", "rate": 0, "match": "all"}]
    for event in events:
        assert handler(event | {"lake": str(tmp_path / "warm")}, Context())["statusCode"] == 200
    for event in events:
        said = json.dumps(event | {"lake": str(tmp_path / "cold")})
        done = subprocess.run([sys.executable, "-c", ALONE, said], check=True, capture_output=True, text=True)
        assert done.stdout.splitlines()[-1] == "200"
    warm, cold = ({f.name: f.read_bytes() for f in (tmp_path / one).rglob("filmes_*")} for one in ("warm", "cold"))
    assert warm == cold
    assert len(warm) == 2


def test_short_of_time_the_answer_is_partial_and_names_the_next_event(sim: TmdbSimulator, tmp_path: Path) -> None:
    event: dict[str, Any] = {"lake": str(tmp_path), "rate": 40, "batch": 10, "restart": True}
    answers = [handler(event, Context(left_s=1))]
    assert (answers[0]["statusCode"], answers[0]["partial"]) == (206, True)
    assert answers[0]["body"].startswith("partial: ")
    while answers[-1]["statusCode"] == 206:
        assert answers[-1]["next"] == {key: value for key, value in event.items() if key != "restart"}
        answers.append(handler(answers[-1]["next"], Context(left_s=1)))
    fetched = Counter(path for path, _, status in sim.calls if "/movie/" in path and status == 200)
    truth = sim.movie_ids(genres=CRIME_OR_WAR)
    assert Counter(films_in(tmp_path)) == dict.fromkeys(truth, 1)
    assert fetched.total() == len(truth)
    assert len(answers) > 2


def test_the_invocation_ends_in_time_although_tmdb_stops_answering(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It waited for calls that were still running when the time was over: 20 s, where Lambda stops it after 12.

    It takes 10.5 s; what is allowed above is for a busy machine.
    """
    silent = Fault(kind="slow", match="/movie/[0-9]", after=13, seconds=30)
    left_s = 12
    with TmdbSimulator(films=60, faults=[silent]) as sim:
        monkeypatch.setenv("TMDB_TOKEN", sim.token)
        monkeypatch.setenv("TRUSTEDLAKE_TMDB_URL", sim.url)
        began = time.monotonic()
        answer = handler({"lake": str(tmp_path), "rate": 5, "batch": 5}, Context(left_s))
        assert time.monotonic() - began < left_s + 5
    assert (answer["statusCode"], answer["certificate"]["owner"]) == (206, None)
    assert (len(films_in(tmp_path)), answer["certificate"]["spooled"]) == (10, 3)


@pytest.mark.parametrize("left_s", [3, 10, 30, 60, 300, 900])
def test_enough_time_is_left_for_ending_when_the_last_call_gives_up(left_s: float) -> None:
    ending = TimeLeft.of(left_s)
    last_call_s = LOOK_S + ending.connect_s + ending.read_s
    assert last_call_s <= ending.kept_s or left_s < 12, "of a shorter time there is too little for a network"
    assert last_call_s + ending.lineage_s <= ending.kept_s or left_s <= 12
    assert ending.kept_s <= left_s / 4
    if left_s >= 60:
        assert ending.kept_s - last_call_s > ending.kept_s / 3


@pytest.mark.parametrize(
    ("event", "said"),
    [
        ({"limit": 0}, "the event's limit"),
        ({"limits": 5}, "the event's limits"),
        ({"token": "never-here"}, "the event's token"),
        ({"released_from": "soon"}, "the event's released_from"),
        ({"released_from": "2020-01-02", "released_to": "2020-01-01"}, "is after"),
        ({"genres": "Crimes"}, "no genre 'Crimes'"),
        ({"lake": "gs://films"}, "gs://films is not an address of a bucket"),
    ],
)
def test_a_wrong_event_is_explained(sim: TmdbSimulator, tmp_path: Path, event: dict[str, Any], said: str) -> None:
    with pytest.raises(ConfigError) as error:
        handler({"lake": str(tmp_path)} | event, Context())
    assert said in error.value.message
    assert "never-here" not in error.value.message + error.value.hint
    assert not sim.calls


@pytest.mark.parametrize(
    ("event", "said"),
    [
        ({"released_from": "1800-01-01", "released_to": "1800-01-02"}, "try other genres, match any, or"),
        ({"released_from": "2020-01-02", "released_to": "2020-01-01"}, "released_from 2020-01-02 is after released_to"),
        ({"genres": ","}, "genres names no genre"),
        ({"tmdb_url": "http://127.0.0.1/3?key"}, "tmdb_url holds more than an address"),
    ],
)
def test_errors_name_fields_of_the_event_and_no_flags_of_the_command(
    sim: TmdbSimulator, tmp_path: Path, event: dict[str, Any], said: str
) -> None:
    assert sim.url
    with pytest.raises(TrustedLakeError) as error:
        handler({"lake": str(tmp_path), "rate": 0} | event, Context())
    told = f"{error.value.message}; {error.value.hint}"
    assert said in told
    assert "--" not in told
    assert str(error.value) == error.value.message, "Lambda shows this"


def test_only_flags_of_the_event_are_named_as_fields() -> None:
    hint = "trustedlake doctor --lake tests it; is --tmdb-url right? --other and --lakes are no fields"
    told = "trustedlake doctor --lake tests it; is tmdb_url right? --other and --lakes are no fields"
    assert as_fields(hint) == told


RULE = {
    "version": "0",
    "id": "0",
    "detail-type": "Scheduled Event",
    "source": "aws.events",
    "account": "000000000000",
    "time": "2026-06-17T05:00:00Z",
    "region": "us-east-1",
    "resources": [],
    "detail": {},
}
AS_NULL = {
    "null": None,
    "an empty object": {},
    "a rule without input": RULE,
    "a schedule without input": RULE | {"source": "aws.scheduler", "detail": "{}"},
    "a rule on somebody's event": RULE | {"source": "my.app", "detail": {"limit": "none of ours", "lake": 7}},
    "a rule, as text": json.dumps(RULE),
    "a blank text": " ",
    "null, as text": "null",
}


@pytest.mark.parametrize("name", AS_NULL)
def test_an_event_sent_by_aws_runs_with_the_options_of_the_environment(
    name: str, sim: TmdbSimulator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TRUSTEDLAKE_INGEST_LAKE", str(tmp_path))
    monkeypatch.setenv("TRUSTEDLAKE_INGEST_LIMIT", "3")
    monkeypatch.setenv("TRUSTEDLAKE_INGEST_GENRES", " ")
    monkeypatch.setenv("TRUSTEDLAKE_INGEST_RATE", "0")
    answer = handler(AS_NULL[name], Context())
    assert (answer["statusCode"], answer["certificate"]["got"]) == (200, 3)


def test_an_event_may_be_the_text_of_a_json_object(sim: TmdbSimulator, tmp_path: Path) -> None:
    answer = handler(json.dumps({"lake": str(tmp_path), "limit": 2, "rate": 0}), Context())
    assert (answer["statusCode"], answer["certificate"]["got"]) == (200, 2)


NO_EVENTS: list[tuple[object, str]] = [
    ("fetch, please", "text, but not JSON"),
    ("[" * 100_000, "text, but not JSON"),
    ('"null"', "not an object, but a text"),
    ([], "not an object, but a list"),
    ([{"limit": 1}], "not an object, but a list"),
    ("[1]", "not an object, but a list"),
    (0, "not an object, but a number"),
    (1.5, "not an object, but a number"),
    ("7", "not an object, but a number"),
    (False, "not an object, but true or false"),
    ({"key1": "value1"}, "the event's key1"),
    ({"Records": [{"eventSource": "aws:s3"}]}, "the event's Records"),
    ({"httpMethod": "POST", "body": "{}"}, "the event's httpMethod"),
    ({"limit": None}, "the event's limit"),
    ({"lake": {"S": "x"}}, "the event's lake"),
    ({"lake": "a\0b"}, "a path is blank, or has a NUL in it"),
    ({"tmdb_url": "http://h/3?api_key=never-here"}, "tmdb_url holds more than an address"),
]


@pytest.mark.parametrize(("event", "said"), NO_EVENTS, ids=[said for _, said in NO_EVENTS])
def test_an_event_that_is_no_object_is_explained(sim: TmdbSimulator, event: object, said: str) -> None:
    with pytest.raises(ConfigError) as error:
        handler(event, Context())
    assert said in error.value.message
    assert "never-here" not in error.value.message + error.value.hint
    assert not sim.calls


def test_a_wrong_variable_is_named(sim: TmdbSimulator, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TRUSTEDLAKE_INGEST_LIMIT", "a few")
    with pytest.raises(ConfigError, match="TRUSTEDLAKE_INGEST_LIMIT: "):
        handler(None, Context())
    assert not sim.calls


def test_a_refused_key_fails_the_invocation(
    sim: TmdbSimulator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TMDB_TOKEN", "wrong")
    with pytest.raises(FatalRemoteError, match="TMDB refused the key"):
        handler({"lake": str(tmp_path)}, Context())
    assert len(sim.calls) == 1


def log(capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def test_the_log_has_lines_of_json_without_the_key(
    sim: TmdbSimulator, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    handler({"lake": str(tmp_path), "rate": 0}, Context())
    lines = log(capsys)
    assert [line["event"] for line in lines if line["event"] != "ingesting"] == ["ingest_started", "ingest_finished"]
    assert [line["step"] for line in lines if line["event"] == "ingesting"][:2] == ["list", "fetch"]
    truth = len(sim.movie_ids(genres=CRIME_OR_WAR))
    finished = lines[-1]
    assert (finished["status"], finished["got"], finished["expected"]) == ("complete", truth, truth)
    assert all(line["time"].endswith("+00:00") and line["level"] == "INFO" for line in lines)
    assert {line["run_id"] for line in lines} == {Context.aws_request_id}
    assert sim.token not in json.dumps(lines)
    handler({"lake": str(tmp_path), "rate": 0}, Context())
    assert len(log(capsys)) == 2, "a warm start adds no second handler"


def test_failed_and_partial_invocations_are_in_the_log(
    sim: TmdbSimulator, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(ConfigError):
        handler({"lake": str(tmp_path), "genres": "Crimes"}, Context())
    failed = log(capsys)[-1]
    assert (failed["event"], failed["level"], failed["exit_code"]) == ("ingest_failed", "ERROR", 2)
    assert "Crimes" in failed["message"]
    handler({"lake": str(tmp_path), "rate": 40}, Context(left_s=1))
    partial = log(capsys)[-1]
    assert (partial["status"], partial["level"]) == ("incomplete", "WARNING")


def test_an_unexpected_error_is_in_the_log(
    sim: TmdbSimulator, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(AttributeError):
        handler({"lake": str(tmp_path)}, cast("Context", None))
    failed = log(capsys)[-1]
    assert (failed["event"], failed["level"], failed["error"]) == ("ingest_failed", "ERROR", "AttributeError")
    assert failed["at"].startswith("trustedlake/entrypoints/lambda_ingest.py:")
