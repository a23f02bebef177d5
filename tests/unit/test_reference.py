"""The reference pages say what the contracts and the commands say."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from trustedlake.entrypoints import reference
from trustedlake.entrypoints.cli.main import COMMANDS
from trustedlake.models.built_in import CONTRACTS

PAGES = Path(__file__).parents[2] / "docs" / "reference"


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The pages as `make docs` writes them, in a process of its own: a command of click keeps its first help option."""
    folder = tmp_path_factory.mktemp("reference")
    subprocess.run([sys.executable, "-m", "trustedlake.entrypoints.reference", str(folder)], check=True, timeout=60)
    return folder


@pytest.mark.parametrize("name", list(reference.PAGES))
def test_each_reference_page_is_up_to_date(name: str, written: Path) -> None:
    rendered = (written / name).read_text(encoding="utf-8")
    assert (PAGES / name).read_text(encoding="utf-8") == rendered, "run `make docs` and commit the result"


def test_every_reference_page_is_rendered_or_known() -> None:
    assert {path.name for path in PAGES.iterdir()} == {*reference.PAGES, "contract-file.md"}


def test_the_contracts_page_has_every_column_of_every_table() -> None:
    sections = reference.contracts_page().split("\n## ")[1:]
    assert [section.split("\n")[0] for section in sections] == list(CONTRACTS)
    for section, contract in zip(sections, CONTRACTS.values(), strict=True):
        named = [line.split(" | ")[0].removeprefix("| ") for line in section.splitlines() if line.startswith("| ")]
        partition = ["ano", "mes", "dia"] if contract.partitioned else []
        lineage = ["rescued", "file_path", "record_index", *partition]
        assert named == ["column", *(column.name for column in contract.columns), *lineage]


@pytest.mark.parametrize(
    ("table", "column", "said"),
    [
        ("tmdb_movies", "movie_id", "`movie_id`, `id`, `tmdb_id`, `ID`, `Id` | required; ≥ 1"),
        ("tmdb_movies", "title", "`title` | required; not blank"),
        ("tmdb_movies", "vote_average", "`vote_average` | 0 to 10"),
        ("tmdb_movies", "imdb_id", "`imdb_id`, `external_ids.imdb_id` | empty is null"),
        ("tmdb_movies", "genre_ids", "array&lt;bigint&gt; | `id_genres`, `genre_ids`, `genres[].id`, `genres`"),
        ("local_movies", "id", r"required; matches `\Att[0-9]+\z`; empty is null"),
        ("local_series", "anoTermino", "int | `anoTermino` |  | Year of the last episode."),
    ],
)
def test_the_row_of_a_column_shows_its_sources_and_rules(table: str, column: str, said: str) -> None:
    section = reference.contracts_page().split(f"\n## {table}\n")[1].split("\n## ")[0]
    (row,) = [line for line in section.splitlines() if line.startswith(f"| {column} |")]
    assert said in row


def test_the_commands_page_has_every_command_and_fits_its_width() -> None:
    page = reference.commands_page()
    headings = [line.removeprefix("## ") for line in page.splitlines() if line.startswith("## ")]
    assert [one for one in headings if one.count(" ") < 2] == [
        "trustedlake",
        *(f"trustedlake {name}" for name in COMMANDS),
    ]
    assert "Usage: trustedlake to-trusted [OPTIONS]" in page
    assert max(len(line) for line in page.split("```text")[1].splitlines()) <= reference.WIDTH
