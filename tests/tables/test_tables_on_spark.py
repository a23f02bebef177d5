"""The same tables through the library on a Spark session, read by Spark with the catalog statements."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.support.own_tables import NAMES, Published, assert_rows, expected, lay_out, rows_of, run_on_all
from tests.support.trials import SailEngine, Trial
from trustedlake import digest, to_trusted
from trustedlake.core.cataloging.ddl import spark_database
from trustedlake.core.judging.schema import trusted_ddl

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pyspark.sql import SparkSession

DATABASE = spark_database("filmes-db")
LINEAGE = {"rescued": "map<string,string>", "file_path": "string", "record_index": "int"}


def digests(spark: SparkSession, published: Published) -> dict[str, Any]:
    """Of each table its digest, by Spark."""
    found = {}
    for name, contract in published.contracts.items():
        table = spark.read.schema(trusted_ddl(contract)).parquet(str(published.lake / contract.trusted))
        found[name] = digest(table, contract).collect()[0].asDict()
    return found


@pytest.fixture(scope="module")
def by_library(spark: SparkSession, tmp_path_factory: pytest.TempPathFactory) -> Published:
    lake = tmp_path_factory.mktemp("by-library") / "my lake"
    lay_out(lake)
    report = to_trusted(spark, table=NAMES, lake=lake)
    return Published(lake, {table.table: table.model_dump() for table in report.tables})


@pytest.fixture(scope="module")
def catalog(spark: SparkSession, by_library: Published) -> Iterator[SparkSession]:
    """The session after the statements of `catalog --ddl spark`; the tables are forgotten afterwards."""
    for statement in run_on_all("catalog", "--ddl", "spark", lake=by_library.lake).split(";\n"):
        if statement.strip():
            spark.sql(statement)
    yield spark
    spark.sql(f"DROP DATABASE {DATABASE} CASCADE")


@pytest.mark.parametrize("name", NAMES)
def test_the_library_writes_rows_that_spark_reads_through_the_catalog_statements(
    catalog: SparkSession, by_library: Published, name: str
) -> None:
    assert by_library.report[name]["counts"] == expected(name).counts
    table = catalog.table(f"{DATABASE}.{name}")
    assert dict(table.dtypes) == expected(name).types | LINEAGE
    assert_rows(rows_of(table.toArrow()), name)


def test_the_library_and_the_command_give_the_same_digests(
    spark: SparkSession, by_library: Published, by_command: Published
) -> None:
    found = digests(spark, by_library)
    assert found == digests(spark, by_command)
    assert {name: told["rows"] for name, told in found.items()} == {name: len(expected(name).rows) for name in NAMES}


def test_a_command_after_the_library_finds_nothing_to_do_and_nothing_wrong(by_library: Published) -> None:
    trial = Trial(by_library.lake, SailEngine())
    before = trial.snapshot()
    assert "nothing changed: every raw file is published" in run_on_all("to-trusted", lake=by_library.lake)
    assert trial.snapshot() == before
    run_on_all("audit", lake=by_library.lake)
