"""`status --check` ends with the exit codes that `docs/how-to/be-called.md` lists."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

import pytest

from tests.support.pages import HOW_TO, shell_lines
from tests.support.trials import MOVIES, films
from trustedlake.entrypoints.cli.main import run

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

PAGE = HOW_TO / "be-called.md"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Where a reader is: with a lake of one day."""
    day = tmp_path / "lake" / MOVIES / "2025/06/17"
    day.mkdir(parents=True)
    (day / "a.json").write_text(json.dumps(films(2)), encoding="utf-8")
    return tmp_path


def test_status_check_ends_with_the_exit_codes_on_the_page(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
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
