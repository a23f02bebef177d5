"""The installed `trustedlake doctor` and `trustedlake audit`, also without pyspark and pyarrow."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

from trustedlake.adapters.spark.process_environment import of_another_spark

COMMAND = str(Path(sys.executable).parent / "trustedlake")


def run(*command: str, lake: Path | str, **variables: str) -> subprocess.CompletedProcess[str]:
    # A session that another test started here leaves its settings in the environment.
    left = of_another_spark(os.environ)  # noqa: TID251
    environ = {name: value for name, value in os.environ.items() if name not in left} | variables  # noqa: TID251
    full = [*command, "--lake", str(lake)]
    return subprocess.run(full, env=environ, capture_output=True, text=True, timeout=60, check=False)


def test_every_check_has_a_state_and_every_problem_a_fix(tmp_path: Path) -> None:
    done = run(COMMAND, "doctor", "--json", lake=tmp_path)
    report = json.loads(done.stdout)
    assert done.stderr == ""
    assert done.returncode == report["exit_code"] == 0, "this environment has all that the main job needs"
    names = [check["name"] for check in report["checks"]]
    assert names[:5] == ["trustedlake", "python", "pyspark", "pyarrow", "java"]
    assert {"lake", "writable", "rename", "link", "clock", "disk", "publish"} <= set(names)
    assert [check for check in report["checks"] if check["state"] != "ok" and not check["mend"]] == []
    assert list(tmp_path.iterdir()) == [], "nothing is left behind"


def test_without_java_the_doctor_says_how_to_get_it_and_exits_1(tmp_path: Path, bare: tuple[str, ...]) -> None:
    done = run(*bare, "doctor", lake=tmp_path, PATH="/nonexistent", JAVA_HOME="")
    assert done.returncode == 1, done.stderr
    lines = done.stdout.splitlines()
    for name in ("pyspark", "pyarrow"):
        (place,) = [number for number, line in enumerate(lines) if line == f"missing {name}: not installed"]
        assert "mend: pip install " in lines[place + 1]
    (java,) = [line for line in lines if line.startswith("missing java: Spark needs Java 17 or 21")]
    assert 'pip install "trustedlake[local]"' in lines[lines.index(java) + 1]


def test_audit_without_orjson_names_the_extra(tmp_path: Path, bare: tuple[str, ...]) -> None:
    (tmp_path / "Raw").mkdir()
    done = run(*bare, "audit", lake=tmp_path)
    assert done.returncode == 2, done.stderr
    assert 'hint: pip install "trustedlake[spark]"' in done.stderr


def test_doctor_loads_neither_spark_nor_pyarrow(tmp_path: Path) -> None:
    code = (
        "import sys; from trustedlake.entrypoints.wiring.lake_doctor import examine\n"
        f"examine({str(tmp_path)!r}); print(sorted({{'pyspark', 'pyarrow', 'py4j', 'pysail'}} & sys.modules.keys()))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout == "[]\n"


def test_the_doctor_reports_a_missing_lake_with_its_path(tmp_path: Path) -> None:
    done = run(COMMAND, "doctor", lake=tmp_path / "nowhere")
    assert done.returncode == 1
    assert f"missing lake: {tmp_path / 'nowhere'} is not a folder" in done.stdout


def test_audit_exits_1_if_nothing_is_published_and_3_if_something_is_wrong(tmp_path: Path) -> None:
    (tmp_path / "Raw").mkdir()
    empty = run(COMMAND, "audit", lake=tmp_path)
    assert (empty.returncode, empty.stdout) == (1, "")
    assert "nothing is published of tmdb_movies" in empty.stderr
    stray = tmp_path / "Trusted/TMDB/Parquet/Movies/ano=2025/mes=6/dia=17/part-00000.parquet"
    stray.parent.mkdir(parents=True)
    stray.write_bytes(b"PAR1")
    told = run(COMMAND, "audit", lake=tmp_path)
    assert told.returncode == 3
    assert "twin partition: Trusted/TMDB/Parquet/Movies/ano=2025/mes=6/dia=17/part-00000.parquet" in told.stdout
    report = json.loads(run(COMMAND, "audit", "--json", lake=tmp_path).stdout)
    assert report["exit_code"] == 3
    assert [finding["kind"] for finding in report["tables"][0]["findings"]] == ["twin partition"]
