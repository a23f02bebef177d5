"""Raw files with 100 planted defects, and what should happen to each.

A kind of defect has a day of its own (for CSV: lines of the one file), so that kinds don't hide one another; each of
its files has one defect among good films, and one file more has good films only.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from tests.benchmarks.generator import CSV, FIRST_DAY, HEADER, MOVIES
from tests.benchmarks.kinds import FILMS, HEADERS, KINDS, LINES, LINES_COUNT, Demand

if TYPE_CHECKING:
    from collections.abc import Collection
    from pathlib import Path

    Film = dict[str, Any]

COLUMNS = HEADER.strip().split("|")
GOOD = 30
"""Good films in each file."""


@dataclass(frozen=True)
class Defect:
    """One planted defect.

    Attributes:
        file: path in the lake.
        record: the number of the film or line that it is in; none: no record is there, or all of the file are.
        text: the raw value that is wrong; a tool that keeps it in another column loses nothing.
    """

    file: str
    record: int | None = None
    text: str = ""


@dataclass(frozen=True)
class Planted:
    """All defects of a kind.

    Attributes:
        job: `movies` or `csv`.
        good: the numbers of the records that are to come out whole.
        files: by number of the record, where it is.
        expected: by number of the record, its values by the names of the columns.
    """

    kind: str
    job: str
    demand: Demand
    defects: list[Defect] = field(default_factory=list)
    good: set[int] = field(default_factory=set)
    files: dict[int, str] = field(default_factory=dict)
    expected: dict[int, Film] = field(default_factory=dict)


def plant(lake: Path, kinds: Collection[str] = KINDS) -> list[Planted]:
    """Write raw files with all defects of these kinds; the same each time."""
    planted = [_plant_films(lake, kind, place) for place, kind in enumerate(FILMS) if kind in kinds]
    return planted + _plant_lines(lake, [kind for kind in LINES if kind in kinds])


def film(number: int) -> Film:
    """A good film; its number stands in `overview`, which no defect touches."""
    return {
        "movie_id": number,
        "title": f"Film {number}",
        "overview": f"#{number}",
        "release_date": "2024-03-05",
        "popularity": number / 4,
        "vote_average": 7.5,
        "vote_count": 10 * number,
        "collection": "A Collection",
        "genres": ["Crime"],
        "keywords": ["harbour"],
    }


def line(number: int) -> Film:
    """A good line of CSV; its number stands in `nomeArtista`."""
    values = (f"tt{number:07}", f"Film {number}", f"Film {number}", "1999", "90", "Crime,War", "7.5", f"{10 * number}")
    artist = ("actor", "A Captain", f"#{number}", "1960", "2020", "actor", "tt0000001")
    return dict(zip(COLUMNS, (*values, *artist), strict=True))


def _plant_films(lake: Path, name: str, place: int) -> Planted:
    kind = FILMS[name]
    planted = Planted(name, "movies", kind.demand)
    folder = f"{MOVIES}/{FIRST_DAY + timedelta(days=place):%Y/%m/%d}"
    (lake / folder).mkdir(parents=True)
    for nth in range(kind.count + 1):
        first = 1 + 10_000 * place + nth * (GOOD + 1)
        *films, last = (film(number) for number in range(first, first + GOOD + 1))
        file = f"{folder}/filmes_{nth:03}.json"
        good = [*films, last]
        if nth == kind.count:
            content = json.dumps(good).encode()  # the file without a defect
        else:
            content = kind.write(films, last)
            planted.defects.append(Defect(file, last["movie_id"] if kind.one else None, kind.text))
            good = good[: {"all": None, "others": GOOD, "none": 0}[kind.good]]
        (lake / file).write_bytes(content)
        planted.expected.update({film["movie_id"]: film for film in [*films, last]})
        planted.files.update({film["movie_id"]: file for film in [*films, last]})
        planted.good.update(film["movie_id"] for film in good)
    return planted


def _plant_lines(lake: Path, kinds: Collection[str]) -> list[Planted]:
    if not kinds:
        return []
    file = f"{CSV}/{FIRST_DAY:%Y/%m/%d}/movies.csv"
    planted = [Planted(kind, "csv", LINES[kind][0]) for kind in kinds]
    written = [HEADER.strip()]
    for number in range(1, 1 + len(planted) * LINES_COUNT * (GOOD + 1)):
        found = planted[(number - 1) // (LINES_COUNT * (GOOD + 1))]
        demand, given, expected = LINES[found.kind]
        good = line(number)
        found.files[number] = file
        found.expected[number] = good
        if (number - 1) % (GOOD + 1) != GOOD // 2:
            found.good.add(number)
            written.append("|".join(good.values()))
            continue
        found.expected[number] = good | {name: value and value.format(number) for name, value in expected.items()}
        written += [text.format(number) for text in given("|".join(good.values())).splitlines()]
        found.defects.append(Defect(f"{file}#{len(written)}", None if found.kind == HEADERS else number))
        if demand is Demand.WHOLE or found.kind == HEADERS:
            found.good.add(number)
    (lake / file).parent.mkdir(parents=True)
    (lake / file).write_text("\n".join(written) + "\n", encoding="utf-8")
    return planted
