"""Write `data/fixtures` from `data/catalogue.json`: invented films and series as real sources lay them out.

    python data/make_fixtures.py [folder]

* `lake/`      a small lake's Raw zone: three days, many shapes, a few defects on purpose
* `shapes/`    the same records, one shape a file (`objects/`: one record a file), by table
* `hostile/`   one defect a file
* `expected/`  the typed rows of each shape, the counts of the lake, the fate of the hostile files
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hostile import hostile_csv, hostile_json
from shapes import (
    BOM,
    Dialects,
    Record,
    csv,
    csv_lines,
    csv_rows,
    csv_shapes,
    gzipped,
    json_shapes,
    ndjson,
    one_line,
    pretty,
)
from shapes import page as page_of

if TYPE_CHECKING:
    from collections.abc import Sequence

HERE = Path(__file__).parent


def fixtures(catalogue: dict[str, Any]) -> dict[str, bytes]:
    """Path below `data/fixtures` -> bytes."""
    movies, series = catalogue["movies"], catalogue["series"]
    names = sorted({name for entry in movies + series for name in entry["keywords"]})
    dialects = Dialects(catalogue["genres"], {name: 5001 + place for place, name in enumerate(names)})
    films = [dialects.flat(entry) for entry in movies]

    files = {f"lake/Raw/TMDB/JSON/Movies/{path}": data for path, data in lake_movies(movies, dialects).items()}
    files |= {f"lake/Raw/TMDB/JSON/Series/{path}": data for path, data in lake_series(series, dialects).items()}
    files["lake/Raw/Local/CSV/Movies/2025/05/15/movies.csv"] = lake_csv(movies)
    files["lake/Raw/Local/CSV/Series/2025/05/15/series.csv"] = csv(csv_lines(series, corrected=True), end="\r\n")
    files["expected/lake.json"] = pretty(LAKE_COUNTS)

    for name, entries in (("movies", movies), ("series", series)):
        files |= {f"shapes/tmdb_{name}/{path}": data for path, data in json_shapes(entries, dialects).items()}
        files |= {f"shapes/local_{name}/{path}": data for path, data in csv_shapes(entries).items()}
        files[f"expected/tmdb_{name}.json"] = pretty([_typed(dialects.flat(entry)) for entry in entries])
        files[f"expected/local_{name}.json"] = pretty([_typed(row) for row in csv_rows(entries)])

    hostile = {f"json/{name}": case for name, case in hostile_json(films).items()}
    hostile |= {f"csv/{name}": case for name, case in hostile_csv(movies).items()}
    files |= {f"hostile/{name}": data for name, (data, _) in hostile.items()}
    files["expected/hostile.json"] = pretty({name: fate for name, (_, fate) in hostile.items()})
    return files


LAKE_COUNTS = {
    "tmdb_movies": {
        "ano=2025/mes=06/dia=16": {"framed": 14, "trusted": 12, "rejected": 1, "duplicates": 1},
        "ano=2025/mes=06/dia=17": {"framed": 13, "trusted": 12, "rejected": 1, "duplicates": 0},
        "ano=2025/mes=06/dia=18": {"framed": 13, "trusted": 12, "rejected": 0, "duplicates": 1},
    },
    "tmdb_series": {
        "ano=2025/mes=06/dia=16": {"framed": 7, "trusted": 6, "rejected": 0, "duplicates": 1},
        "ano=2025/mes=06/dia=17": {"framed": 7, "trusted": 6, "rejected": 1, "duplicates": 0},
    },
    "local_movies": {"": {"framed": 25, "trusted": 22, "rejected": 2, "duplicates": 1}},
    "local_series": {"": {"framed": 7, "trusted": 7, "rejected": 0, "duplicates": 0}},
}
"""What one run over the lake must count; written down by hand, so that no code vouches for itself."""


def lake_movies(movies: Sequence[Record], dialects: Dialects) -> dict[str, bytes]:
    """Three days of films; what is wrong in them is named here."""
    days = [[_later(entry, day) for entry in movies] for day in range(3)]
    flat = [[dialects.flat(entry) for entry in day] for day in days]
    details = [[dialects.details(entry) for entry in day] for day in days]
    two_faults = flat[0][0] | {"movie_id": 900099, "title": " ", "vote_average": 11}
    cut_line = one_line(flat[1][1])[:60]
    return {
        "2025/06/16/filmes_001.json": one_line(flat[0][:6]),
        # Holds the third film again (the later file wins) and a record with two faults.
        "2025/06/16/filmes_002.json": pretty([*details[0][6:], details[0][2], two_faults], ascii_only=True),
        "2025/06/17/discover_001.json": page_of([dialects.discover(entry) for entry in days[1][:6]]),
        # The last line was cut.
        "2025/06/17/filmes_001.json": ndjson([dialects.pandas(entry) for entry in days[1][6:]]) + cut_line + b"\n",
        # Under a folder named after the film's year: not the ingestion date.
        "2025/06/18/1894/filme_900017.json": pretty(details[2][6]),
        "2025/06/18/filmes_001.json": b"".join(pretty(record) for record in details[2][:3]),
        "2025/06/18/filmes_002.json.gz": gzipped(one_line(flat[2][3:6])),
        # Byte order mark; the last film twice.
        "2025/06/18/filmes_003.json": BOM + pretty([*flat[2][7:], flat[2][11] | {"vote_count": 9999}]),
    }


def lake_series(series: Sequence[Record], dialects: Dialects) -> dict[str, bytes]:
    """Two days of series: one twice on the first, one without a name on the second."""
    today = [dialects.flat(entry) for entry in series]
    tomorrow = [dialects.discover(_later(entry, 1)) for entry in series]
    return {
        "2025/06/16/series_001.json": one_line([*today, today[0]]),
        "2025/06/17/series_001.json": page_of([*tomorrow, tomorrow[0] | {"id": 910099, "name": None}]),
    }


def lake_csv(movies: Sequence[Record]) -> bytes:
    r"""Films and artists, with a line twice, a short line and a line whose id is `\N`."""
    lines = csv_lines(movies)
    no_id = "|".join([r"\N", *lines[1].split("|")[1:]])
    return csv([*lines, lines[2], lines[3].rpartition("|")[0], no_id])


def _later(entry: Record, days: int) -> Record:
    """The entry as it is some days later: more votes, other popularity."""
    if not days:
        return entry
    popularity = round(entry["popularity"] + days / 4, 4)
    return entry | {"popularity": popularity, "vote_count": entry["vote_count"] + 10 * days}


def _typed(record: Record) -> Record:
    """The row that Trusted must hold: contract names, empty text of dates and ids is null, unknown keys rescued."""
    empty_is_null = {"release_date", "first_air_date", "last_air_date", "imdb_id", "profissao"}
    renamed = {"id_collection": "collection_id", "id_genres": "genre_ids"}
    row = {
        renamed.get(key, key): None if value == "" and key in empty_is_null else value
        for key, value in record.items()
        if key != "tagline"
    }
    if "series_id" in record:
        row["imdb_id"] = None  # TMDB gives that of a series on request only
    return row | {"rescued": {"tagline": record["tagline"]} if "tagline" in record else None}


def write(folder: Path) -> int:
    """Write every fixture below `folder`; returns their number."""
    files = fixtures(json.loads((HERE / "catalogue.json").read_text(encoding="utf-8")))
    for path, data in files.items():
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(data)
    return len(files)


if __name__ == "__main__":
    root = Path(sys.argv[1]) if sys.argv[1:] else HERE / "fixtures"
    sys.stdout.write(f"{write(root)} files in {root}\n")
