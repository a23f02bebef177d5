"""`docs/how-to/be-called.md`: its commands run as they stand there, and whoever has to hear hears."""

from __future__ import annotations

import json
import os
import re
import shutil
from typing import TYPE_CHECKING

import pytest

from tests.support.openlineage import check, events_in, receiving, short
from tests.support.pages import HOW_TO, blocks, run_shell, shell_lines, with_values
from tests.support.trials import MOVIES, films
from trustedlake.entrypoints.cli.main import run

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

PAGE = HOW_TO / "be-called.md"
NOTIFY = "Be told: `--notify`"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Where a reader is: with a lake of one day."""
    day = tmp_path / "lake" / MOVIES / "2025/06/17"
    day.mkdir(parents=True)
    (day / "a.json").write_text(json.dumps(films(2)), encoding="utf-8")
    return tmp_path


def environ(**more: str) -> dict[str, str]:
    inherited = os.environ.items()  # noqa: TID251 - handed to a child
    return {name: value for name, value in inherited if not name.startswith(("TRUSTEDLAKE_", "OPENLINEAGE_"))} | more


@pytest.mark.rest
@pytest.mark.skipif(not shutil.which("curl"), reason="needs curl")
def test_the_webhook_and_the_chat_hear(folder: Path) -> None:
    webhook, _, chat = blocks(PAGE, "bash", NOTIFY)
    (script,) = blocks(PAGE, "sh", NOTIFY)
    (folder / "tell.sh").write_text(script, encoding="utf-8")
    (folder / "tell.sh").chmod(0o755)
    with receiving() as heard:
        run_shell(with_values(webhook, {"https://hooks.example.com/films": heard.url}), folder, environ())
        said = run_shell(chat, folder, environ(WEBHOOK=heard.url))
    assert "warning: --notify" not in said
    report, words = heard.events
    assert (report["exit_code"], report["tables"][0]["status"]) == (0, "published")
    assert words == {"text": "trustedlake: exit code 0: tmdb_movies: unchanged"}


def test_the_mail_has_the_report(folder: Path) -> None:
    _, mail, _ = blocks(PAGE, "bash", NOTIFY)
    program = folder / "mail"
    program.write_text(f'#!/bin/sh\nprintf "%s\\n" "$@" > {folder}/words\ncat > {folder}/body\n', encoding="utf-8")
    program.chmod(0o755)
    run_shell(f'export PATH="{folder}:$PATH"\n{mail}', folder, environ())
    assert (folder / "words").read_text().splitlines() == ["-s", "films: a run ended", "ops@example.com"]
    assert json.loads((folder / "body").read_text())["exit_code"] == 0


@pytest.mark.rest
def test_both_receivers_hear(folder: Path) -> None:
    (code,) = blocks(PAGE, "bash", "Tell: OpenLineage")
    with receiving() as heard:
        said = run_shell(with_values(code, {"http://127.0.0.1:5000": heard.url}), folder, environ())
    assert "warning" not in said
    kept = events_in(folder / "events.jsonl")
    check(heard.events + kept)
    assert short(heard.events) == short(kept) == [(state, "to_trusted.tmdb_movies") for state in ("START", "COMPLETE")]


def test_status_check_has_the_exit_codes_of_the_page(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(folder)
    check_line = shell_lines(PAGE)[0][1:]
    seen = {
        "no lake": exit_code([*check_line[:-1], "nowhere"]),
        "wrong call": exit_code([*check_line, "--chek"]),
        "well": exit_code(PUBLISH) or exit_code(check_line),
    }
    (folder / "lake" / MOVIES / "2025/06/18").mkdir()
    (folder / "lake" / MOVIES / "2025/06/18/a.json").write_text("[{", encoding="utf-8")
    seen["refused"] = exit_code(PUBLISH) and exit_code(check_line)
    assert seen == {"no lake": 1, "wrong call": 2, "well": 0, "refused": 3}
    told = set(re.findall(r"^\| (\d) \|", PAGE.read_text(encoding="utf-8"), re.MULTILINE))
    assert told == {*map(str, seen.values()), "4"}


PUBLISH = ["to-trusted", "--source", "tmdb", "--lake", "lake"]


def exit_code(words: Sequence[str]) -> int:
    """How the command ends."""
    with pytest.raises(SystemExit) as left:
        run(words)
    return int(left.value.code or 0)
