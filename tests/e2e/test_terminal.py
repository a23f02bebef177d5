"""The installed command on real terminals and pipes: narrow, without colours, in Latin 1, cut by `head`."""

from __future__ import annotations

import fcntl
import json
import os
import pty
import re
import struct
import subprocess
import sys
import termios
import time
from itertools import pairwise
from pathlib import Path

import pytest

from tests.support.odd_servers import serving
from tests.support.trials import MOVIES, Trial, films
from trustedlake.adapters.spark.sail_engine import SailEngine

COMMAND = str(Path(sys.executable).parent / "trustedlake")
DAY = f"{MOVIES}/2025/06/17"


def environ(**variables: str) -> dict[str, str]:
    inherited = os.environ.items()  # noqa: TID251 - handed to a child
    return {name: value for name, value in inherited if not name.startswith("TRUSTEDLAKE_")} | variables


def run(*arguments: str, cwd: Path, **variables: str) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        [COMMAND, *arguments], cwd=cwd, env=environ(**variables), capture_output=True, timeout=120, check=False
    )


def run_on_terminal(*arguments: str, cwd: Path, columns: int = 80, **variables: str) -> tuple[int, str]:
    """The exit code of a command, and what it wrote onto a terminal so wide."""
    ours, its = pty.openpty()
    fcntl.ioctl(its, termios.TIOCSWINSZ, struct.pack("HHHH", 40, columns, 0, 0))
    env = environ(TERM="xterm", **variables)
    with subprocess.Popen([COMMAND, *arguments], cwd=cwd, env=env, stdin=its, stdout=its, stderr=its) as process:
        os.close(its)
        written = b""
        while chunk := _read(ours):
            written += chunk
    os.close(ours)
    return process.returncode, written.decode(errors="replace")


def _read(terminal: int) -> bytes:
    try:
        return os.read(terminal, 65536)
    except OSError:  # how a terminal says that its other end is closed
        return b""


def cut_after_one_line(*arguments: str, cwd: Path) -> tuple[int, str]:
    """The exit code of a command whose stdout is closed after its first line, and its stderr."""
    with subprocess.Popen(
        [COMMAND, *arguments], cwd=cwd, env=environ(), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.readline()
        process.stdout.close()
        said = process.stderr.read()
    return process.returncode, said


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a lake whose name has a blank; one film is Japanese, one has no title, another day is refused."""
    folder = tmp_path_factory.mktemp("terminal")
    trial = Trial(folder / "my lake", SailEngine())
    call = ("to-trusted", "--source", "tmdb", "--engine", "sail", "--lake", "my lake")
    trial.put(f"{DAY}/filmes_001.json", [*films(4000), {"id": 9001, "title": "雨の駅"}, {"id": 9002, "title": None}])
    assert run(*call, cwd=folder).returncode == 0
    trial.put(f"{DAY}/filmes_002.json", "[")
    assert run(*call, cwd=folder).returncode == 3
    return folder


class TestLocale:
    def test_a_pipe_gets_utf_8_in_any_locale(self, folder: Path) -> None:
        sql = "SELECT title FROM tmdb_movies WHERE movie_id = 9001"
        for form in ("table", "csv", "json", "ndjson"):
            done = run("query", sql, "--format", form, "--lake", "my lake", cwd=folder, PYTHONIOENCODING="latin-1")
            assert done.returncode == 0, done.stderr
            assert "雨の駅" in done.stdout.decode()

    def test_a_terminal_that_lacks_some_characters_shows_the_rest(self, folder: Path) -> None:
        code, shown = run_on_terminal("quarantine", "--lake", "my lake", cwd=folder, PYTHONIOENCODING="ascii")
        assert code == 0
        assert "title|missing" in shown
        assert "Traceback" not in shown

    def test_sql_that_is_not_utf_8_is_refused(self, folder: Path) -> None:
        given = [COMMAND, "query", "-", "--lake", "my lake"]
        done = subprocess.run(
            given, cwd=folder, env=environ(), input=b"SELECT '\xff'", capture_output=True, timeout=60, check=False
        )
        assert done.returncode == 2
        assert b"error: the SQL is not text in UTF-8" in done.stderr


class TestReaderThatGoesAway:
    def test_a_query_cut_by_head_exits_0(self, folder: Path) -> None:
        assert cut_after_one_line("query", "FROM tmdb_movies", "--format", "csv", "--lake", "my lake", cwd=folder) == (
            0,
            "",
        )

    def test_a_run_cut_by_head_keeps_its_exit_code(self, folder: Path) -> None:
        code, said = cut_after_one_line("to-trusted", "--source", "tmdb", "--lake", "my lake", cwd=folder)
        assert (code, "Traceback" in said) == (3, False)


class TestTerminal:
    def test_a_narrow_terminal_shows_every_column(self, folder: Path) -> None:
        _, shown = run_on_terminal("report", "--lake", "my lake", cwd=folder, columns=50)
        assert re.search(r"ano=2025/mes=06/dia=17 +2 +4,002 +- +1 +0 +\S*refused", shown), shown
        _, shown = run_on_terminal("catalog", "--lake", "my lake", cwd=folder, columns=50)
        assert "/my lake/Trusted/Local/Parquet/Series/" in shown

    def test_no_color_switches_colours_off(self, folder: Path) -> None:
        for words in (["report"], ["to-trusted", "--source", "csv"], ["to-trusted", "--source", "tmdb"]):
            _, shown = run_on_terminal(*words, "--lake", "my lake", cwd=folder, NO_COLOR="1")
            assert not re.search(r"\x1b\[[0-9;]*\b(3[0-7]|9[0-7])\b[0-9;]*m", shown), shown


class TestWhatNext:
    def test_the_suggested_next_command_can_be_pasted(self, folder: Path) -> None:
        shown = run("report", "--lake", "my lake", cwd=folder).stdout.decode()
        assert "next: trustedlake quarantine --lake 'my lake'  " in shown
        shown = run("quarantine", "--lake", "my lake", cwd=folder).stdout.decode()
        assert f"next: trustedlake quarantine --raw '{DAY}/filmes_001.json#4001' --lake 'my lake'  " in shown

    def test_quarantine_before_the_first_run_is_an_error(self, folder: Path) -> None:
        (folder / "new/Raw").mkdir(parents=True, exist_ok=True)
        for more in ([], ["--count"], ["--json"]):
            done = run("quarantine", *more, "--lake", "new", cwd=folder)
            assert done.returncode == 1
            assert b"no run yet in" in done.stderr

    def test_an_unused_reason_says_that_no_record_has_it(self, folder: Path) -> None:
        for more in ([], ["--count"]):
            done = run("quarantine", *more, "--reason", "title|blank", "--lake", "my lake", cwd=folder)
            assert (done.returncode, done.stdout.decode()) == (
                0,
                "no record was refused for a reason with 'title|blank' in it\n",
            )

    def test_a_preview_shows_the_rows_that_a_refused_day_keeps(self, folder: Path) -> None:
        done = run("to-trusted", "--source", "tmdb", "--preview", "2", "--lake", "my lake", cwd=folder)
        assert "\ntmdb_movies: 2 of its rows, the columns that fit\n" in done.stdout.decode()

    def test_a_misspelt_command_gets_a_suggestion(self, folder: Path) -> None:
        done = run("totrusted", cwd=folder)
        assert done.returncode == 2
        assert b"No such command 'totrusted'. Did you mean 'to-trusted'?" in done.stderr

    def test_with_json_a_wrong_call_is_a_json_document_too(self, folder: Path) -> None:
        done = run("report", "--json", "--lak", "my lake", cwd=folder)
        assert done.returncode == 2
        told = json.loads(done.stdout)
        assert ("--lak" in told["error"], told["hint"]) == (True, "trustedlake report --help")

    def test_a_demo_folder_that_cannot_be_created_is_an_error(self, folder: Path) -> None:
        (folder / "file").touch()
        done = run("demo", "file/demo", cwd=folder)
        assert (done.returncode, b"Traceback" in done.stderr) == (1, False)
        assert b"file/demo: Not a directory" in done.stderr

    def test_a_missing_library_is_named_with_its_extra(self, folder: Path) -> None:
        for missing, call in (
            ("pyarrow", ["quarantine"]),
            ("pyspark", ["to-trusted", "--source", "tmdb", "--lanes", "off"]),
        ):
            code = (
                f"import sys; sys.modules[{missing!r}] = None; from trustedlake.entrypoints.cli.main import run; run()"
            )
            arguments = [sys.executable, "-c", code, *call, "--lake", "other"]
            Trial(folder / "other", SailEngine()).put(f"{DAY}/filmes_001.json", films(1))
            done = subprocess.run(
                arguments, cwd=folder, env=environ(), capture_output=True, text=True, timeout=60, check=False
            )
            assert done.returncode == 2, done.stderr
            assert "Traceback" not in done.stderr
            assert f"error: {missing}" in done.stderr
            assert 'hint: pip install "trustedlake[' in done.stderr


def test_progress_is_drawn_instead_of_printed_as_control_characters(tmp_path: Path) -> None:
    """The control characters of the progress bar were escaped like data: each frame was printed as text."""
    Trial(tmp_path, SailEngine()).put(f"{DAY}/a.json", films(3))
    code, shown = run_on_terminal(
        "to-trusted", "--source", "tmdb", "--engine", "sail", cwd=tmp_path, TRUSTEDLAKE_LAKE="."
    )
    assert code == 0, shown
    assert "\x1b[2K" in shown, "the bar was drawn"
    assert "u001b" not in shown
    assert "\\r" not in shown
    assert re.search(r"took [0-9.]+ s; the Parquet files are in ", shown)
    assert f"{tmp_path}/Trusted/TMDB/Parquet/Movies" in shown


@pytest.mark.parametrize("engine", ["sail", pytest.param("spark", marks=pytest.mark.rest)])
def test_the_clock_keeps_running_while_an_engine_judges(tmp_path: Path, engine: str) -> None:
    """It stopped once the last file was framed: the bar took the end of the step for the end of the run."""
    Trial(tmp_path, SailEngine()).put(f"{DAY}/a.json", films(3))
    ours, its = pty.openpty()
    call = [COMMAND, "to-trusted", "--source", "tmdb", "--engine", engine, "--lanes", "off", "--lake", str(tmp_path)]
    seen: list[tuple[float, str]] = []
    with subprocess.Popen(call, env=environ(TERM="xterm"), stdin=its, stdout=its, stderr=its) as process:
        os.close(its)
        while chunk := _read(ours):
            seen.append((time.monotonic(), chunk.decode(errors="replace")))
    os.close(ours)
    assert process.returncode == 0
    told = [(when, text) for when, text in seen if re.search(r"0:00:[0-9]{2}", text)]
    assert re.search(r"typing and judging[^\r\n]*0:00:[0-9]{2}", "".join(text for _, text in seen))
    gaps = [later - earlier for (earlier, _), (later, _) in pairwise(told)]
    assert max(gaps) < 3, "the current step is shown every second, on an idle machine"
    last = int(re.findall(r"0:00:([0-9]{2})", told[-1][1])[-1])
    assert last >= int(told[-1][0] - told[0][0]) - 1, "the clock went on to the end"


def test_progress_of_an_extraction_is_drawn_instead_of_printed(tmp_path: Path) -> None:
    with serving(lambda ask: ask.whole(401, b'{"success": false, "status_code": 7}')) as server:
        code, shown = run_on_terminal(
            "ingest-tmdb", "--limit", "1", "--tmdb-url", f"{server.url}/3", cwd=tmp_path, TMDB_TOKEN="wrong"
        )
    assert code == 1, shown
    assert "\x1b[2K" in shown, "the bar was drawn"
    assert "u001b" not in shown


def test_the_headings_of_the_demo_are_bold_and_show_no_escape_codes(tmp_path: Path) -> None:
    """They began with `\\u001b[1m` on every terminal: bold text was escaped like data."""
    code, said = run_on_terminal("demo", cwd=tmp_path)
    assert code == 0, said
    assert "\\u001b" not in said
    assert "\x1b[1m$ trustedlake quarantine --lake demo-lake\x1b[0m" in said
