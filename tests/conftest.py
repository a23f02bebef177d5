"""Which tests `make test` runs, and one Spark and one pysail for all tests, started when a test needs them."""

from __future__ import annotations

import os
import signal
import sys
from fnmatch import fnmatch
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

import pytest

from tests.support.buckets import any_bucket, bucket, minio_bucket, minio_url, moto_url  # noqa: F401 - fixtures for all
from tests.support.quick_java import quick_java

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pyspark.sql import SparkSession

    from trustedlake.adapters.spark.sail_engine import SailEngine
    from trustedlake.adapters.spark.spark_engine import SparkEngine

REST = (
    "tests/contract/test_catalog_check.py",
    "tests/contract/*s3*",
    "tests/contract/*_in_bucket.py",
    "tests/contract/test_odd_answers.py",
    "tests/deploy/*",
    "tests/e2e/*bucket*",
    "tests/e2e/*cluster*",
    "tests/e2e/test_bare_install.py",
    "tests/e2e/test_benchmarks.py",
    "tests/e2e/test_catalog_command.py",
    "tests/e2e/test_cli_script.py",
    "tests/e2e/test_direct.py",
    "tests/e2e/test_hostile_environment.py",
    "tests/e2e/test_ingest_command.py",
    "tests/e2e/test_lambda_zip.py",
    "tests/e2e/test_other_spark.py",
    "tests/e2e/test_page_in_browser.py",
    "tests/e2e/test_parity.py",
    "tests/e2e/test_query_command.py",
    "tests/e2e/test_single_writer.py",
    "tests/e2e/test_three_readers.py",
    "tests/runs/*at_once*",
    "tests/runs/*bucket*",
    "tests/runs/*ctrl_c*",
    "tests/runs/*disk_full*",
    "tests/runs/*stopped*",
    "tests/runs/test_faulty_engines.py",
    "tests/runs/test_first_week.py",
    "tests/runs/test_ingest_lambda.py",
    "tests/runs/test_odd_answers.py",
    "tests/runs/test_properties.py",
    "tests/spark/*",
    "tests/tables/*_on_spark.py",
    "tests/unit/test_framing_properties.py",
    "tests/unit/test_linear_time.py",
    "tests/*/*_kill*",
)
"""Files that `make test` skips, since they take long or need MinIO: `make test-rest` runs them.

What stays are the units, a run on each engine, the contracts of the ports, the commands and the first pages.

What is neither here nor marked `rest` or `slow` runs in `make test`.
"""
NEEDS_MINIO = frozenset({"minio_url", "minio_bucket"})


def pytest_configure(config: pytest.Config) -> None:
    """Take Ctrl-C: a shell that runs the tests in the background ignores it for them and for all that they start.

    All Sparks that they start take the classes that are kept for them, where `make test-rest` has done that.
    """
    signal.signal(signal.SIGINT, signal.default_int_handler)
    if not hasattr(config, "workerinput") and (home := quick_java()):
        os.environ["JAVA_HOME"] = str(home)  # noqa: TID251 - for the workers of xdist and what they start


@pytest.fixture(scope="session", autouse=True)
def models_of_aws() -> Iterator[None]:
    """botocore reads megabytes of JSON for each client that it makes; here once in a process."""
    try:
        from botocore.loaders import JSONFileLoader  # noqa: PLC0415 - unit tests run without boto3
    except ImportError:
        yield
        return
    read, known = JSONFileLoader.load_file, {}

    def load_file(self: JSONFileLoader, file_path: str) -> Any:
        if file_path not in known:
            known[file_path] = read(self, file_path)
        return known[file_path]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(JSONFileLoader, "load_file", load_file)
        yield


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Function]) -> None:
    for item in items:
        path = item.path.relative_to(config.rootpath).as_posix()
        parameters = item.callspec.params.values() if hasattr(item, "callspec") else ()
        needs_minio = "minio" in parameters or not NEEDS_MINIO.isdisjoint(item.fixturenames)
        if needs_minio or any(fnmatch(path, pattern) for pattern in REST):
            item.add_marker("rest")


@pytest.fixture(autouse=True)
def fresh_credentials() -> Iterator[None]:
    """boto3's own session keeps the first credentials that it saw: those of another test."""
    yield
    if "boto3" in sys.modules:
        sys.modules["boto3"].DEFAULT_SESSION = None  # type: ignore[attr-defined]


@pytest.fixture(scope="session")
def spark_engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SparkEngine]:
    from trustedlake.adapters.spark.spark_engine import SparkEngine  # noqa: PLC0415 - unit tests run without pyspark

    environ = os.environ  # noqa: TID251 - to find Java
    engine = SparkEngine(tmp_path_factory.mktemp("spark"), environ, driver_memory="1g")
    yield engine
    engine.stop()


@pytest.fixture(scope="session")
def sail_engine() -> Iterator[SailEngine]:
    from trustedlake.adapters.spark.sail_engine import SailEngine  # noqa: PLC0415 - unit tests run without pyspark

    if find_spec("pysail") is None:
        pytest.skip("pysail is not installed")
    engine = SailEngine()
    yield engine
    engine.stop()


@pytest.fixture(scope="session")
def spark(spark_engine: SparkEngine) -> SparkSession:
    return spark_engine.session
