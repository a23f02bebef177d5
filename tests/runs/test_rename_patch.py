"""The patch that `contract diff TABLE` prints is one that `git apply` and `patch` take."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.support.own_tables import COMMAND
from tests.support.screens import command
from tests.support.trials import MOVIES, Trial, film
from trustedlake.adapters.contracts.patch import with_synonym

if TYPE_CHECKING:
    from tests.support.trials import SailEngine

TOOLS = {
    "git apply": ["git", "apply"],
    "patch -p1": ["patch", "-p1"],
    "patch -p0": ["patch", "-p0"],
}
FILE = "own.odcs.yaml"


@pytest.fixture
def trial(tmp_path: Path, sail_engine: SailEngine, monkeypatch: pytest.MonkeyPatch) -> Trial:
    """A lake beside which we stand, with a day in which `vote_average` and `overview` have other keys."""
    trial = Trial(tmp_path / "home" / "my lake", sail_engine)
    trial.put(f"{MOVIES}/2025/06/16/a.json", [film(n, overview="Text") for n in range(1, 4)])
    names = {"vote_average": "voteAverage", "overview": "resumo"}
    films = [film(n, overview="Text") for n in range(1, 4)]
    renamed = [{names.get(key, key): value for key, value in one.items()} for one in films]
    trial.put(f"{MOVIES}/2025/06/17/a.json", renamed)
    monkeypatch.chdir(tmp_path / "home")
    return trial


def _written(place: Path, change: str = "") -> Path:
    text = command("contract", "show", "tmdb_movies")[1]
    place.parent.mkdir(parents=True, exist_ok=True)
    if change == "crlf":
        text = text.replace("\n", "\r\n")
    elif change == "mark":
        text = "\ufeff" + text
    elif change == "no end":
        text = text.rstrip("\n")
    place.write_bytes(text.encode())
    return place


def _applied(tool: str, patch: str, folder: Path) -> None:
    """Apply a patch with that tool, in a folder that is in no repository."""
    if shutil.which(TOOLS[tool][0]) is None:
        pytest.skip(f"{tool} is not on this machine")
    environ = dict(os.environ) | {"GIT_CEILING_DIRECTORIES": str(folder.resolve().parent)}  # noqa: TID251 - handed to a child
    done = subprocess.run(TOOLS[tool], input=patch.encode(), cwd=folder, env=environ, capture_output=True, check=False)
    assert done.returncode == 0, (done.stdout + done.stderr).decode()


def _diff(*words: str) -> tuple[str, Path]:
    """The whole screen, which must do as a patch too, and the folder that it is for."""
    code, screen = command("contract", "diff", "tmdb_movies", *words)
    assert code == 0
    document = json.loads(command("contract", "diff", "tmdb_movies", *words, "--json")[1])
    assert document["patch"] in screen
    return screen, Path(document["folder"])


@pytest.mark.parametrize("tool", TOOLS)
@pytest.mark.parametrize(
    ("place", "from_", "words"),
    [
        ("my lake/contracts", ".", ("--lake", "my lake")),
        ("my lake/contracts", "my lake", ("--lake", ".")),
        ("my lake/contracts", "my lake/Raw", ("--lake", "..")),
        ("my lake/contracts", "/", ("--lake", "{lake}")),
        ("my lake/contracts", "../..", ("--lake", "{lake}")),
        ("aside", ".", ("--lake", "my lake", "--contracts", f"aside/{FILE}")),
        ("aside", "aside", ("--lake", "../my lake", "--contracts", FILE)),
        ("../far/off", ".", ("--lake", "my lake", "--contracts", f"../far/off/{FILE}")),
    ],
)  # fmt: skip
def test_the_patch_applies_in_the_folder_that_is_named(  # noqa: PLR0917 - one case
    trial: Trial, monkeypatch: pytest.MonkeyPatch, tool: str, place: str, from_: str, words: tuple[str, ...]
) -> None:
    file = _written(Path.cwd() / place / FILE).resolve()
    monkeypatch.chdir(from_)
    given = [word.format(lake=trial.lake) for word in words]
    contracts = () if "--contracts" not in given else (str(file),)
    trial.run(entity="movies", contracts=contracts)
    screen, folder = _diff(*given)
    _applied(tool, screen, folder)
    text = file.read_text()
    assert text.count('synonyms: [{synonym: "voteAverage"}]') == text.count('synonyms: [{synonym: "resumo"}]') == 1
    assert "no column of tmdb_movies seems to be renamed" in command("contract", "diff", "tmdb_movies", *given)[1]


@pytest.mark.parametrize("tool", TOOLS)
@pytest.mark.parametrize("change", ["crlf", "mark", "no end"])
def test_the_patch_fits_a_file_as_editors_save_it(trial: Trial, tool: str, change: str) -> None:
    file = _written(trial.lake / "contracts" / FILE, change)
    before = file.read_bytes()
    trial.run(entity="movies")
    screen, folder = _diff("--lake", str(trial.lake))
    _applied(tool, screen, folder)
    after = file.read_bytes()
    assert after.startswith(before[:20])
    assert after.count(b"{synonym: ") == before.count(b"{synonym: ") + 2


@pytest.mark.skipif(shutil.which("patch") is None, reason="patch is not on this machine")
def test_what_to_type_makes_a_contract_of_a_built_in_table(trial: Trial) -> None:
    trial.run(entity="movies")
    screen = command("contract", "diff", "tmdb_movies", "--lake", str(trial.lake))[1]
    first, apply = (line.partition(": ")[2] for line in screen.splitlines()[-2:])
    path = f"{Path(COMMAND).parent}:{os.environ['PATH']}"  # noqa: TID251 - handed to a child
    for typed in (first, apply):
        subprocess.run(["bash", "-ec", typed], check=True, env=dict(os.environ) | {"PATH": path})  # noqa: TID251 - as above
    trial.run(entity="movies")
    assert {row["vote_average"] for row in trial.rows()} == {7.0}


def test_a_column_in_one_line_gets_the_synonym_too() -> None:
    text = command("contract", "show", "tmdb_movies")[1]
    block = "      - name: vote_average\n"
    assert with_synonym(text, "tmdb_movies", "vote_average", "voteAverage") != text
    start = text.index(block)
    end = text.index("      - name: ", start + 1)
    flat = text[:start] + "      - {name: vote_average, logicalType: number}\n" + text[end:]
    written = with_synonym(flat, "tmdb_movies", "vote_average", "voteAverage") or ""
    assert '{name: vote_average, synonyms: [{synonym: "voteAverage"}], logicalType: number}' in written
