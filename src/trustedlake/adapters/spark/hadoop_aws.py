"""The jars that let Spark reach a bucket (S3A), chosen to fit the Hadoop version that Spark brings."""

from __future__ import annotations

import re
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from trustedlake.errors import ConfigError, MissingExtraError

MISSING = "org.apache.hadoop.fs.s3a.S3AFileSystem not found"
"""Java's error when the jars are missing. The class name alone is in every stack trace, so match the whole text."""

_HADOOP_JAR = re.compile(r"hadoop-client-(?:api|runtime)-([0-9]+(?:\.[0-9]+)*)\.jar")

_SDK = {
    "3.3.4": ("com.amazonaws:aws-java-sdk-", "1.12.262", ("s3", "sts", "dynamodb")),
    "3.4.2": ("software.amazon.awssdk:", "2.29.52", ("s3", "s3-transfer-manager", "sts", "apache-client")),
}
"""Hadoop version -> its AWS SDK, with only the modules it needs: 11 MB instead of 280, 17 MB instead of 630."""


@dataclass(frozen=True, slots=True)
class Jars:
    """Maven coordinates for `spark.jars.packages` and `spark.jars.excludes`."""

    packages: tuple[str, ...]
    excludes: tuple[str, ...] = ()

    @property
    def submit_line(self) -> str:
        """Return the options for spark-submit."""
        excludes = f" --exclude-packages {','.join(self.excludes)}" if self.excludes else ""
        return f"--packages {','.join(self.packages)}{excludes}"

    @property
    def settings(self) -> dict[str, str]:
        """Return the settings for a session."""
        excludes = {"spark.jars.excludes": ",".join(self.excludes)} if self.excludes else {}
        return {"spark.jars.packages": ",".join(self.packages)} | excludes


def installed_jars() -> Jars:
    """Return the jars that fit the installed Spark.

    Raises:
        MissingExtraError: pyspark is not installed.
        ConfigError: its jars don't show their Hadoop version.
    """
    return jars_for(hadoop_version(spark_jars()))


def jars_for(hadoop: str) -> Jars:
    """Choose the jars; hadoop-aws must have exactly the same version as hadoop-client."""
    hadoop_aws = f"org.apache.hadoop:hadoop-aws:{hadoop}"
    if hadoop not in _SDK:
        return Jars((hadoop_aws,))
    prefix, version, modules = _SDK[hadoop]
    return Jars((hadoop_aws, *(f"{prefix}{module}:{version}" for module in modules)), (f"{prefix}bundle",))


def hadoop_version(jars: Path) -> str:
    """Return the version of the hadoop-client in Spark's folder of jars. Raises ConfigError."""
    found = {match[1] for jar in jars.glob("hadoop-client-*.jar") if (match := _HADOOP_JAR.fullmatch(jar.name))}
    if len(found) != 1:
        raise ConfigError(
            f"{jars}: {'several' if found else 'no'} hadoop-client there, so trustedlake can't choose hadoop-aws",
            hint="reinstall pyspark, or ask whoever built this Spark for its Hadoop version",
        )
    return found.pop()


def spark_jars() -> Path:
    """Return the folder of jars that pyspark brings. Raises MissingExtraError."""
    spec = find_spec("pyspark")
    if spec is None or spec.origin is None:
        raise MissingExtraError("pyspark", extra="spark")
    return Path(spec.origin).parent / "jars"
