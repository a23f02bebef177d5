"""Every engine in turn, for tables of cases that must come out alike."""

from __future__ import annotations

from contextlib import nullcontext
from typing import TYPE_CHECKING

import pytest

from trustedlake.adapters.spark.local_spark import interpreted
from trustedlake.adapters.spark.process_environment import environment
from trustedlake.adapters.spark.sail_engine import CONNECT, SailEngine

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pyspark.sql import SparkSession

ANSI = "spark.sql.ansi.enabled"


# Without ANSI is how Spark 3.5 is by itself: there `make test-spark35` runs both ways.
@pytest.fixture(params=["spark", pytest.param("spark without ansi", marks=pytest.mark.slow), "pysail"])
def session(request: pytest.FixtureRequest) -> Iterator[SparkSession]:
    if request.param == "pysail":
        engine: SailEngine = request.getfixturevalue("sail_engine")
        connected = engine.session
        with environment(CONNECT):
            yield connected
        return
    classic: SparkSession = request.getfixturevalue("spark")
    before = classic.conf.get(ANSI)
    classic.conf.set(ANSI, "true" if request.param == "spark" else "false")
    # As a run judges few records: Spark takes longer to compile a new plan than to run it over a few rows.
    with interpreted(classic) if request.node.get_closest_marker("interpreted") else nullcontext():
        yield classic
    classic.conf.set(ANSI, str(before))
