"""Registering tables in Glue: it writes only differences, keeps what others added, and survives concurrent writers."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from botocore.stub import Stubber

from tests.support.strict_glue import StrictGlue, refused, strict_glue  # noqa: F401 - a fixture
from trustedlake.adapters.aws.glue_catalog import GlueCatalog
from trustedlake.app.cataloging import register
from trustedlake.errors import ConfigError, ConflictError, FatalRemoteError, RetriableError
from trustedlake.models.built_in import CONTRACTS
from trustedlake.models.catalog import CatalogColumn, CatalogPartition, Registration, RegistrationStatus
from trustedlake.models.ledger import PublishedFile, PublishedTable

if TYPE_CHECKING:
    from collections.abc import Sequence

DATABASE = "filmes-db"
LOCATION = "s3://bucket/lake/Trusted/TMDB/Parquet/Movies/"
DAYS = [f"ano={2024 + number // 336}/mes={number // 28 % 12 + 1:02}/dia={number % 28 + 1:02}" for number in range(250)]


@pytest.fixture
def glue(strict_glue: StrictGlue) -> StrictGlue:  # noqa: F811 - a fixture
    GlueCatalog(strict_glue, DATABASE).ensure_database()
    strict_glue.calls.clear()
    return strict_glue


def published(days: Sequence[str], table: str = "tmdb_movies") -> PublishedTable:
    file = PublishedFile(key="part-00000.parquet", size=1, rows=1, sha256="")
    return PublishedTable(contract=CONTRACTS[table], folder="", partitions=dict.fromkeys(days, (file,)))


def apply(
    glue: StrictGlue,
    days: Sequence[str] = DAYS[:2],
    *,
    table: str = "tmdb_movies",
    location: str = LOCATION,
    projection: bool | None = None,
) -> Registration:
    return register(GlueCatalog(glue, DATABASE), published(days, table), location, projection=projection)


def entry(glue: StrictGlue, table: str = "tmdb_movies") -> dict[str, Any]:
    found: dict[str, Any] = glue.get_table(DatabaseName=DATABASE, Name=table)["Table"]
    return found


def change(glue: StrictGlue, **changes: Any) -> None:
    """What someone else does to the entry by hand."""
    before = {key: value for key, value in entry(glue).items() if key in {"Name", "TableType", "PartitionKeys"}}
    now = {"StorageDescriptor": entry(glue)["StorageDescriptor"], "Parameters": entry(glue)["Parameters"], **changes}
    glue.update_table(DatabaseName=DATABASE, TableInput={**before, **now})


def values(glue: StrictGlue, table: str = "tmdb_movies") -> list[str]:
    return ["/".join(one.values) for one in GlueCatalog(glue, DATABASE).partitions(table)]


def test_the_database_is_created_once(strict_glue: StrictGlue) -> None:  # noqa: F811 - a fixture
    catalog = GlueCatalog(strict_glue, DATABASE)
    assert catalog.table("tmdb_movies") is None
    assert catalog.partitions("tmdb_movies") == []
    catalog.ensure_database()
    catalog.ensure_database()
    assert strict_glue.calls.count("create_database") == 1


@pytest.mark.parametrize("table", list(CONTRACTS))
def test_a_table_is_registered_as_its_contract_describes_it(glue: StrictGlue, table: str) -> None:
    contract = CONTRACTS[table]
    done = apply(glue, DAYS[:2] if contract.partitioned else [""], table=table)
    assert (done.status, done.added) == (RegistrationStatus.CREATED, 2 if contract.partitioned else 0)
    found = entry(glue, table)
    assert found["TableType"] == "EXTERNAL_TABLE"
    assert found["Parameters"]["classification"] == "parquet"
    assert found["StorageDescriptor"]["Location"] == LOCATION
    assert found["StorageDescriptor"]["SerdeInfo"]["SerializationLibrary"].endswith("ParquetHiveSerDe")
    assert found["StorageDescriptor"]["InputFormat"].endswith("MapredParquetInputFormat")
    columns = {one["Name"]: (one["Type"], one["Comment"]) for one in found["StorageDescriptor"]["Columns"]}
    for column in contract.columns:
        assert columns.pop(column.name.lower()) == (str(column.type), column.description)
    assert set(columns) == {"rescued", "file_path", "record_index"}
    keys = [(one["Name"], one["Type"]) for one in found["PartitionKeys"]]
    assert keys == ([("ano", "string"), ("mes", "string"), ("dia", "string")] if contract.partitioned else [])
    if contract.partitioned:
        got = glue.get_partition(DatabaseName=DATABASE, TableName=table, PartitionValues=["2024", "01", "02"])
        assert got["Partition"]["StorageDescriptor"]["Location"] == f"{LOCATION}{DAYS[1]}/"


def test_registering_again_writes_nothing(glue: StrictGlue) -> None:
    apply(glue, DAYS)
    before = entry(glue)
    glue.calls.clear()
    done = apply(glue, DAYS)
    assert (done.status, done.added, done.updated, done.removed) == (RegistrationStatus.UNCHANGED, 0, 0, 0)
    assert glue.writes == []
    assert entry(glue) == before


def test_partitions_are_sent_a_hundred_at_a_time_and_read_in_pages(glue: StrictGlue) -> None:
    assert apply(glue, DAYS).added == 250
    assert glue.calls.count("batch_create_partition") == 3
    assert len(values(glue)) == len(set(values(glue))) == 250
    assert apply(glue, DAYS[100:]).removed == 100
    assert glue.calls.count("batch_delete_partition") == 4
    assert len(values(glue)) == 150


def test_registering_updates_differences_and_keeps_what_other_tools_added(glue: StrictGlue) -> None:
    apply(glue)
    descriptor = entry(glue)["StorageDescriptor"]
    columns = [
        {**one, "Type": "string"} if one["Name"] == "movie_id" else {**one, "Parameters": {"by": "hand"}}
        for one in descriptor["Columns"]
    ]
    columns.append({"Name": "mine", "Type": "int"})
    parameters = {**entry(glue)["Parameters"], "owner_team": "films", "classification": "csv"}
    change(glue, Owner="me", Parameters=parameters, StorageDescriptor={**descriptor, "Columns": columns})
    done = apply(glue)
    assert done.status == RegistrationStatus.UPDATED
    found = entry(glue)
    now = {one["Name"]: one for one in found["StorageDescriptor"]["Columns"]}
    assert now["movie_id"]["Type"] == "bigint"
    assert now["title"]["Parameters"] == {"by": "hand"}
    assert list(now)[-1] == "mine"
    assert (found["Owner"], found["Parameters"]["owner_team"]) == ("me", "films")
    assert found["Parameters"]["classification"] == "parquet"
    assert apply(glue).status == RegistrationStatus.UNCHANGED


def test_registering_keeps_foreign_partitions_and_corrects_moved_ones(glue: StrictGlue) -> None:
    apply(glue)
    theirs = {"Values": ["2025", "6", "17"], "StorageDescriptor": {"Columns": [], "Location": "s3://bucket/elsewhere"}}
    glue.batch_create_partition(DatabaseName=DATABASE, TableName="tmdb_movies", PartitionInputList=[theirs])
    moved = apply(glue, DAYS[1:3], location="s3://other/Movies")
    assert (moved.status, moved.added, moved.updated, moved.removed) == (RegistrationStatus.UPDATED, 1, 1, 1)
    assert sorted(values(glue)) == ["2024/01/02", "2024/01/03", "2025/6/17"]
    got = glue.get_partition(DatabaseName=DATABASE, TableName="tmdb_movies", PartitionValues=["2024", "01", "02"])
    assert got["Partition"]["StorageDescriptor"]["Location"] == f"s3://other/Movies/{DAYS[1]}/"


def test_a_foreign_table_is_taken_over_only_if_it_describes_the_same_files(glue: StrictGlue) -> None:
    crawled = {
        "Name": "tmdb_movies",
        "PartitionKeys": [{"Name": name, "Type": "string"} for name in ("ano", "mes", "dia")],
        "StorageDescriptor": {"Columns": [{"Name": "movie_id", "Type": "string"}], "Location": LOCATION.rstrip("/")},
        "Parameters": {"CrawlerSchemaDeserializerVersion": "1.0"},
    }
    glue.create_table(DatabaseName=DATABASE, TableInput=crawled)
    with pytest.raises(ConfigError, match="that trustedlake did not make"):
        apply(glue, location="s3://other/Movies")
    assert apply(glue).status == RegistrationStatus.UPDATED
    assert entry(glue)["Parameters"]["CrawlerSchemaDeserializerVersion"] == "1.0"
    keys = [{"Name": name, "Type": "int"} for name in ("ano", "mes", "dia")]
    change(glue, PartitionKeys=keys)
    with pytest.raises(ConfigError, match="partitioned by ano int, mes int, dia int"):
        apply(glue)


def test_a_projection_replaces_partitions_until_it_is_switched_off(glue: StrictGlue) -> None:
    done = apply(glue, ["ano=2019/mes=06/dia=17"], projection=True)
    assert (done.added, values(glue)) == (0, [])
    parameters = entry(glue)["Parameters"]
    assert parameters["projection.enabled"] == "true"
    assert parameters["projection.ano.range"] == "2019,2040"
    assert parameters["storage.location.template"] == f"{LOCATION}ano=${{ano}}/mes=${{mes}}/dia=${{dia}}/"
    assert apply(glue, ["ano=2019/mes=06/dia=17"]).status == RegistrationStatus.UNCHANGED, "as it is registered"
    for theirs, then in [("2000,2050", "2000,2050"), ("2020,2050", "2019,2040"), ("2000,NOW", "2019,2040")]:
        change(glue, Parameters={**entry(glue)["Parameters"], "projection.ano.range": theirs})
        apply(glue, ["ano=2019/mes=06/dia=17"])
        assert entry(glue)["Parameters"]["projection.ano.range"] == then, "a range of theirs that contains ours stays"
    assert apply(glue, projection=False).added == 2
    assert not [key for key in entry(glue)["Parameters"] if key.startswith(("projection", "storage"))]


@pytest.mark.parametrize("operation", ["create_table", "update_table"])
def test_the_second_writer_starts_from_what_the_first_wrote(glue: StrictGlue, operation: str) -> None:
    if operation == "update_table":
        apply(glue)
        change(glue, Parameters={**entry(glue)["Parameters"], "classification": "csv"})
    mine = [*entry(glue)["StorageDescriptor"]["Columns"]] if operation == "update_table" else []

    def meanwhile() -> None:
        if operation == "create_table":
            apply(glue)
        columns = [*(mine or entry(glue)["StorageDescriptor"]["Columns"]), {"Name": "mine", "Type": "int"}]
        change(glue, StorageDescriptor={**entry(glue)["StorageDescriptor"], "Columns": columns})

    glue.before[operation] = meanwhile
    apply(glue)
    found = entry(glue)
    assert found["StorageDescriptor"]["Columns"][-1]["Name"] == "mine", "what another program wrote is not overwritten"
    assert found["Parameters"]["classification"] == "parquet"


def test_eight_concurrent_registrations_end_as_one(glue: StrictGlue) -> None:
    with ThreadPoolExecutor(8) as pool:
        done = list(pool.map(lambda _: apply(glue, DAYS[:120]), range(8)))
    assert [one.status for one in done].count(RegistrationStatus.CREATED) == 1
    assert len(values(glue)) == len(set(values(glue))) == 120
    assert apply(glue, DAYS[:120]).status == RegistrationStatus.UNCHANGED


def test_registering_gives_up_on_an_entry_that_someone_else_keeps_changing(glue: StrictGlue) -> None:
    apply(glue)
    change(glue, Parameters={})

    class Busy(GlueCatalog):
        def replace(self, *given: Any, **named: Any) -> None:
            change(glue, Parameters={"n": str(len(glue.calls))})
            super().replace(*given, **named)

    with pytest.raises(ConflictError, match="tmdb_movies: someone else wrote it first"):
        register(Busy(glue, DATABASE), published(DAYS[:2]), LOCATION, projection=None)


def test_an_entry_with_a_newer_version_is_not_replaced(glue: StrictGlue) -> None:
    apply(glue)
    catalog = GlueCatalog(glue, DATABASE)
    found = catalog.table("tmdb_movies")
    assert found is not None
    other = found.table.model_copy(update={"columns": (*found.table.columns, CatalogColumn(name="x", type="int"))})
    catalog.replace(other, version=found.version)
    with pytest.raises(ConflictError):
        catalog.replace(found.table, version=found.version)
    with pytest.raises(ConflictError):
        catalog.create(found.table)


@pytest.mark.parametrize(
    ("code", "error", "hint"),
    [
        ("AccessDeniedException", FatalRemoteError, "glue:GetDatabase"),
        ("ThrottlingException", RetriableError, "run again"),
        ("InternalServiceException", RetriableError, "run again"),
        ("ConcurrentModificationException", ConflictError, "run again"),
        ("ExpiredTokenException", FatalRemoteError, "sign in"),
        ("GlueEncryptionException", FatalRemoteError, "explains"),
    ],
)
def test_a_refusal_by_glue_comes_with_a_hint(glue: StrictGlue, code: str, error: type[Exception], hint: str) -> None:
    def refuse() -> None:
        raise refused(code, "GetTable", "so it is")

    glue.before["get_table"] = refuse
    with pytest.raises(error, match="filmes-db") as caught:
        GlueCatalog(glue, DATABASE).table("tmdb_movies")
    assert hint in caught.value.hint  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        ("AlreadyExistsException", None),
        ("InternalServiceException", RetriableError),
        ("InvalidInput", FatalRemoteError),
    ],
)
def test_a_single_partition_refused_by_glue_is_named(code: str, kind: type[Exception] | None) -> None:
    client = boto3.client("glue", region_name="us-east-1")
    detail = {"ErrorCode": code, "ErrorMessage": "not this one"}
    answer = {"Errors": [{"PartitionValues": ["2025", "06", "17"], "ErrorDetail": detail}]}
    day = CatalogPartition(values=("2025", "06", "17"), location=LOCATION)
    with Stubber(client) as stub:
        stub.add_response("batch_create_partition", answer)
        if kind is None:
            GlueCatalog(client, DATABASE).add("tmdb_movies", [day])
            return
        with pytest.raises(kind, match=f"filmes-db.tmdb_movies: 2025/06/17: {code}: not this one"):
            GlueCatalog(client, DATABASE).add("tmdb_movies", [day])
