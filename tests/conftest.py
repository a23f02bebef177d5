"""One Spark and one pysail for all tests that want one; nothing starts before a test asks for it."""

from __future__ import annotations

import os
import sys
from importlib.util import find_spec
from typing import TYPE_CHECKING

import pytest

from tests.support.buckets import any_bucket, bucket, minio_bucket, minio_url, moto_url  # noqa: F401 - fixtures for all

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pyspark.sql import SparkSession

    from trustedlake.adapters.engines.sail import SailEngine
    from trustedlake.adapters.engines.spark import SparkEngine


@pytest.fixture(autouse=True)
def fresh_credentials() -> Iterator[None]:
    """boto3's own session keeps the first credentials that it saw: those of another test."""
    yield
    if "boto3" in sys.modules:
        sys.modules["boto3"].DEFAULT_SESSION = None  # type: ignore[attr-defined]


@pytest.fixture(scope="session")
def spark_engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SparkEngine]:
    from trustedlake.adapters.engines.spark import SparkEngine  # noqa: PLC0415 - unit tests run without pyspark

    environ = os.environ  # noqa: TID251 - to find Java
    engine = SparkEngine(tmp_path_factory.mktemp("spark"), environ, driver_memory="1g")
    yield engine
    engine.stop()


@pytest.fixture(scope="session")
def sail_engine() -> Iterator[SailEngine]:
    from trustedlake.adapters.engines.sail import SailEngine  # noqa: PLC0415 - unit tests run without pyspark

    if find_spec("pysail") is None:
        pytest.skip("pysail is not installed")
    engine = SailEngine()
    yield engine
    engine.stop()


@pytest.fixture(scope="session")
def spark(spark_engine: SparkEngine) -> SparkSession:
    return spark_engine.session
