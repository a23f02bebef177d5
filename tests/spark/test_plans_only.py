"""The core only builds plans, with what Spark, Spark Connect and pysail all have."""

from __future__ import annotations

import ast
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.support.frames import films, framed, framed_row
from trustedlake.core.judging.digest import digest
from trustedlake.core.judging.schema import to_columns
from trustedlake.core.judging.verdict import judge
from trustedlake.models.built_in import CONTRACTS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pyspark.sql import DataFrame, SparkSession

PACKAGE = Path(__file__).parents[2] / "src" / "trustedlake"
MODULES = sorted(
    path
    for folder in ("core", "types")
    for path in (PACKAGE / folder).rglob("*.py")
    if "pyspark.sql import functions" in path.read_text()
)

NOT_PORTABLE = {
    "rdd", "sparkContext", "_jvm", "_jdf", "_sc", "udf", "pandas_udf", "udtf", "input_file_name", "observe",
    "_metadata", "monotonically_increasing_id", "spark_partition_id", "zip_with", "map_zip_with", "transform_values",
    "try_to_date", "to_date", "from_csv", "inferSchema", "schema_of_json", "SparkSession",
}  # fmt: skip
ACTIONS = {
    "cache", "persist", "checkpoint", "localCheckpoint", "collect", "count", "show", "take", "head", "first",
    "toPandas", "toArrow", "foreach", "foreachPartition", "toLocalIterator", "isEmpty", "write", "writeTo",
}  # fmt: skip
HARMLESS_CASTS = {"'string'", "'array<string>'", "'decimal(38,0)'"}


def test_the_dataframe_half_of_the_core_was_found() -> None:
    names = {path.stem for path in MODULES}
    assert names >= {"schema", "rules", "verdict", "digest", "base", "array"}


@pytest.mark.parametrize("module", MODULES, ids=lambda path: path.stem)
def test_the_core_uses_only_what_all_engines_have_and_runs_no_action(module: Path) -> None:
    assert sorted(_suspects(ast.parse(module.read_text()))) == []


@pytest.mark.parametrize(
    "code",
    [
        "frame.rdd.map(f)",
        "F.udf(f)",
        "frame.cache()",
        "rows = frame.count()",
        "F.expr('input_file_name()')",
        "frame.select('_metadata.file_path')",
        "from pyspark.sql.functions import zip_with",
        "frame.select(F.col('x').cast('int'))",
    ],
)
def test_the_check_finds_forbidden_calls(code: str) -> None:
    assert list(_suspects(ast.parse(code)))


def _suspects(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute):
            # `F.count` is an aggregate; `frame.count` runs.
            of_functions = isinstance(node.value, ast.Name) and node.value.id == "F"
            if node.attr in NOT_PORTABLE or (node.attr in ACTIONS and not of_functions):
                yield f"line {node.lineno}: .{node.attr}"
        elif isinstance(node, ast.ImportFrom):
            yield from (f"line {node.lineno}: import {name.name}" for name in node.names if name.name in NOT_PORTABLE)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            words = node.value.replace("(", " ").replace(".", " ").split()
            yield from (f"line {node.lineno}: {word!r}" for word in NOT_PORTABLE.intersection(words))
        elif isinstance(node, ast.Call) and ast.unparse(node.func).endswith(".cast"):
            # Of a text it dies or wraps; of a literal, and to these types, it can't fail.
            literal = ast.unparse(node.func).startswith("F.lit(")
            own = ast.unparse(node.func).endswith(".kind.cast")  # a column type's, which is looked at itself
            arrows = ast.unparse(node.args[0]).startswith(("self.arrow", "pa."))  # raises, and never wraps
            if not literal and not own and not arrows and ast.unparse(node.args[0]) not in HARMLESS_CASTS:
                yield f"line {node.lineno}: {ast.unparse(node)}"


@pytest.mark.parametrize("table", ["tmdb_movies", "local_movies"])
def test_building_the_plans_starts_no_job(spark: SparkSession, table: str) -> None:
    contract = CONTRACTS[table]
    records = films(spark, contract, [{}]) if contract.partitioned else _lines(spark)
    tracker = spark.sparkContext.statusTracker()
    spark.sparkContext.setJobGroup(f"plans of {table}", "")
    try:
        verdicts = judge(to_columns(records, contract), contract)
        plans = [*verdicts, digest(verdicts.trusted, contract)]
        assert list(tracker.getJobIdsForGroup(f"plans of {table}")) == []

        plans[-1].collect()
        assert list(tracker.getJobIdsForGroup(f"plans of {table}")) != []
    finally:
        spark.sparkContext.setJobGroup("", "")


def test_judging_shuffles_once(spark: SparkSession) -> None:
    for contract, records in ((CONTRACTS["tmdb_movies"], None), (CONTRACTS["local_movies"], _lines(spark))):
        rows = records or films(spark, contract, [{}])
        plan = judge(to_columns(rows, contract), contract, shuffle_partitions=3).trusted
        executed = plan._jdf.queryExecution().executedPlan().toString()
        assert executed.count("Exchange") - executed.count("ReusedExchange") == 1
        assert "Exchange hashpartitioning" in executed


def test_the_trusted_plan_does_not_carry_the_raw_text(spark: SparkSession, tmp_path: Path) -> None:
    contract = CONTRACTS["tmdb_movies"]
    films(spark, contract, [{}]).write.parquet(f"file://{tmp_path}/framed")
    records = spark.read.parquet(f"file://{tmp_path}/framed")

    plan = judge(to_columns(records, contract), contract).trusted._jdf.queryExecution().executedPlan().toString()

    assert "raw#" not in plan


def _lines(spark: SparkSession) -> DataFrame:
    return framed(spark, CONTRACTS["local_movies"], [framed_row(CONTRACTS["local_movies"], {"id": "tt1"})])
