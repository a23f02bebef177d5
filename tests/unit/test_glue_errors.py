"""The error of a failed job: what Glue shows in one line of its console."""

from __future__ import annotations

import json

import pytest

from trustedlake.entrypoints.glue import LONGEST, JobFailedError, main
from trustedlake.errors import FatalRemoteError, ImbalanceError, TrustedLakeError


def test_the_error_has_code_messages_and_hints_of_all_failures_in_one_line() -> None:
    errors: list[TrustedLakeError] = [
        ImbalanceError("dia=17: what spark wrote is not what was read:\n  a.json: 3, not 4", hint="run again"),
        FatalRemoteError("published, but not registered: denied", hint="allow glue:CreateTable"),
    ]
    failed = JobFailedError(errors, 3)
    assert str(failed) == (
        "exit code 3: dia=17: what spark wrote is not what was read: a.json: 3, not 4 (hint: run again);"
        " published, but not registered: denied (hint: allow glue:CreateTable)"
    )
    assert (failed.exit_code, failed.errors) == (3, tuple(errors))


def test_a_long_error_is_shortened() -> None:
    failed = JobFailedError([TrustedLakeError("day " * 2000, hint="look at the report")], 1)
    assert (len(str(failed)), str(failed)[-1]) == (LONGEST, "…")


def test_an_unexpected_error_is_logged_before_it_fails_the_job(capsys: pytest.CaptureFixture[str]) -> None:
    # There is no awsglue here, which nobody who wrote the job expected.
    with pytest.raises(ModuleNotFoundError, match="awsglue"):
        main(["glue_job.py", "--JOB_NAME", "films", "--LAKE", "s3://b/lake", "--PASSWORD", "hush"])
    started, failed = (json.loads(line) for line in capsys.readouterr().out.splitlines())
    assert started["arguments_left_alone"] == ["--PASSWORD"]
    assert (failed["event"], failed["level"], failed["exit_code"]) == ("job_failed", "ERROR", 1)
    assert failed["error"] == "ModuleNotFoundError"
    assert failed["at"].startswith("trustedlake/entrypoints/glue.py:")
    assert "hush" not in json.dumps([started, failed])
