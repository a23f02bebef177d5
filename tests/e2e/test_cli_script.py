"""`cli.py` at the top of a checkout: what `spark-submit` runs."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import trustedlake

SCRIPT = Path(__file__).parents[2] / "cli.py"
CASES = [
    (["--version"], 0, f"trustedlake, version {trustedlake.__version__}"),
    (["to-trusted", "--source", "nope"], 2, "'nope' is not one of"),
    (["to-trusted", "--source", "tmdb", "--lake", "no-such-lake"], 1, "no such lake"),
]


def run(command: list[str], folder: Path) -> tuple[int, str]:
    inherited = dict(os.environ)  # noqa: TID251 - handed to a child
    # spark-submit's own scripts look for `python3` on the PATH.
    environment = inherited | {"PATH": os.pathsep.join([str(Path(sys.executable).parent), inherited["PATH"]])}
    done = subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, timeout=120, check=False
    )
    return done.returncode, done.stdout + done.stderr


@pytest.mark.parametrize(("arguments", "code", "said"), CASES)
def test_cli_py_runs_from_any_folder(arguments: list[str], code: int, said: str, tmp_path: Path) -> None:
    got, output = run([sys.executable, str(SCRIPT), *arguments], tmp_path)
    assert (got, said in output) == (code, True), output


def test_cli_py_uses_the_package_beside_it_instead_of_an_installed_one(tmp_path: Path) -> None:
    checkout = tmp_path / "checkout"
    shutil.copytree(SCRIPT.parent / "src", checkout / "src", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(SCRIPT, checkout)
    package = checkout / "src" / "trustedlake" / "__init__.py"
    package.write_text(package.read_text(encoding="utf-8").replace(trustedlake.__version__, "99.0.0"), encoding="utf-8")
    assert run([sys.executable, str(checkout / "cli.py"), "--version"], tmp_path) == (
        0,
        "trustedlake, version 99.0.0\n",
    )


@pytest.mark.skipif(shutil.which("java") is None, reason="spark-submit itself needs a Java on the PATH")
@pytest.mark.parametrize(("arguments", "code", "said"), CASES)
def test_exit_codes_reach_the_shell_through_spark_submit(
    arguments: list[str], code: int, said: str, tmp_path: Path
) -> None:
    submit = str(Path(sys.executable).parent / "spark-submit")
    got, output = run([submit, "--conf", "spark.ui.enabled=false", str(SCRIPT), *arguments], tmp_path)
    assert (got, said in output) == (code, True), output
