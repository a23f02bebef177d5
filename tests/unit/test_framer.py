"""Framing on this machine: packed Parquet, a few processes, and nothing left behind."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import textwrap
import time
from collections import Counter
from contextlib import contextmanager, suppress
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa
import pytest
from pyarrow import ipc, parquet

from trustedlake.adapters.local import framing_worker
from trustedlake.adapters.local.framer import FramingProcess, ProcessFramer
from trustedlake.adapters.local.framing_worker import LocalRaw, Output
from trustedlake.core.framing.layout import framed_schema
from trustedlake.errors import InputError, RetriableError, TrustedLakeError
from trustedlake.models.built_in import CONTRACTS
from trustedlake.ports import RawInput

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from trustedlake.core.facts import FileFacts

MOVIES = CONTRACTS["tmdb_movies"]
MODES = {
    "inline": {"workers": 1},
    "processes": {"workers": 2, "cores": 3, "inline_bytes": 0},
    "processes on all cores": {"workers": 2, "cores": 2, "inline_bytes": 0},
}


class Folder:
    """The part of an object store that framing uses, over a folder; knows which files are in use."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.in_use = 0

    @contextmanager
    def local_file(self, key: str) -> Iterator[Path]:
        if key.endswith("vanished.json"):
            raise FileNotFoundError(key)
        self.in_use += 1
        try:
            yield self.root / key
        finally:
            self.in_use -= 1


def films(start: int, count: int) -> str:
    return json.dumps([{"id": n, "title": f"Film {n}", "overview": "x" * 200} for n in range(start, start + count)])


def raw(folder: Path, name: str, content: str | bytes) -> RawInput:
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return RawInput(key=name, path=f"Raw/{name}", size=path.stat().st_size, partition=("2025", "06", "17"))


@pytest.fixture
def out(tmp_path: Path) -> Path:
    folder = tmp_path / "out"
    folder.mkdir()
    return folder


def frame(store: Folder, files: Sequence[RawInput], out: Path, mode: str) -> tuple[Sequence[FileFacts], list[str]]:
    seen: list[str] = []
    framer = ProcessFramer(store, **MODES[mode])  # type: ignore[arg-type]
    folders = framer.frame(files, MOVIES, out, progress=lambda one: seen.append(one.path))
    return [one for facts in folders for one in facts], seen


def rows_of(out: Path) -> list[tuple[str, int]]:
    places = []
    for file in sorted(out.iterdir()):
        table = parquet.ParquetFile(file).read()
        assert table.schema.equals(framed_schema(MOVIES.framing()))
        places += list(zip(table["file_path"].to_pylist(), table["record_index"].to_pylist(), strict=True))
    return places


@pytest.mark.parametrize("mode", MODES)
def test_files_with_a_folder_are_framed_into_it_and_share_no_parquet_file(mode: str, tmp_path: Path, out: Path) -> None:
    files = [
        replace(raw(tmp_path, f"{folder}_{n}.json", films(10 * n, 1 + n)), folder=folder)
        for n in range(9)
        for folder in ("b", "a", "")
    ]
    for folder in ("a", "b"):
        (out / folder).mkdir()

    facts, _ = frame(Folder(tmp_path), files, out, mode)

    assert [one.path for one in facts] == [f"Raw/{folder}_{n}.json" for folder in ("", "a", "b") for n in range(9)]
    for folder in ("a", "b", ""):
        tables = [parquet.ParquetFile(file).read(["file_path"]) for file in (out / folder).glob("*.parquet")]
        paths = [path for table in tables for path in table["file_path"].to_pylist()]
        assert sorted(paths) == sorted(f"Raw/{folder}_{n}.json" for n in range(9) for _ in range(1 + n))


def children() -> set[str]:
    found: set[str] = set()
    for task in Path("/proc/self/task").iterdir():
        with suppress(FileNotFoundError):  # a thread that another test left has ended
            found.update((task / "children").read_text().split())
    return found


@pytest.mark.parametrize("mode", MODES)
def test_a_folder_is_reported_once_its_rows_are_written_and_framing_stops_with_its_caller(
    mode: str, tmp_path: Path, out: Path
) -> None:
    files = [
        replace(raw(tmp_path, f"{folder}_{n}.json", films(100 * n, 1 + 17 * n)), folder=folder)
        for folder in ("0", "1", "2", "3", "4", "5")
        for n in range(7)
    ]
    for folder in {file.folder for file in files}:
        (out / folder).mkdir()
    store, before = Folder(tmp_path), children()
    folders = ProcessFramer(store, **MODES[mode]).frame(files, MOVIES, out, progress=lambda _: None)  # type: ignore[arg-type]
    for folder in ("0", "1", "2"):
        facts = next(folders)
        assert [one.path for one in facts] == [f"Raw/{folder}_{n}.json" for n in range(7)]
        tables = [parquet.ParquetFile(file).read(["file_path"]) for file in (out / folder).iterdir()]
        assert Counter(path for table in tables for path in table["file_path"].to_pylist()) == {
            one.path: one.records for one in facts
        }
    folders.close()
    assert store.in_use == 0
    assert children() == before


def test_if_framing_uses_all_cores_the_work_of_the_caller_waits_for_its_end(tmp_path: Path, out: Path) -> None:
    files = [replace(raw(tmp_path, f"{n}.json", films(100 * n, 9)), folder=str(n)) for n in range(6)]
    for file in files:
        (out / file.folder).mkdir()
    seen: list[str] = []
    framer = ProcessFramer(Folder(tmp_path), **MODES["processes on all cores"])  # type: ignore[arg-type]
    folders = framer.frame(files, MOVIES, out, progress=lambda one: seen.append(one.path))
    assert [one.path for one in next(folders)] == ["Raw/0.json"]
    assert sorted(seen) == [file.path for file in files]
    assert len(list(folders)) == len(files) - 1


@pytest.mark.parametrize("mode", MODES)
def test_arrow_files_contain_the_same_rows_as_parquet_files(mode: str, tmp_path: Path, out: Path) -> None:
    files = [raw(tmp_path, f"films_{n}.json", films(n * 100, 1 + 37 * n % 90)) for n in range(9)]
    frame(Folder(tmp_path), files, out, mode)
    arrow = tmp_path / "arrow"
    arrow.mkdir()
    framer = ProcessFramer(Folder(tmp_path), **MODES[mode], arrow=True)  # type: ignore[arg-type]
    assert sum(len(facts) for facts in framer.frame(files, MOVIES, arrow, progress=lambda _: None)) == len(files)

    def rows(tables: list[pa.Table]) -> list[dict[str, object]]:
        found = pa.concat_tables(tables).to_pylist()
        return sorted(found, key=lambda row: (row["file_path"], row["record_index"]))

    assert {file.suffix for file in arrow.iterdir()} == {".arrow"}
    assert rows([ipc.open_file(file).read_all() for file in arrow.iterdir()]) == rows(
        [parquet.ParquetFile(file).read() for file in out.iterdir()]
    )


@pytest.mark.parametrize("mode", MODES)
def test_every_record_is_written_once_and_the_rows_of_a_file_stay_together_in_order(
    mode: str, tmp_path: Path, out: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(framing_worker, "FILE_BYTES", 30_000)  # the processes keep the real one
    files = [raw(tmp_path, f"films_{n}.json", films(n * 100, 1 + 37 * n % 90)) for n in range(40)]
    files.append(raw(tmp_path, "broken.json", "[{"))
    store = Folder(tmp_path)
    facts, seen = frame(store, files, out, mode)
    assert [one.path for one in facts] == [file.path for file in files]
    assert sorted(seen) == sorted(file.path for file in files)
    assert facts[-1].shape == "unreadable"
    expected = {(one.path, index) for one in facts for index in range(one.records)} | {("Raw/broken.json", -1)}
    rows = rows_of(out)
    assert len(rows) == len(expected) == 1 + sum(1 + 37 * n % 90 for n in range(40))
    assert set(rows) == expected
    runs = [path for place, (path, _) in enumerate(rows) if not place or rows[place - 1][0] != path]
    assert len(runs) == len(set(runs))
    assert all(before[1] + 1 == after[1] for before, after in pairwise(rows) if before[0] == after[0])
    assert store.in_use == 0


def test_small_files_are_packed_together_and_large_files_are_divided(
    tmp_path: Path, out: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    small = [raw(tmp_path, f"s{n}.json", films(n, 3)) for n in range(200)]
    frame(Folder(tmp_path), small, out, "inline")
    assert [file.name for file in out.iterdir()] == ["part-00000.parquet"]
    for file in out.iterdir():
        file.unlink()
    large = raw(tmp_path, "large.json", "\n".join(json.dumps({"id": n, "title": "x" * 1000}) for n in range(30_000)))
    frame(Folder(tmp_path), [large], out, "inline")
    sizes = [
        pa.compute.sum(pa.compute.binary_length(parquet.read_table(file)["raw"])).as_py() for file in out.iterdir()
    ]
    assert len(sizes) in {2, 3, 4}
    assert max(sizes) < 17 << 20


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda path: path.write_bytes(path.read_bytes() + b" "), "changed while it was read"),
        (lambda path: path.unlink(), "vanished"),
    ],
)
def test_a_file_that_changes_while_it_is_read_stops_the_run(
    mode: str, change: object, message: str, tmp_path: Path, out: Path
) -> None:
    files = [raw(tmp_path, f"films_{n}.json", films(n, 2)) for n in range(4)]
    assert callable(change)
    change(tmp_path / "films_2.json")
    store = Folder(tmp_path)
    with pytest.raises(RetriableError, match=f"Raw/films_2.json.*{message}"):
        frame(store, files, out, mode)
    assert store.in_use == 0


@pytest.mark.parametrize("mode", MODES)
def test_a_file_that_vanished_from_the_store_stops_the_run(mode: str, tmp_path: Path, out: Path) -> None:
    files = [raw(tmp_path, f"{name}.json", films(1, 2)) for name in ("a", "vanished", "b")]
    with pytest.raises(RetriableError, match=r"Raw/vanished\.json: it vanished"):
        frame(Folder(tmp_path), files, out, mode)


@pytest.mark.parametrize("mode", MODES)
def test_a_folder_that_cannot_be_written_to_is_an_error_that_names_it(mode: str, tmp_path: Path) -> None:
    files = [raw(tmp_path, f"films_{n}.json", films(n, 2)) for n in range(4)]
    with pytest.raises(InputError, match=r"nowhere/part.*\.parquet: No such file"):
        frame(Folder(tmp_path), files, tmp_path / "nowhere", mode)


def test_a_crashed_framing_process_is_an_error_that_names_the_file(tmp_path: Path, out: Path) -> None:
    file = raw(tmp_path, "films.json", films(1, 2))
    with FramingProcess(MOVIES.framing(), Output(out, "part", arrow=False)) as process:
        local = LocalRaw(tmp_path / "films.json", file.path, file.partition, file.size)
        process.send("", [local])
        assert [facts.records for facts in process.receive([local])] == [2]
        os.kill(process._process.pid, signal.SIGKILL)  # stands for the system's out-of-memory killer
        process.send("", [local, local])
        with pytest.raises(TrustedLakeError, match=r"framed Raw/films\.json and 1 more ended with code -9"):
            process.receive([local, local])
    process.close()


SCRIPT = """
    import signal, sys, time
    from contextlib import contextmanager
    from pathlib import Path
    from trustedlake.adapters.local.framer import ProcessFramer
    from trustedlake.models.built_in import CONTRACTS
    from trustedlake.ports import RawInput

    signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell's background jobs ignore it

    class Folder:
        @contextmanager
        def local_file(self, key):
            yield Path(key)

    raw, out = map(Path, sys.argv[1:3])
    files = [RawInput(str(f), f.name, f.stat().st_size, ("2025", "06", "17")) for f in sorted(raw.iterdir())]
    def progress(facts):
        print(facts.path, flush=True)
        time.sleep(float(sys.argv[3]))
    (facts,) = ProcessFramer(Folder(), workers=2, inline_bytes=0).frame(
        files, CONTRACTS["tmdb_movies"], out, progress=progress
    )
    print(sum(one.records for one in facts))
"""


@pytest.fixture
def script(tmp_path: Path) -> Path:
    """A caller's script without a `__main__` guard."""
    path = tmp_path / "script.py"
    path.write_text(textwrap.dedent(SCRIPT))
    (tmp_path / "raw").mkdir()
    for n in range(6):
        raw(tmp_path / "raw", f"films_{n}.json", films(n, 10))
    return path


def start(script: Path, out: Path, pause_s: float) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, str(script), str(script.parent / "raw"), str(out), str(pause_s)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


def test_framing_works_from_a_script_without_a_main_guard(script: Path, out: Path) -> None:
    with start(script, out, 0) as process:
        printed, errors = process.communicate(timeout=60)
    assert (process.returncode, errors) == (0, "")
    assert printed.splitlines()[-1] == "60"


@pytest.mark.skipif(not Path("/proc").exists(), reason="looks at processes in /proc")
@pytest.mark.parametrize("kill", [signal.SIGINT, signal.SIGKILL, signal.SIGTERM])
def test_no_framing_process_outlives_its_parent(kill: signal.Signals, script: Path, out: Path) -> None:
    with start(script, out, 60) as process:
        assert process.stdout is not None
        process.stdout.readline()
        assert _members(process.pid) - {process.pid}
        os.killpg(process.pid, kill)
        process.wait(30)
        deadline = time.monotonic() + 30
        while (left := _members(process.pid)) and time.monotonic() < deadline:
            time.sleep(0.05)
        assert left == set()
        assert process.stderr is not None
        assert process.stderr.read().count("Traceback") == (kill is signal.SIGINT)


def _members(session: int) -> set[int]:
    """Live processes of a session."""
    found = set()
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            try:
                state, _, _, owner = (folder / "stat").read_text().rpartition(")")[2].split()[:4]
            except OSError:
                continue
            if int(owner) == session and state != "Z":
                found.add(int(folder.name))
    return found
