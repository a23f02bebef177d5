"""From Raw to Trusted in a bucket: the same rows, counts and digest as in a folder, and no work done twice."""

from __future__ import annotations

import json
import shutil
from typing import TYPE_CHECKING, Any

import pytest
from click.testing import CliRunner

from tests.support.bucket_trials import BucketTrial
from tests.support.table_contracts import KEY, column, contract_file
from tests.support.trials import FIXTURES, MOVIES, IdleEngine, Trial, film, films, only_partition
from trustedlake.adapters.spark.process_environment import environment
from trustedlake.adapters.spark.sail_engine import CONNECT
from trustedlake.app.auditing.zones import REBUILD
from trustedlake.app.publishing.checked_keys import StrayError
from trustedlake.app.trusted.job import Options
from trustedlake.core.judging.digest import digest
from trustedlake.core.judging.schema import trusted_ddl
from trustedlake.entrypoints.cli.main import main
from trustedlake.entrypoints.lake import compose
from trustedlake.models.built_in import CONTRACTS
from trustedlake.simulators.tmdb import TmdbSimulator

if TYPE_CHECKING:
    from pathlib import Path

    from trustedlake.adapters.spark.sail_engine import SailEngine
    from trustedlake.models.report import RunReport

SOURCES = ("tmdb", "csv")
DAY = f"{MOVIES}/2025/06/17/filmes_001.json"


def counts(report: RunReport) -> dict[tuple[str, str], dict[str, int]]:
    return {(t.table, p.partition): p.counts.model_dump() for t in report.tables for p in t.partitions}


def digests(lake: Path, engine: SailEngine) -> dict[str, Any]:
    """Of each Trusted table of a lake in a folder."""
    found = {}
    for table, contract in CONTRACTS.items():
        zone, entity = ("TMDB" if table.startswith("tmdb") else "Local"), table.rpartition("_")[2].capitalize()
        folder = lake / "Trusted" / zone / "Parquet" / entity
        if folder.is_dir():
            with environment(CONNECT):
                rows = engine.session.read.schema(trusted_ddl(contract)).parquet(str(folder))
                found[table] = digest(rows, contract).collect()[0].asDict()
    return found


def test_the_fixture_lake_gives_the_same_result_in_a_bucket_as_in_a_folder(
    any_bucket: str, tmp_path: Path, sail_engine: SailEngine
) -> None:
    local = Trial(tmp_path / "lake", sail_engine)
    shutil.copytree(FIXTURES / "lake", local.lake)
    remote = BucketTrial(any_bucket, "um lago/1", sail_engine)
    remote.put_folder(FIXTURES / "lake")
    for source in SOURCES:
        here, there = local.run(source), remote.run(source)
        assert (there.exit_code, counts(there)) == (here.exit_code, counts(here))
        assert not [table.message for table in there.tables if table.message]
    copy = remote.get_folder(tmp_path / "copy")
    assert digests(copy, sail_engine) == digests(local.lake, sail_engine)
    assert len(digests(copy, sail_engine)) == 4

    before = remote.snapshot()
    assert not [key for key in before if key.startswith(("_trustedlake/staging", "_trustedlake/journal"))]
    for source in SOURCES:
        again = BucketTrial(any_bucket, "um lago/1", IdleEngine()).run(source)
        assert {str(p.status) for t in again.tables for p in t.partitions} == {"unchanged"}
    assert remote.snapshot() == before

    audited = remote.audit()
    assert (audited.exit_code, len(audited.tables), [t.findings for t in audited.tables]) == (0, 4, [()] * 4)
    refused = remote.refused()
    assert len(refused) == len(local.refused())
    for record, exact in refused:
        assert record.file_path.startswith(f"{remote.lake}/Raw/")
        if not record.file_path.endswith(".gz"):
            assert exact in before[record.file_path.removeprefix(f"{remote.lake}/")]


def test_films_go_from_tmdb_to_trusted_in_a_bucket(
    bucket: str, sail_engine: SailEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    lake = f"s3a://{bucket}/tmdb"
    with TmdbSimulator(films=160) as sim:
        monkeypatch.setenv("TMDB_TOKEN", sim.token)
        arguments = ["ingest-tmdb", "--tmdb-url", sim.url, "--rate", "0", "--batch", "40", "--lake", lake, "--json"]
        done = CliRunner().invoke(main, arguments, standalone_mode=False)
        assert done.return_value == 0, done.output
        certificate = json.loads(done.output)
        calls = len(sim.calls)
        again = CliRunner().invoke(main, arguments, standalone_mode=False)
        assert (again.return_value, len(sim.calls) - calls) == (0, 0)
    trial = BucketTrial(bucket, "tmdb", sail_engine)
    table = trial.run().tables[0]
    assert certificate["got"] > 0
    assert sum(part.counts.trusted for part in table.partitions) == certificate["got"]
    rows = [row for key, data in trial.snapshot().items() if key.startswith("Raw/") for row in json.loads(data)]
    assert len(rows) == certificate["got"]


def test_trusted_follows_changes_in_raw_and_a_refused_day_keeps_its_rows(bucket: str, sail_engine: SailEngine) -> None:
    trial = BucketTrial(bucket, "", sail_engine)
    with trial.store() as store:
        store.put(DAY, json.dumps(films(3)).encode())
        assert only_partition(trial.run()).counts.trusted == 3
        store.put(DAY, json.dumps(films(5)).encode())
        assert only_partition(trial.run()).counts.trusted == 5
        key = "Trusted/TMDB/Parquet/Movies/ano=2025/mes=06/dia=17/part-00000.parquet"
        good = store.read(key)
        store.put(DAY, b"<html>")
        refused = trial.run()
        assert (refused.exit_code, store.read(key)) == (3, good)
        assert [(record.failed, exact) for record, exact in trial.refused()] == [(True, b"<html>")]
        store.put(key, b"by hand")
        store.put(DAY, json.dumps(films(5)).encode())
        assert trial.run().exit_code == 0
        assert trial.audit().exit_code == 0
        store.put(key.replace("mes=06", "mes=6"), good)
        assert "twin partitions" in trial.run().tables[0].message
        assert trial.run(full_refresh=True).exit_code == 0
        assert store.head(key.replace("mes=06", "mes=6")) is None


def test_a_table_with_its_own_input_and_target_is_published(bucket: str, sail_engine: SailEngine) -> None:
    trial = BucketTrial(bucket, "lake", sail_engine)
    with BucketTrial(bucket, "", sail_engine).store() as store:
        store.put("drop + é/2025/06/17/a b.json", json.dumps([*films(3), {"id": 0, "title": "none"}]).encode())
        place = compose.Place(inputs=(f"s3://{bucket}/drop + é",), target=f"s3://{bucket}/lake/trusted/movies")
        assert only_partition(trial.run(entity="movies", place=place)).counts.trusted == 3
        assert [info.key for info in store.list("lake/trusted")] == [
            "lake/trusted/movies/ano=2025/mes=06/dia=17/part-00000.parquet"
        ]
    ((record, exact),) = trial.refused_of(place)
    assert record.file_path == f"s3://{bucket}/drop + é/2025/06/17/a b.json"
    assert json.loads(exact)["id"] == 0
    assert trial.audit(place=place).exit_code == 0
    with pytest.raises(StrayError, match="a ledger can't point outside it") as outside:
        trial.audit()
    assert f"--input 's3://{bucket}/drop + é'" in outside.value.hint


def test_following_the_hint_repairs_damage_in_a_bucket(
    any_bucket: str, tmp_path: Path, sail_engine: SailEngine
) -> None:
    trial = BucketTrial(any_bucket, "damaged", sail_engine)
    local = Trial(tmp_path, sail_engine)
    local.put(DAY, [*films(3), film(4, title="")])
    trial.put_folder(tmp_path)
    assert trial.run(entity="movies").exit_code == 0
    before = trial.snapshot()
    data = {key: body for key, body in before.items() if key.startswith(("Trusted/", "Quarantine/"))}
    assert len(data) == 2
    with trial.store() as store:
        for key, body in data.items():
            store.put(key, body[:99] + bytes([body[99] ^ 1]) + body[100:])
    assert {finding.hint for finding in trial.audit().tables[0].findings} == {REBUILD}
    assert trial.run(entity="movies").exit_code == 0
    assert trial.audit().exit_code == 0
    with trial.store() as store:
        for key in data:
            store.delete(key)
    assert {finding.hint for finding in trial.audit().tables[0].findings} == {REBUILD}
    assert trial.run(entity="movies").exit_code == 0
    assert trial.audit().exit_code == 0


def test_two_tables_share_one_folder_of_a_bucket(bucket: str, tmp_path: Path, sail_engine: SailEngine) -> None:
    """Each takes its records by `where` and `one_of` and counts the other's; records of neither table are named."""
    local = Trial(tmp_path / "lake", sail_engine)
    raw = {"path": "Raw/Mixed/{ano:04d}/{mes:02d}/{dia:02d}", "format": "json"}
    title = column("title_id", "integer", synonyms=["id"], **KEY), column("title")
    person = column("person_id", "integer", synonyms=["id"], **KEY), column("birthday", "date")
    local.put("contracts/titles.odcs.yaml", contract_file("titles", title, **raw, where={"kind": ["title", None]}))
    local.put("contracts/people.odcs.yaml", contract_file("people", person, **raw, one_of=["birthday"]))
    titles = [{"kind": "title", "id": number, "title": f"T{number}"} for number in (1, 2)]
    people = [{"kind": "person", "id": number, "birthday": "1990-01-01"} for number in (7, 8, 9)]
    local.put("Raw/Mixed/2025/06/17/a.json", [*titles, *people, {"kind": "place", "id": 20}])
    local.put("Raw/Mixed/2025/06/18/b.json", people)
    remote = BucketTrial(bucket, "lake", sail_engine)
    remote.put_folder(local.lake)
    with compose.home(compose.Place(lake=remote.lake), engine=sail_engine) as home:
        report = home.to_trusted(compose.Asked(("titles", "people")), Options())
    assert report.exit_code == 0, [table.message for table in report.tables]
    assert {table.table: table.counts.model_dump() for table in report.tables} == {
        "titles": {"framed": 9, "trusted": 2, "rejected": 0, "duplicates": 0, "elsewhere": 7},
        "people": {"framed": 9, "trusted": 6, "rejected": 1, "duplicates": 0, "elsewhere": 2},
    }
    found = Trial(remote.get_folder(tmp_path / "copy"), sail_engine)
    assert [row["title_id"] for row in found.rows("Trusted/titles")] == [1, 2]
    assert [(row["person_id"], row["dia"]) for row in found.rows("Trusted/people")] == [
        *((number, "17") for number in (7, 8, 9)),
        *((number, "18") for number in (7, 8, 9)),
    ]
    audited = remote.audit()
    untaken = {f"{remote.lake}/Raw/Mixed/2025/06/17/a.json": 1}
    assert (audited.exit_code, audited.untaken_records, audited.untaken_files) == (0, untaken, ())
    assert {table.table: table.counts.elsewhere for table in audited.tables} == {"titles": 7, "people": 2}
    with remote.store() as store:
        changed = contract_file("people", person, **raw, one_of=["birthday", "name"])
        store.put("contracts/people.odcs.yaml", changed)
    with compose.home(compose.Place(lake=remote.lake), engine=sail_engine) as home:
        planned = home.to_trusted(compose.Asked(("titles",)), Options(dry_run=True))
    assert [part.message for part in planned.tables[0].partitions] == ["contract"] * 2, "another table takes other ones"
