"""Framing inside an engine: every file's facts come with its records, with only pyarrow installed."""

from __future__ import annotations

import gzip
import io
import json
import subprocess
import sys
import textwrap
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pytest

from tests.support.bare_python import BEGINNING
from tests.support.framed import LOCAL_MOVIES, MOVIES
from trustedlake.adapters.spark.executor_framing import framing_zip
from trustedlake.core.framing.explode import FACTS_INDEX, ListedFile, frame_binary_files, read_facts
from trustedlake.core.framing.frames import frame_file

if TYPE_CHECKING:
    from trustedlake.core.facts import FileFacts

BUCKET = "s3a://films/a [lake]"
DATE = ("2025", "06", "17")
FILES = {
    "two.json": b'[{"id":1,"title":"A"},{"id":2,"title":"\\ud800"}]',
    "packed.json.gz": gzip.compress(b'{"id":3,"title":"B"}\n{"id":4,"title":"C","odd":[1]}\n', mtime=0),
    "one of them none.json": b'[{"id":5,"title":"D"},null]',
    "broken.json": b"[{",
    "empty.json": b"",
}


def _date(framing: dict[str, Any]) -> tuple[str, ...]:
    return DATE if framing["partition"] else ()


def framed(files: dict[str, bytes], framing: dict[str, Any], *, rows_per_batch: int) -> list[dict[str, Any]]:
    listed = {f"{BUCKET}/{name}": ListedFile(f"s3://films/a [lake]/{name}", _date(framing)) for name in files}
    rows = [{"path": f"{BUCKET}/{name}", "content": content} for name, content in files.items()]
    table = pa.Table.from_pylist(rows, pa.schema({"path": pa.string(), "content": pa.binary()}))
    batches = frame_binary_files(framing, listed)(iter(table.to_batches(max_chunksize=rows_per_batch)))
    return [row for batch in batches for row in batch.to_pylist()]


def framed_alone(name: str, content: bytes, framing: dict[str, Any]) -> tuple[list[dict[str, Any]], FileFacts]:
    rows: list[dict[str, Any]] = []
    path = f"s3://films/a [lake]/{name}"
    batches = frame_file(io.BytesIO(content), path=path, partition=_date(framing), framing=framing)
    while True:
        try:
            rows += next(batches).to_pylist()
        except StopIteration as stop:
            return rows, stop.value


@pytest.mark.parametrize("rows_per_batch", [1, 3, 100])
def test_each_file_has_the_records_and_facts_it_has_when_framed_alone(rows_per_batch: int) -> None:
    rows = framed(FILES, MOVIES, rows_per_batch=rows_per_batch)
    facts = [read_facts(row["problem"]) for row in rows if row["record_index"] == FACTS_INDEX]
    assert [one.path.rpartition("/")[2] for one in facts] == list(FILES)
    for (name, content), found in zip(FILES.items(), facts, strict=True):
        alone, expected = framed_alone(name, content, MOVIES)
        assert found == expected
        own = [row for row in rows if row["file_path"] == found.path]
        assert own[-1]["record_index"] == FACTS_INDEX, "the facts come last"
        records = own[:-1]
        if found.problem is None:
            assert records == alone
        else:
            assert [(row["record_index"], row["problem"], row["raw"]) for row in records] == [
                (-1, "file|unreadable", found.told)
            ]
            assert [records[0][name] for name in ("ano", "mes", "dia")] == list(DATE)


def test_a_csv_file_has_the_records_and_facts_it_has_when_framed_alone() -> None:
    content = b"id|tituloPrincipal|x\ntt1|A|1\nshort\n\n"
    rows = framed({"m.csv": content}, LOCAL_MOVIES, rows_per_batch=1)
    alone, facts = framed_alone("m.csv", content, LOCAL_MOVIES)
    assert rows[:-1] == alone
    assert read_facts(rows[-1]["problem"]) == facts
    assert facts.header == ["id", "tituloPrincipal", "x"]


SCRIPT = (
    BEGINNING
    + """    from trustedlake.core.framing.explode import ListedFile, frame_binary_files
    import pyarrow as pa

    batch = pa.RecordBatch.from_pylist([{"path": "s3a://b/a.json", "content": b'[{"id":1,"title":"A"}]'}])
    listed = {"s3a://b/a.json": ListedFile("s3://b/a.json", ("2025", "06", "17"))}
    frame = frame_binary_files(json.load(sys.stdin), listed)
    print([row["record_index"] for out in frame(iter([batch])) for row in out.to_pylist()])
    print({module.__file__.startswith(sys.argv[1]) for name, module in sys.modules.items() if "trustedlake" in name})
"""
)


def test_the_archive_for_executors_contains_all_that_framing_needs(tmp_path: Path) -> None:
    archive = tmp_path / "framing.zip"
    archive.write_bytes(framing_zip())
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-c", textwrap.dedent(SCRIPT), str(archive), str(Path(pa.__file__).parents[1])],
        input=json.dumps(MOVIES),
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.stdout.splitlines(), done.stderr) == (["[0, -2]", "{True}"], "")


def test_the_archive_for_executors_is_reproducible_and_contains_nothing_else() -> None:
    assert framing_zip() == framing_zip()
    names = zipfile.ZipFile(io.BytesIO(framing_zip())).namelist()
    assert {name.rpartition("/")[0] for name in names} == {
        "trustedlake",
        "trustedlake/core",
        "trustedlake/core/framing",
        "trustedlake/types",
    }
