"""`--storage direct`: Spark itself reads and writes the bucket, and the lake equals the one that `staged` makes."""

from __future__ import annotations

import json
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any

import boto3
import pyarrow.parquet as pq
import pytest

from tests.support.bucket_trials import BucketTrial
from tests.support.cluster import submit, submit_environment
from tests.support.trials import FIXTURES, MOVIES, IdleEngine, films
from trustedlake.adapters.spark.executor_framing import LARGEST
from trustedlake.adapters.spark.process_environment import environment
from trustedlake.adapters.spark.sail_engine import CONNECT
from trustedlake.core.judging.digest import digest
from trustedlake.core.judging.schema import trusted_ddl
from trustedlake.models.built_in import CONTRACTS

if TYPE_CHECKING:
    from trustedlake.adapters.spark.sail_engine import SailEngine

COMMAND = str(Path(sys.executable).parent / "trustedlake")
DAY, NEXT_DAY = f"{MOVIES}/2025/06/20", f"{MOVIES}/2025/06/21"
UNREADABLE = [f"{DAY}/page é.json", f"{DAY}/empty.json"]
ODD_NAMES = ["[x]*{y}?.json", "a b+c&d=e#.json", "50%20%.json", "é ñ 空.json", "a:b.json", "back\\slash.json"]
SMALL_ROWS = """
import sys
from trustedlake.adapters.spark import direct_engine, executor_framing
from trustedlake.entrypoints.cli.main import run
executor_framing.LARGEST = int(sys.argv.pop(1))
direct_engine.FEW = 0
run()
"""
"""As if the files were large, and the records many."""
MOVIES_CSV = "Raw/Local/CSV/Movies/2025/05/15/movies.csv"
LINEAGE = ["file_path", "record_index"]


def fill(trial: BucketTrial) -> None:
    """The fixture lake, and a day with odd names, an unreadable file and an empty one."""
    trial.put_folder(FIXTURES / "lake")
    with trial.store() as store:
        for number, name in enumerate(ODD_NAMES):
            taken = films(40, 1 + 40 * number)
            taken[3] = taken[4]  # a duplicate
            store.put(f"{DAY}/{name}", json.dumps([*taken, {"id": -number, "title": ""}]).encode())
        store.put(UNREADABLE[0], b'{"success":false,"status_code":34}')
        store.put(UNREADABLE[1], b"")


def accepted(trial: BucketTrial) -> list[str]:
    return [f"{trial.lake}/{path}" for path in UNREADABLE]


def direct(
    trial: BucketTrial, *more: str, source: str = "tmdb", entity: str = "movies", largest: int | None = None
) -> dict[str, Any]:
    """Run the command on the lake, and give its report; `largest` is what a row of Spark's takes then."""
    arguments = ["to-trusted", "--source", source, "--entity", entity, "--lake", trial.lake, "--storage", "direct"]
    command = [COMMAND] if largest is None else [sys.executable, "-c", SMALL_ROWS, str(largest)]
    done = subprocess.run(
        [*command, *arguments, *more, "--json"],
        env=submit_environment(),
        capture_output=True,
        text=True,
        timeout=540,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    report: dict[str, Any] = json.loads(done.stdout)
    return report


def rows(lake: Path, trial: BucketTrial, zone: str) -> list[dict[str, Any]]:
    """The rows of a zone as any reader of its files finds them, without what differs between two lakes."""
    found: list[dict[str, Any]] = []
    for file in sorted((lake / zone).rglob("*.parquet")):
        folder = file.parent.relative_to(lake).as_posix()
        for row in pq.ParquetFile(file).read().to_pylist():
            row.pop("run_id", None)
            found.append({"folder": folder} | row)
    text = json.dumps(found, default=str).replace(json.dumps(trial.lake)[1:-1], "")
    return sorted(json.loads(text), key=lambda row: [str(row[name]) for name in LINEAGE])


def table_digest(lake: Path, engine: SailEngine) -> dict[str, Any]:
    contract = CONTRACTS["tmdb_movies"]
    for file in (lake / "Trusted/TMDB/Parquet/Movies").rglob("*.parquet"):
        # pysail can't read files of two writers together: they name what is in a map otherwise.
        copy = lake / "copies" / file.relative_to(lake / "Trusted/TMDB/Parquet/Movies")
        copy.parent.mkdir(parents=True, exist_ok=True)
        pq.write_table(pq.ParquetFile(file).read(), copy)
    with environment(CONNECT):
        read = engine.session.read.schema(trusted_ddl(contract)).parquet(str(lake / "copies"))
        return digest(read, contract).collect()[0].asDict()


def ledger(trial: BucketTrial, table: str = "tmdb_movies") -> dict[str, Any]:
    """What the ledger says of each partition, without tags, and without what its Parquet files look like."""
    with trial.store() as store:
        text = store.read(f"_trustedlake/ledger/{table}.json").decode().replace(json.dumps(trial.lake)[1:-1], "")
    found = {}
    for name, entry in json.loads(text)["partitions"].items():
        raw = [{key: value for key, value in file.items() if key != "tag"} for file in entry["raw"]]
        sums = {zone: sum(file["rows"] for file in entry[zone]) for zone in ("trusted", "quarantine")}
        found[name] = {"raw": raw, "counts": entry["counts"], "columns": entry["columns"], **sums}
    return found


def leftovers(bucket: str, trial: BucketTrial) -> list[str]:
    """Keys below staging and journal, the markers that Hadoop makes for folders too."""
    client = boto3.client("s3")
    listed = client.list_objects_v2(Bucket=bucket, Prefix=f"{trial.prefix}/_trustedlake/").get("Contents", [])
    client.close()
    return [one["Key"] for one in listed if "/staging/" in one["Key"] or "/journal/" in one["Key"]]


def counts(report: dict[str, Any]) -> dict[str, Any]:
    return {part["partition"]: part["counts"] for table in report["tables"] for part in table["partitions"]}


def assert_alike(one: BucketTrial, other: BucketTrial, folder: Path, engine: SailEngine) -> None:
    first, second = one.get_folder(folder / "one"), other.get_folder(folder / "other")
    for zone in ("Trusted", "Quarantine"):
        assert rows(first, one, zone) == rows(second, other, zone)
    assert table_digest(first, engine) == table_digest(second, engine)
    assert ledger(one) == ledger(other)


def test_direct_and_staged_make_the_same_lake_and_can_continue_each_other(
    minio_bucket: str, tmp_path: Path, sail_engine: SailEngine
) -> None:
    staged = BucketTrial(minio_bucket, "staged", sail_engine)
    own = BucketTrial(minio_bucket, "um [lago] direct", sail_engine)
    for trial in (staged, own):
        fill(trial)
    first = staged.run(entity="movies", accept_unreadable=frozenset(accepted(staged)))
    assert first.exit_code == 0
    # Half of the files are too large for a row of such a Spark: this machine frames them.
    with own.store() as store:
        sizes = sorted(info.size for info in store.list(MOVIES))
    asked = (part for path in accepted(own) for part in ("--accept-unreadable", path))
    report = direct(own, *asked, largest=sizes[len(sizes) // 2])
    assert counts(report) == counts(json.loads(first.model_dump_json()))
    assert counts(report)["ano=2025/mes=06/dia=20"] == {
        "framed": 246,
        "trusted": 234,
        "rejected": 6,
        "duplicates": 6,
        "elsewhere": 0,
    }
    (table,) = report["tables"]
    assert table["engine"].startswith("spark")
    assert table["engine_reason"] == "reading and writing the bucket itself"
    assert_alike(staged, own, tmp_path / "first", sail_engine)
    assert leftovers(minio_bucket, own) == []
    found = rows(tmp_path / "first" / "other", own, "Trusted")
    assert {row["file_path"] for row in found} >= {f"/{DAY}/{name}" for name in ODD_NAMES}

    for trial in (staged, own):
        with trial.store() as store:
            store.put(f"{NEXT_DAY}/filmes_001.json", json.dumps(films(7, 900)).encode())
    assert own.run(entity="movies").exit_code == 0
    went_on = direct(staged)
    assert [part["partition"] for part in went_on["tables"][0]["partitions"] if part["status"] == "published"] == [
        "ano=2025/mes=06/dia=21"
    ]
    assert_alike(staged, own, tmp_path / "second", sail_engine)
    assert leftovers(minio_bucket, staged) == []

    before = own.snapshot()
    again = direct(own)
    assert {part["status"] for part in again["tables"][0]["partitions"]} == {"unchanged"}
    assert own.snapshot() == before
    idle = BucketTrial(minio_bucket, staged.prefix, IdleEngine()).run(entity="movies")
    assert idle.exit_code == 0
    assert own.audit().exit_code == 0


@pytest.mark.slow
def test_a_file_too_large_for_a_spark_row_is_published(
    minio_bucket: str, tmp_path: Path, sail_engine: SailEngine
) -> None:
    own = BucketTrial(minio_bucket, "direct", sail_engine)
    header, line, *_ = (FIXTURES / "lake" / MOVIES_CSV).read_bytes().splitlines(keepends=True)
    number, _, others = line.partition(b"|")
    lines = 1 + LARGEST // len(line)
    with (tmp_path / "movies.csv").open("wb") as out:
        out.write(header)
        out.writelines(b"tt%0*d|%b" % (len(number) - len(b"tt"), n, others) for n in range(lines))
    assert (tmp_path / "movies.csv").stat().st_size > LARGEST
    with closing(boto3.client("s3")) as client:
        client.upload_file(str(tmp_path / "movies.csv"), minio_bucket, f"direct/{MOVIES_CSV}")
    (table,) = direct(own, source="csv")["tables"]
    assert table["counts"] == {"framed": lines, "trusted": lines, "rejected": 0, "duplicates": 0, "elsewhere": 0}
    assert leftovers(minio_bucket, own) == []


@pytest.mark.slow
@pytest.mark.parametrize("entity", ["movies", "series"])
def test_direct_and_staged_make_the_same_lake_of_csv_files(
    entity: str, minio_bucket: str, tmp_path: Path, sail_engine: SailEngine
) -> None:
    staged, own = (BucketTrial(minio_bucket, name, sail_engine) for name in ("staged", "direct"))
    for trial in (staged, own):
        trial.put_folder(FIXTURES / "lake")
    first = staged.run("csv", entity)
    assert counts(direct(own, source="csv", entity=entity)) == counts(json.loads(first.model_dump_json()))
    lakes = [trial.get_folder(tmp_path / trial.prefix) for trial in (staged, own)]
    for zone in ("Trusted", "Quarantine"):
        assert rows(lakes[0], staged, zone) == rows(lakes[1], own, zone)
    assert ledger(staged, f"local_{entity}") == ledger(own, f"local_{entity}")


LIBRARY = """
import sys
from pyspark.sql import SparkSession
sys.path.insert(0, sys.argv[1])
from trustedlake import to_trusted
spark = SparkSession.builder.getOrCreate()
names = ("fs.s3a.endpoint", "spark.sql.execution.arrow.maxRecordsPerBatch", "spark.sql.session.timeZone")
before = [spark.conf.get(name, None) for name in names]
lake = sys.argv[2]
movies = dict(input=f"{lake}/Raw/TMDB/JSON/Movies/", target=f"{lake}/Trusted/TMDB/Parquet/Movies/")
report = to_trusted(spark, source="tmdb", **movies)
(table,) = report.tables
print(report.exit_code, table.engine_reason, sum(part.counts.trusted for part in table.partitions))
assert [spark.conf.get(name, None) for name in names] == before
print(spark.range(3).count())
"""


@pytest.mark.slow
def test_the_library_reads_and_writes_with_the_session_of_the_caller(
    minio_bucket: str, tmp_path: Path, sail_engine: SailEngine
) -> None:
    trial = BucketTrial(minio_bucket, "lake", sail_engine)
    trial.put_folder(FIXTURES / "lake")
    script = tmp_path / "job.py"
    script.write_text(LIBRARY)
    source = str(Path(__file__).parents[2] / "src")
    done = submit("local[2]", source, trial.lake, folder=tmp_path, script=script)
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.splitlines()[-2:] == ["0 reading and writing the bucket itself 36", "3"]
    assert trial.audit().exit_code == 0
