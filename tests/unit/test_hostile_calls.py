"""Every command with arguments that nobody should give: one sentence and an exit code, never a traceback."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from trustedlake.app.ingesting.crew import Crew
from trustedlake.entrypoints.cli import main
from trustedlake.entrypoints.foreign_errors import as_ours
from trustedlake.errors import ConfigError, EngineError, InputError, MissingExtraError, RetriableError, TrustedLakeError

if TYPE_CHECKING:
    from pathlib import Path

CALLS = {
    "ingest-tmdb": ["--limit", "1", "--tmdb-url", "http://127.0.0.1:9/3"],
    "to-trusted": ["--source", "tmdb"],
    "quarantine": [],
    "report": [],
    "catalog": [],
    "query": ["SELECT 1"],
    "audit": [],
    "doctor": [],
}
"""Command -> what it needs besides a lake."""

LAKES = {
    "a file": "file.txt",
    "below a file": "file.txt/lake",
    "a fifo": "fifo",
    "a loop": "loop",
    "empty folder": "empty",
    "controls": "no\x1b]0;title\x07such\nlake",
    "backwards": "\u202ekal",
    "markup": "[/red][bold]",
    "a pattern": "[*?]{a,b}",
    "very long": "x" * 5000,
    "very deep": "y/" * 300,
    "not UTF-8": os.fsdecode(b"filmes-\xe3\xff"),
    "an option": "--lake",
    "no bucket": "s3://",
    "a strange scheme": "gopher://x",
    "one slash": "s3:/bucket/lake",
    "ledger of nonsense": "nonsense",
}


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "file.txt").write_text("no lake")
    (tmp_path / "empty").mkdir()
    (tmp_path / "loop").symlink_to("loop")
    os.mkfifo(tmp_path / "fifo")
    for name in ("ledger/tmdb_movies.json", "journal/tmdb_movies.json", "runs/20250101T000000-aaaaaa.json"):
        file = tmp_path / "nonsense" / "_trustedlake" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(b"\x1b[31m\xff{")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("TMDB_TOKEN", "none")
    monkeypatch.setattr(Crew, "sleep", lambda *_: None)  # TMDB is never there: what is waited for between two tries
    return tmp_path


def run(capfd: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str]:
    with pytest.raises(SystemExit) as left:
        main.run(arguments)
    code = left.value.code
    assert isinstance(code, int)
    written = capfd.readouterr()
    return code, written.out + written.err


@pytest.mark.parametrize("lake", LAKES)
@pytest.mark.parametrize("command", CALLS)
def test_a_hostile_lake_argument_ends_with_one_clear_message(
    place: Path, capfd: pytest.CaptureFixture[str], command: str, lake: str
) -> None:
    code, said = run(capfd, command, *CALLS[command], "--lake", LAKES[lake])
    assert code in {0, 1, 2, 3, 4}
    assert "Traceback" not in said
    assert "a bug" not in said
    assert not {"\x1b", "\x07", "\u202e"} & set(said)


ARGUMENTS = [  # the first is a folder like others to `demo`
    ["\x07" * 100],
    ["--lake"],
    ["--no-such-flag\x1b[31m"],
    ["--json", os.fsdecode(b"\xff\xfe")],
    ["--limit", "9" * 5000],
    ["--source", "x" * 100_000],
    ["--entity", "[bold]"],
    ["--raw", "a#" + "9" * 5000, "--lake", "nonsense"],
    ["--raw", "../../etc/passwd#0", "--lake", "nonsense"],
    ["--raw", "#", "--lake", "nonsense"],
    ["--raw", "a\n#-1", "--lake", "nonsense"],
]


@pytest.mark.parametrize("command", [*main.COMMANDS, "no-such\x1b[31m", ""])
def test_hostile_flags_and_values_end_with_one_clear_message(
    place: Path, capfd: pytest.CaptureFixture[str], command: str
) -> None:
    for arguments in ARGUMENTS[1 if command == "demo" else 0 :]:
        code, said = run(capfd, command, *arguments)
        assert code in {1, 2, 3, 4}, arguments
        assert "Traceback" not in said
        assert "a bug" not in said
        assert not {"\x1b", "\x07"} & set(said)


SURPRISES: list[tuple[Exception, type[TrustedLakeError], str]] = [
    (InputError("x", hint="y"), InputError, "x"),
    (ModuleNotFoundError("No module named 'pyspark'", name="pyspark"), MissingExtraError, "pyspark"),
    (ModuleNotFoundError("No module named 'duckdb'", name="duckdb.typing"), MissingExtraError, "duckdb"),
    (BrokenPipeError(32, "Broken pipe"), RetriableError, "connection"),
    (PermissionError(13, "Permission denied", "/lake/a"), InputError, "/lake/a: Permission denied"),
    (OSError(28, "No space left on device"), InputError, "No space left"),
    (OSError(36, "File name too long", "x" * 300), InputError, "File name too long"),
    (MemoryError(), EngineError, "memory"),
    (ValueError("embedded null byte"), ConfigError, "null"),
    (ZeroDivisionError("secret"), EngineError, "ZeroDivisionError at "),
    (RecursionError("maximum recursion depth exceeded"), EngineError, "RecursionError at "),
]


@pytest.mark.parametrize(("error", "kind", "said"), SURPRISES, ids=lambda one: type(one).__name__)
def test_an_error_in_other_code_becomes_one_clear_message(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: Exception, kind: type[TrustedLakeError], said: str
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    ours = as_ours(error)
    assert isinstance(ours, kind)
    assert said in ours.message
    assert "secret" not in ours.message + ours.hint
    assert len(list(tmp_path.glob("trustedlake-bug-*"))) == ("a bug" in ours.message), "only a bug's traceback is kept"


def test_another_package_on_pythonpath_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "pyspark").mkdir()
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    assert type(as_ours(KeyError("x"))) is EngineError, "a folder alone is not a package"
    (tmp_path / "pyspark" / "__init__.py").touch()
    for error in (KeyError("x"), ImportError("no", name="pyspark.sql.types")):
        ours = as_ours(error)
        assert isinstance(ours, ConfigError)
        assert ours.message.startswith(f"PYTHONPATH: the pyspark in {tmp_path}")
