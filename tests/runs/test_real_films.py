"""Real films from outside: 3,201 of them, and bodies made from TMDB's own description."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

import pytest

from tests.support.described import body_of, schema
from tests.support.shapes import SHAPES, real_films
from tests.support.trials import CSV, MOVIES, only_partition
from trustedlake.models.ledger import Counts

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.support.trials import Trial

CSV_COLUMNS: dict[str, Callable[[dict[str, Any]], object]] = {
    "id": lambda film: f"tt{film['movie_id']:07}",
    "tituloPincipal": lambda film: film["title"],
    "tituloOriginal": lambda film: film["title"],
    "anoLancamento": lambda film: str(film["release_date"] or "")[:4],
    "tempoMinutos": lambda film: film["Running Time min"],
    "genero": lambda film: film["Major Genre"],
    "notaMedia": lambda film: film["vote_average"],
    "numeroVotos": lambda film: film["vote_count"],
    "generoArtista": lambda _: "director",
    "personagem": lambda _: None,
    "nomeArtista": lambda film: film["Director"],
    "anoNascimento": lambda _: None,
    "anoFalecimento": lambda _: None,
    "profissao": lambda _: "",
    "titulosMaisConhecidos": lambda _: None,
}


def refusable(film: dict[str, Any]) -> bool:
    """Whether the contract must refuse the film, told without the code under test."""
    from datetime import date  # noqa: PLC0415

    released, title = film["release_date"], film["title"]
    if title is None or not str(title).strip():
        return True
    try:
        date.fromisoformat(released or "2000-01-01")
    except (TypeError, ValueError):
        return True
    return False


SAMPLE = ("pretty_array_utf8.json", "lines_compressed.json.gz")
LARGE = [
    pytest.param(name, marks=() if name in SAMPLE else pytest.mark.rest)
    for name in SHAPES
    if not name.startswith("pages")
]


@pytest.mark.parametrize("shape", LARGE)
def test_every_shape_accounts_for_every_film_and_gives_the_same_rows(trial: Trial, shape: str) -> None:
    films = real_films()
    bad = [film for film in films if refusable(film)]
    trial.put(f"{MOVIES}/2025/06/17/{shape}", SHAPES[shape](films))
    part = only_partition(trial.run(entity="movies", max_rejected=0.5))
    assert part.counts == Counts(framed=len(films), trusted=len(films) - len(bad), rejected=len(bad))
    rows = trial.rows()
    good = {film["movie_id"]: film for film in films if not refusable(film)}
    assert {row["movie_id"] for row in rows} == good.keys()
    for row in rows:
        film = good[row["movie_id"]]
        assert row["title"] == str(film["title"])
        assert row["vote_average"] == film["vote_average"]
        assert row["vote_count"] == film["vote_count"]
        assert (row["release_date"] and row["release_date"].isoformat()) == film["release_date"]
        assert dict(row["rescued"]).get("Distributor") == film["Distributor"]
    assert {record.record_index for record in trial.refused()} == {film["movie_id"] - 1 for film in bad}


def test_the_csv_accounts_for_every_film(trial: Trial) -> None:
    films = real_films()
    lines = ["|".join(CSV_COLUMNS)]
    for film in films:
        cells = [take(film) for take in CSV_COLUMNS.values()]
        lines.append("|".join(r"\N" if cell is None else str(cell) for cell in cells))
    trial.put(f"{CSV}/2025/05/15/movies.csv", "\n".join(lines) + "\n")
    part = only_partition(trial.run("csv", "movies", max_rejected=0.5))
    odd_year = Counter(bool(str(film["release_date"] or "0000")[:4].isdigit()) for film in films)[False]
    assert part.counts.framed == len(films)
    assert part.counts.rejected == odd_year
    assert part.counts.trusted == len(films) - odd_year
    titles = {row["id"]: row["tituloPincipal"] for row in trial.rows("Trusted/Local/Parquet/Movies")}
    for film in films:
        key = f"tt{film['movie_id']:07}"
        if key in titles:
            assert titles[key] == (None if film["title"] is None else str(film["title"]))


@pytest.mark.parametrize(
    ("path", "entity", "records"),
    [
        ("/3/movie/{movie_id}", "movies", 1),
        ("/3/discover/movie", "movies", 2),
        ("/3/tv/{series_id}", "series", 1),
        ("/3/discover/tv", "series", 2),
    ],
)
def test_bodies_made_from_the_tmdb_description_are_published(
    trial: Trial, path: str, entity: str, records: int
) -> None:
    trial.put(f"Raw/TMDB/JSON/{entity.capitalize()}/2025/06/17/body.json", body_of(schema(path)))
    counts = only_partition(trial.run(entity=entity)).counts
    assert (counts.framed, counts.trusted) == (records, records)


CHANGES = {"results": [{"id": 7, "adult": False}, {"id": 8, "adult": None}], "page": 1, "total_pages": 1}


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(body_of(schema("/3/genre/movie/list")), id="genres"),
        pytest.param(CHANGES, id="changes"),
        pytest.param(body_of(schema("/3/movie/{movie_id}/keywords")), id="keywords"),
    ],
)
def test_bodies_without_films_are_refused(trial: Trial, body: dict[str, Any]) -> None:
    trial.put(f"{MOVIES}/2025/06/17/body.json", body)
    part = only_partition(trial.run(entity="movies"))
    assert part.status == "refused"
    assert trial.rows() == []
