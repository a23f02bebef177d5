"""The jars for S3A: their versions come from the hadoop-client beside them."""

from __future__ import annotations

from importlib.util import find_spec
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner

from trustedlake.adapters.spark import hadoop_aws
from trustedlake.adapters.spark.hadoop_aws import hadoop_version, jars_for
from trustedlake.entrypoints.cli.main import main
from trustedlake.errors import ConfigError

if TYPE_CHECKING:
    from pathlib import Path

SLIM_334 = (
    "--packages org.apache.hadoop:hadoop-aws:3.3.4,com.amazonaws:aws-java-sdk-s3:1.12.262,"
    "com.amazonaws:aws-java-sdk-sts:1.12.262,com.amazonaws:aws-java-sdk-dynamodb:1.12.262"
    " --exclude-packages com.amazonaws:aws-java-sdk-bundle"
)
SLIM = (
    "--packages org.apache.hadoop:hadoop-aws:3.4.2,software.amazon.awssdk:s3:2.29.52,"
    "software.amazon.awssdk:s3-transfer-manager:2.29.52,software.amazon.awssdk:sts:2.29.52,"
    "software.amazon.awssdk:apache-client:2.29.52 --exclude-packages software.amazon.awssdk:bundle"
)


@pytest.mark.parametrize(
    ("hadoop", "line"),
    [
        ("3.4.2", SLIM),
        ("3.3.4", SLIM_334),
        # What this drags along is its own to know: the modules that would do are not.
        ("3.5.0", "--packages org.apache.hadoop:hadoop-aws:3.5.0"),
    ],
)
def test_the_spark_submit_option_and_the_settings_name_the_same_jars(hadoop: str, line: str) -> None:
    jars = jars_for(hadoop)
    assert jars.submit_line == line
    settings = jars.settings
    assert settings.pop("spark.jars.packages") == line.split()[1]
    assert list(settings.values()) == line.split()[3:]


@pytest.mark.parametrize(
    ("names", "version"),
    [
        (["hadoop-client-api-3.4.2.jar", "hadoop-client-runtime-3.4.2.jar", "hadoop-shaded-guava-1.4.0.jar"], "3.4.2"),
        (["hadoop-client-runtime-3.3.4.jar", "spark-core_2.12-3.5.6.jar"], "3.3.4"),
        (["hadoop-client-api-3.4.2.jar", "hadoop-client-runtime-3.3.4.jar"], "several"),
        (["spark-core_2.13-4.1.4.jar"], "no"),
        ([], "no"),
    ],
)
def test_the_hadoop_version_is_read_from_the_jar_names(names: list[str], version: str, tmp_path: Path) -> None:
    for name in names:
        (tmp_path / name).touch()
    if version[0].isdigit():
        assert hadoop_version(tmp_path) == version
        return
    with pytest.raises(ConfigError, match=f"{version} hadoop-client there"):
        hadoop_version(tmp_path)


@pytest.mark.skipif(find_spec("pyspark") is None, reason="pyspark is not installed")
def test_doctor_jars_prints_only_the_spark_submit_option() -> None:
    done = CliRunner().invoke(main, ["doctor", "--jars"], standalone_mode=False)
    version = hadoop_version(hadoop_aws.spark_jars())
    assert (done.return_value, done.output) == (0, f"{jars_for(version).submit_line}\n")


def test_without_pyspark_the_error_names_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hadoop_aws, "find_spec", lambda _: None)
    with pytest.raises(ConfigError, match="pyspark is not installed"):
        hadoop_aws.installed_jars()
