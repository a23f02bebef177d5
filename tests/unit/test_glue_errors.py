"""The last word of a job that failed: what Glue shows in one line of its console."""

from __future__ import annotations

from trustedlake.entrypoints.glue import LONGEST, JobFailedError
from trustedlake.errors import FatalRemoteError, ImbalanceError, TrustedLakeError


def test_it_has_code_message_and_hint_of_all_that_went_wrong_in_one_line() -> None:
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


def test_a_long_one_is_cut() -> None:
    failed = JobFailedError([TrustedLakeError("day " * 2000, hint="look at the report")], 1)
    assert (len(str(failed)), str(failed)[-1]) == (LONGEST, "…")
