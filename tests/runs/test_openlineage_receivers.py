"""Receivers of OpenLineage events: the right one is found, a bad one never changes a run, and nobody sees a secret."""

from __future__ import annotations

import json
import logging
import sys
import time
from typing import TYPE_CHECKING, Any

import pytest

from tests.support.ingesting import Context, films_in
from tests.support.odd_servers import ENDLESS, serving
from tests.support.openlineage import receiving, thanks
from tests.support.trials import MOVIES, Trial, command, films
from trustedlake.adapters.local.clock import SystemClock
from trustedlake.adapters.openlineage.receiver import Receiver, http_transport
from trustedlake.entrypoints.glue import read_arguments
from trustedlake.entrypoints.lambda_ingest import TimeLeft, handler
from trustedlake.errors import ConfigError
from trustedlake.models.built_in import CONTRACTS
from trustedlake.ports.observers import TableRun

if TYPE_CHECKING:
    from pathlib import Path

    from tests.support.odd_servers import Answers, Handler
    from trustedlake.simulators.tmdb import TmdbSimulator

KEY = "K3Y-of-the-receiver"
SECRET = "5ecre7-0f-m1ne"


@pytest.fixture
def trial(plain_trial: Trial) -> Trial:
    """Three good films."""
    plain_trial.put(f"{MOVIES}/2025/06/17/a.json", films(3))
    return plain_trial


def refusing(ask: Handler) -> None:
    ask.whole(503, b"busy")


def hanging(ask: Handler) -> None:
    ask.endless(b"", pause_s=0.1)


def elsewhere(ask: Handler) -> None:
    ask.whole(302, Location="http://127.0.0.1:9/")


def dying(ask: Handler) -> None:
    ask.close_connection = True
    ask.wfile.write(b"HTTP/1.1 2")


@pytest.mark.parametrize(
    ("answers", "said"),
    [
        (refusing, "it answered 503"),
        (elsewhere, "it answered with a redirect"),
        (dying, "no connection"),
        (hanging, "no answer within 3 s"),
    ],
)
def test_a_receiver_that_refuses_events_causes_one_line_of_output(
    answers: Any, said: str, trial: Trial, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv("OPENLINEAGE_API_KEY", KEY)
    caplog.set_level(logging.DEBUG)
    with receiving(answers) as heard:
        code, err = trial.command("--openlineage", heard.url)
    assert code == 0
    assert err == (
        f"warning: OpenLineage at {heard.url}: 2 of 2 event(s) did not arrive: {said}; the run itself is not affected\n"
    )
    assert {headers["Authorization"] for _, headers in heard.calls} == {f"Bearer {KEY}"}
    reports = "".join(path.read_text() for path in (trial.lake / "_trustedlake/runs").iterdir())
    assert KEY not in err + caplog.text + reports + json.dumps(heard.events)


@pytest.mark.parametrize("answers", [refusing, elsewhere, dying, hanging])
def test_a_bad_receiver_neither_fails_a_lambda_nor_takes_its_time(
    answers: Any,
    sim: TmdbSimulator,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    left_s = 8.0
    with receiving(answers) as heard:
        monkeypatch.setenv("OPENLINEAGE_URL", heard.url)
        began = time.monotonic()
        answer = handler({"lake": str(tmp_path), "rate": 0}, Context(left_s))
        took = time.monotonic() - began
    assert (answer["statusCode"], len(films_in(tmp_path))) == (200, answer["certificate"]["got"])
    assert took < TimeLeft.of(left_s).lineage_s + 2
    (told,) = [line for line in map(json.loads, capsys.readouterr().out.splitlines()) if line["event"] == "openlineage"]
    assert (told["level"], "2 of 2 event(s) did not arrive" in told["message"]) == ("WARNING", True)


@pytest.mark.parametrize("url", [f"http://me:{SECRET}@127.0.0.1:9", f"ftp://{SECRET}", "http://127.0.0.1:9"])
def test_a_lambda_with_a_receiver_that_is_no_receiver_runs_and_logs_one_line(
    url: str, sim: TmdbSimulator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("OPENLINEAGE_URL", url)
    assert handler({"lake": str(tmp_path), "rate": 0}, Context())["statusCode"] == 200
    log = capsys.readouterr().out
    assert [json.loads(line)["level"] for line in log.splitlines() if '"openlineage"' in line] == ["WARNING"]
    assert SECRET not in log + kept(tmp_path)


def test_an_unreachable_receiver_does_not_change_the_run(trial: Trial) -> None:
    started = time.monotonic()
    code, err = trial.command("--openlineage", "http://127.0.0.1:9")
    assert (code, time.monotonic() - started < 5) == (0, True)
    assert err.count("\n") == 1
    assert "http://127.0.0.1:9: 2 of 2 event(s) did not arrive: no connection" in err


SAID = ("no answer within 0.3 s", "no answer within 0.5 s", "no connection", "it answered 404", "it answered 500")


@pytest.mark.parametrize("name", ENDLESS)
def test_a_receiver_with_an_endless_answer_does_not_delay_the_run(name: str) -> None:
    now = SystemClock().now()
    run = TableRun("run", CONTRACTS["tmdb_movies"], now, ("/lake/Raw",), "/lake/Trusted", "/lake/Quarantine")
    with receiving(ENDLESS[name]) as heard:
        started = time.monotonic()
        receiver = Receiver(http_transport(heard.url, "api/v1/lineage", "", call_s=0.3), "films", call_s=0.3)
        receiver.began(run)
        receiver.began(run)
        problem = receiver.close(0.5)
        took = time.monotonic() - started
    assert took < 2
    assert problem in {"", *(f"1 of 1 event(s) did not arrive: {said}" for said in SAID)}


def telling_back(ask: Handler) -> None:
    """The receiver's answer repeats what it was sent."""
    ask.whole(401, ask.headers["Authorization"].encode(), X_Sent=ask.headers["Authorization"])


def redirecting(ask: Handler) -> None:
    ask.whole(302, Location=f"http://me:{SECRET}@127.0.0.1:9/?key={SECRET}")


PROXY = {"http_proxy": f"http://me:{SECRET}@127.0.0.1:9", "NO_PROXY": "", "no_proxy": ""}
SECRETS: dict[str, tuple[dict[str, str], Answers, str]] = {
    "a key": ({"OPENLINEAGE_API_KEY": SECRET}, thanks, ""),
    "a key that is sent back": ({"OPENLINEAGE_API_KEY": SECRET}, telling_back, "it answered 401"),
    "a redirect with a key": ({}, redirecting, "it answered with a redirect"),
    "a key of two lines": ({"OPENLINEAGE_API_KEY": f"{SECRET}\n{SECRET}"}, thanks, "no header can hold"),
    "a key that no header can hold": ({"OPENLINEAGE_API_KEY": f"{SECRET} \u20ac"}, thanks, "no header can hold"),
    "a path with a key": ({"OPENLINEAGE_ENDPOINT": f"lineage?code={SECRET}"}, refusing, "it answered 503"),
    "a path to elsewhere": ({"OPENLINEAGE_ENDPOINT": f"http://me:{SECRET}@127.0.0.1:9/"}, thanks, "no connection"),
    "a proxy's password": (PROXY, thanks, "the proxy refused"),
    "a user in the address": ({"OPENLINEAGE_URL": f"http://me:{SECRET}@127.0.0.1:9"}, thanks, "more than an address"),
    "a key in the address": ({"OPENLINEAGE_URL": f"http://127.0.0.1:9/?key={SECRET}"}, thanks, "more than an address"),
}


@pytest.mark.parametrize("name", SECRETS)
def test_no_message_log_report_or_event_has_a_secret_of_the_receiver(
    name: str, trial: Trial, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    environ, answers, said = SECRETS[name]
    caplog.set_level(logging.INFO)
    with receiving(answers) as heard:
        for variable, value in ({"OPENLINEAGE_URL": heard.url} | environ).items():
            monkeypatch.setenv(variable, value)
        code, err = trial.command()
    assert (code, said in err, err.count("\n")) == (0, True, 1 if said else 0), err
    assert SECRET not in err + caplog.text + kept(trial.lake) + json.dumps(heard.events)


def no_such_key(ask: Handler) -> None:
    """TMDB's answer repeats the path that it was asked for, and in it the key."""
    ask.whole(401, json.dumps({"status_code": 7, "status_message": f"no {ask.path}"}).encode())


TMDB: dict[str, Answers] = {
    "an error that repeats the address": no_such_key,
    "a page that repeats the address": lambda ask: ask.whole(404, f"<html>{ask.path}</html>".encode()),
    "a redirect with the key": lambda ask: ask.whole(302, Location=f"http://127.0.0.1:9{ask.path}"),
}


@pytest.mark.parametrize("name", TMDB)
@pytest.mark.parametrize("variable", ["TMDB_API_KEY", "TMDB_TOKEN"])
def test_no_message_log_certificate_or_event_has_the_key_to_tmdb(
    name: str, variable: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    monkeypatch.setenv(variable, SECRET)
    lake = tmp_path / "lake"
    with serving(TMDB[name]) as tmdb, receiving() as heard:
        told = ("--tmdb-url", f"{tmdb.url}/3", "--openlineage", heard.url)
        code, err = command("ingest-tmdb", "--lake", str(lake), "--rate", "0", *told)
    assert code in {1, 4}, err
    assert [event["eventType"] for event in heard.events] == ["START", "FAIL"]
    assert any(SECRET in path + json.dumps(headers) for path, headers in tmdb.seen), "the key was sent"
    assert SECRET not in err + caplog.text + kept(lake) + json.dumps(heard.events)


def kept(lake: Path) -> str:
    """The text of all that runs keep in a lake about themselves."""
    return "".join(path.read_text() for path in (lake / "_trustedlake").rglob("*") if path.is_file())


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
    code, err = trial.command("--openlineage", given)
    assert code == 2
    assert WRONG[given] in err
    assert "secret" not in err
    assert not (trial.lake / "_trustedlake").exists()
    monkeypatch.setenv("OPENLINEAGE_URL", given)
    code, err = trial.command()
    assert (code, err.count("\n")) == (0, 1)
    assert err.startswith("warning: OPENLINEAGE_URL")
    assert "secret" not in err


@pytest.mark.parametrize(
    ("module", "said"),
    [("openlineage", "is not installed"), ("requests", "does not work here (ModuleNotFoundError)")],
)
def test_without_the_extra_the_option_is_an_error_and_the_variable_a_note(
    module: str, said: str, trial: Trial, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in [one for one in sys.modules if one.startswith(("openlineage", "trustedlake.adapters.openlineage"))]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, module, None)
    code, err = trial.command("--openlineage", "http://127.0.0.1:9")
    assert code == 2
    assert said in err
    assert 'pip install "trustedlake[lineage]"' in err
    monkeypatch.setenv("OPENLINEAGE_URL", "http://127.0.0.1:9")
    code, err = trial.command()
    assert (code, err.count("\n")) == (0, 1)
    assert "trustedlake[lineage]" in err


def test_the_environment_sets_receiver_endpoint_and_namespace_or_disables_lineage(
    trial: Trial, monkeypatch: pytest.MonkeyPatch
) -> None:
    with receiving() as heard:
        monkeypatch.setenv("OPENLINEAGE_URL", heard.url)
        monkeypatch.setenv("OPENLINEAGE_ENDPOINT", "events")
        monkeypatch.setenv("OPENLINEAGE_NAMESPACE", "our-films")
        assert trial.command() == (0, "")
        monkeypatch.setenv("OPENLINEAGE_DISABLED", "true")
        assert trial.command() == (0, "")
        assert trial.command("--openlineage", heard.url) == (0, "")
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
        assert trial.command() == (0, "")
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
