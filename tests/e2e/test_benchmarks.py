"""The benchmarks run, from the generator to the page; their speed is not asserted here."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner

from tests.benchmarks import record
from tests.benchmarks.__main__ import main
from tests.benchmarks.tools import ONE_LANE, SAIL, SOURCE_JOB, SPARK, installed
from tests.support.minio import need_minio

if TYPE_CHECKING:
    from pathlib import Path

    from tests.benchmarks.record import Part


def measured(page: Path, *arguments: str) -> dict[str, Part]:
    done = CliRunner().invoke(main, [*arguments, "--rounds", "1", "--write", str(page)], catch_exceptions=False)
    assert done.exit_code == 0
    assert str(page.parent) not in page.read_text()
    return record.read(page.with_suffix(".json"))


def test_a_tiny_benchmark_writes_a_page_with_tools_and_findings(tmp_path: Path) -> None:
    page = tmp_path / "benchmarks.md"
    page.write_text("# Written by people\n")
    (part,) = measured(page, "movies", "--scale", "0.001", "--cache", str(tmp_path / "cache")).values()
    assert list(part.runs) == [*installed(), ONE_LANE]
    assert {SOURCE_JOB, SPARK, SAIL} <= set(part.runs)
    others = [f"time to that of {name}" for name in (SOURCE_JOB, "dlt", "DuckDB, the floor") if name in part.runs]
    assert [finding.what for finding in part.findings] == [
        *(f"200 movies, {SAIL}: {other}" for other in others),
        f"200 movies, {SPARK}: {others[0]}",
        f"200 movies, {ONE_LANE}: {others[0]}",
        "200 movies: most files in one partition, on either engine",
        f"200 movies, {ONE_LANE}: share of the proof",
    ]
    (files,) = (f for f in part.findings if "most files" in f.what)
    assert (files.measured, files.detail.split(";")[0]) == (1, "2 files in all")
    written = page.read_text()
    assert written.startswith("# Written by people\n")
    assert f"| {SAIL} | " in written
    pictures = ["benchmarks.svg"] if len(part.runs) > 4 else []
    assert sorted(path.name for path in tmp_path.iterdir()) == ["benchmarks.json", "benchmarks.md", *pictures, "cache"]
    assert [path.name for path in (tmp_path / "cache").iterdir()] == ["films-200-2-2-v1"]


def test_an_idle_run_on_a_bucket_is_measured_and_added_to_the_record(tmp_path: Path) -> None:
    need_minio()
    page = tmp_path / "benchmarks.md"
    measured(page, "ingest-many", "--scale", "0.01")
    parts = measured(page, "bucket-idle", "--scale", "0.001", "--cache", str(tmp_path / "cache"))
    assert list(parts) == ["bucket-idle", "ingest-many"]
    (finding,) = parts["bucket-idle"].findings
    assert finding.what == "nothing new among 10 keys of a bucket, seconds"
    assert finding.what in page.read_text()


@pytest.mark.slow
def test_buckets_starts_and_defects_are_measured(tmp_path: Path) -> None:
    need_minio()
    parts = measured(tmp_path / "benchmarks.md", "bucket", "defects", "spark-start", "--scale", "0.005")
    found = {finding.what.split(": ")[1]: finding for part in parts.values() for finding in part.findings}
    assert found["raw bytes that cross the wire to those there are"].measured == 1
    assert found["requests per raw file"].reached
    assert found["requests a published file, staged and final"].reached
    assert found["lost, changed or doubled without a word"].measured == 0
    assert {fate.tool for fate in parts["defects"].fates} == set(installed())


def test_the_extractor_is_compared_with_the_old_one(tmp_path: Path) -> None:
    parts = measured(tmp_path / "benchmarks.md", "ingest", "--scale", "0.01")
    findings = [finding for part in parts.values() for finding in part.findings]
    assert [finding.what.split(": ")[1] for finding in findings] == [
        "time, relative to the old way",
        "calls, relative to the old way",
        "time to calls ÷ rate",
    ]
    calls = findings[1]
    assert round(calls.measured, 2) == 0.51  # 1 page and 20 films; the old way 1 page and 40 calls
    assert calls.detail.endswith("41 calls")
