"""Lines of JSON for CloudWatch: the run they belong to, and the last line about an unexpected error."""

from __future__ import annotations

import json
from typing import Any

import pytest

from trustedlake.app.log import tell
from trustedlake.entrypoints.json_log import json_lines, tell_bug
from trustedlake.errors import InputError
from trustedlake.models.ingest import TmdbList

SECRET = "wJalrXUtnFEMI-K7MDENG"


def lines(capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def log_of(action: Any, run_id: str | None = None) -> None:
    """What an entry point does around its work."""
    with json_lines(run_id):
        try:
            action()
        except BaseException as bug:
            tell_bug("job_failed", bug)
            raise


def broken() -> None:
    tell("run_started", run_id="20260617T053055Z-1a2b3c4d")
    TmdbList.model_validate({"genres": SECRET})


def outside() -> None:
    raise UnicodeDecodeError("utf-8", SECRET.encode(), 0, 1, SECRET)


def interrupted() -> None:
    tell("run_started", run_id="r")
    raise KeyboardInterrupt


def test_a_bug_is_logged_with_run_type_and_place_but_without_its_text(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with pytest.raises(Exception, match=SECRET) as caught:
        log_of(broken)
    _, failed = lines(capsys)
    kind = f"{type(caught.value).__module__}.{type(caught.value).__name__}"
    assert (failed["event"], failed["level"], failed["exit_code"]) == ("job_failed", "ERROR", 1)
    assert (failed["run_id"], failed["error"]) == ("20260617T053055Z-1a2b3c4d", kind)
    assert failed["hint"]
    assert SECRET not in json.dumps(failed)


@pytest.mark.parametrize(
    ("action", "error", "code", "at"),
    [
        (outside, "UnicodeDecodeError", 1, "a place outside of trustedlake"),
        (interrupted, "KeyboardInterrupt", 130, None),
    ],
)
def test_an_error_in_other_code_is_logged_and_raised_unchanged(
    action: Any, error: str, code: int, at: str | None, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(BaseException) as caught:  # noqa: PT011 - an interruption has no text
        log_of(action)
    assert type(caught.value).__name__ == error
    failed = lines(capsys)[-1]
    assert (failed["error"], failed["exit_code"], failed.get("at")) == (error, code, at)
    assert SECRET not in json.dumps(failed)


def test_every_line_names_the_run_once_it_is_known(capsys: pytest.CaptureFixture[str]) -> None:
    with json_lines():
        tell("job_started")
        tell("run_started", run_id="r1")
        tell("job_finished")
    assert [line.get("run_id") for line in lines(capsys)] == [None, "r1", "r1"]
    with json_lines("request-7"):
        tell("ingest_started")
    assert lines(capsys)[0]["run_id"] == "request-7"


def test_an_own_error_is_raised_without_being_logged(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(InputError), json_lines():
        raise InputError("no raw file", hint="look there")
    assert lines(capsys) == []
