"""One Spark, one pysail for all tests of the DataFrame core."""

from __future__ import annotations

import os
from importlib.util import find_spec
from typing import TYPE_CHECKING

import pytest

from trustedlake.adapters.process_environment import environment
from trustedlake.adapters.sail import CONNECT, SailEngine
from trustedlake.adapters.spark import SparkEngine

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pyspark.sql import SparkSession

ANSI = "spark.sql.ansi.enabled"


@pytest.fixture(scope="session")
def spark_engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SparkEngine]:
    engine = SparkEngine(tmp_path_factory.mktemp("spark"), os.environ, driver_memory="1g")  # noqa: TID251 - to find Java
    yield engine
    engine.stop()


@pytest.fixture(scope="session")
def sail_engine() -> Iterator[SailEngine]:
    if find_spec("pysail") is None:
        pytest.skip("pysail is not installed")
    engine = SailEngine()
    yield engine
    engine.stop()


@pytest.fixture(scope="session")
def spark(spark_engine: SparkEngine) -> SparkSession:
    return spark_engine.session


@pytest.fixture(params=["spark", "spark without ansi", "pysail"])
def session(request: pytest.FixtureRequest) -> Iterator[SparkSession]:
    """Every engine in turn, for tables of cases that must come out alike."""
    if request.param == "pysail":
        engine: SailEngine = request.getfixturevalue("sail_engine")
        connected = engine.session
        with environment(CONNECT):
            yield connected
        return
    classic: SparkSession = request.getfixturevalue("spark")
    before = classic.conf.get(ANSI)
    classic.conf.set(ANSI, "true" if request.param == "spark" else "false")
    yield classic
    classic.conf.set(ANSI, str(before))
