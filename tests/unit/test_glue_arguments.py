"""The arguments of a Glue job, in the forms in which Glue passes them."""

from __future__ import annotations

from typing import Any

import pytest

from trustedlake.entrypoints.glue import read_arguments
from trustedlake.errors import ConfigError

LAKE = ["--JOB_NAME", "films", "--LAKE", "s3://b/lake"]
GLUES = ["true", "--job-bookmark-option", "job-bookmark-disable", "--JOB_ID", "j_1", "true", "--JOB_RUN_ID", "jr_1"]
GLUES += ["--TempDir", "s3://aws-glue-assets/temporary/", "--enable-metrics", "true", "--job-language", "python"]
PATHS = ["--S3_INPUT_PATH", "s3://b/Raw/Movies/", "--S3_TARGET_PATH", "s3://b/Trusted/Movies/"]


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ([], {"source": "tmdb", "lake": "s3://b/lake", "full_refresh": False, "database": None, "projection": None}),
        (["--SOURCE", "csv", "--ENTITY=series"], {"source": "csv", "entity": "series"}),
        (["--MAX_REJECTED", "0.2"], {"max_rejected": 0.2}),
        (["--MAX_REJECTED=0"], {"max_rejected": 0.0}),
        (["--FULL_REFRESH", "true"], {"full_refresh": True}),
        (["--FULL_REFRESH=false"], {"full_refresh": False}),
        (["--FULL_REFRESH", "--STRICT"], {"full_refresh": True, "strict": True}),
        (["--FULL_REFRESH", "", "--STRICT="], {"full_refresh": False, "strict": False}),
        (["--DATABASE", "", "--ENTITY", " "], {"database": None, "entity": None}),
        (["--DATABASE", "filmes-db", "--PROJECTION", "false"], {"database": "filmes-db", "projection": False}),
        (["--ACCEPT_UNREADABLE", "a.json, b=c.json"], {"accept_unreadable": ("a.json", "b=c.json")}),
        (["--ACCEPT_UNREADABLE=a=b.json"], {"accept_unreadable": ("a=b.json",)}),
        (["--max-rejected", "0.1", "--vanished", "keep"], {"max_rejected": 0.1, "vanished": "keep"}),
        (["--SOURCE", "csv", "--SOURCE", "tmdb"], {"source": "tmdb"}),
        ([*PATHS], {"s3_input_path": ("s3://b/Raw/Movies/",), "s3_target_path": "s3://b/Trusted/Movies/"}),
        (["--OPENLINEAGE", "http://marquez:5000"], {"openlineage": "http://marquez:5000"}),
        (["--SINGLE_WRITER", "1", "--DRY_RUN", "yes"], {"single_writer": True, "dry_run": True}),
    ],
)
@pytest.mark.parametrize("around", [[], GLUES], ids=["alone", "with Glue's own"])
def test_both_argument_forms_are_read_and_those_of_glue_are_ignored(
    given: list[str], expected: dict[str, Any], around: list[str]
) -> None:
    arguments, others = read_arguments(["glue_job.py", *around, *LAKE, *given])
    assert {name: getattr(arguments, name) for name in expected} == expected
    assert others == [word for word in around if word.startswith("--")]


def test_the_three_arguments_of_the_original_job_are_enough() -> None:
    arguments, _ = read_arguments(["job.py", *GLUES, "--JOB_NAME", "films", *PATHS])
    assert (arguments.job_name, arguments.source, arguments.lake) == ("films", "tmdb", None)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (["--MAX_REJECTED", "5%"], "--MAX_REJECTED 5%: input should be a valid number"),
        (["--MAX_REJECTED", "1.5"], "--MAX_REJECTED 1.5: input should be less than or equal to 1"),
        (["--SOURCE", "imdb"], "--SOURCE imdb: input should be 'tmdb' or 'csv'"),
        (["--FULL_REFRESH", "maybe"], "--FULL_REFRESH maybe: input should be a valid boolean"),
        (["--MAX_REJECT", "0.1"], "--MAX_REJECT is not an argument of this job; did you mean --MAX_REJECTED?"),
        (["--FULLREFRESH", "true"], "did you mean --FULL_REFRESH?"),
        (["--S3_TARGETPATH=s3://b/x"], "did you mean --S3_TARGET_PATH?"),
        (["--DATABSE", "x"], "did you mean --DATABASE?"),
    ],
)
def test_a_wrong_value_or_a_misspelt_argument_is_reported(given: list[str], message: str) -> None:
    with pytest.raises(ConfigError) as caught:
        read_arguments(["glue_job.py", *LAKE, *given])
    assert message in caught.value.message


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (["--JOB_NAME", "films"], "no lake given"),
        (["--JOB_NAME", "films", "--S3_INPUT_PATH", "s3://b/Raw/"], "no lake given"),
        (["--LAKE", "s3://b"], "--JOB_NAME is missing"),
        ([], "--JOB_NAME is missing"),
    ],
)
def test_a_missing_required_argument_is_reported(given: list[str], message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        read_arguments(["glue_job.py", *given])


def test_the_report_has_the_arguments_of_the_job_without_those_of_glue() -> None:
    given = [
        *GLUES,
        *LAKE,
        "--FULL_REFRESH",
        "--ACCEPT_UNREADABLE",
        "a.json, b c.json",
        "--PASSWORD",
        "hush",
        "-p=hush",
    ]
    arguments, others = read_arguments(["glue_job.py", *given, "--TMDB_TOKEN=hush", "--MAX_REJECTED=0.50"])
    called = "--LAKE s3://b/lake --MAX_REJECTED 0.5 --ACCEPT_UNREADABLE 'a.json,b c.json' --FULL_REFRESH true"
    assert arguments.called == f"glue_job.py --JOB_NAME films {called}"
    assert "hush" not in " ".join(others)
