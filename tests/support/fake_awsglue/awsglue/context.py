"""The context that Glue puts around Spark's."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pyspark.sql import SparkSession

if TYPE_CHECKING:
    from pyspark import SparkContext


class GlueContext:
    """Gives the session that Glue configured."""

    def __init__(self, spark_context: SparkContext) -> None:
        self.spark_context = spark_context
        self.spark_session = SparkSession.builder.getOrCreate()
