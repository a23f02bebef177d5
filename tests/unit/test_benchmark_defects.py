"""Planted defects are those that are counted, and what a tool did with them is judged correctly."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.benchmarks.kinds import FILMS, HEADERS, KINDS
from tests.benchmarks.outcome import fate, written
from tests.benchmarks.planted import GOOD, plant
from tests.benchmarks.record import Fate

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.benchmarks.planted import Planted

    Rows = list[dict[str, Any]]


def no_json(content: bytes) -> bool:
    try:
        json.loads(content)
    except ValueError:
        return True
    return False


SIGNS: dict[str, Callable[[bytes], bool]] = {
    "a pretty-printed file": lambda data: len(data.splitlines()) > 100 and not no_json(data),
    "two documents in one file": lambda data: b"}][{" in data and no_json(data),
    "a page of the API as it came": lambda data: data.startswith(b'{"page"'),
    "a byte order mark": lambda data: data.startswith(b"\xef\xbb\xbf["),
    "the id under the API's own key": lambda data: data.startswith(b'[{"id": ') and b"movie_id" not in data,
    "`title` renamed to `titulo`": lambda data: data.count(b'"titulo"') == GOOD + 1 and b'"title"' not in data,
    "a file that is cut off": lambda data: data.startswith(b"[{") and not data.endswith(b"]") and no_json(data),
    "an error page": lambda data: b'"success": false' in data,
    "`null` among the films": lambda data: None in json.loads(data),
    "NDJSON with a broken line": lambda data: [no_json(line) for line in data.splitlines()] == [False] * GOOD + [True],
    "a title that is not UTF-8": lambda data: b"\xff" in data and not no_json(data.replace(b"\xff", b"")),
    '`"5k"` for a number': lambda data: data.count(b'"vote_count": "5k"') == 1,
    "`10.7` for an integer": lambda data: data.count(b'"vote_count": 10.7,') == 1,
    "a film twice in a file": lambda data: len({film["movie_id"] for film in json.loads(data)}) == data.count(b"{") - 1,
}


def test_one_hundred_defects_are_planted_and_each_is_in_its_file(tmp_path: Path) -> None:
    planted = plant(tmp_path)
    assert [found.kind for found in planted] == list(KINDS)
    assert sum(len(found.defects) for found in planted) == 100
    assert [len({defect.file for defect in found.defects}) for found in planted] == [len(p.defects) for p in planted]
    content = {p.kind: [(tmp_path / d.file).read_bytes() for d in p.defects] for p in planted[: len(FILMS)]}
    assert {kind: {SIGNS[kind](data) for data in files} for kind, files in content.items()} == {
        kind: {True} for kind in FILMS
    }
    neighbour = (tmp_path / planted[0].defects[0].file).with_name("filmes_005.json").read_bytes()
    assert [kind for kind, shows in SIGNS.items() if shows(neighbour)] == []
    lines = (tmp_path / planted[-1].defects[0].file.partition("#")[0]).read_text().splitlines()
    shown = {p.kind: lines[int(p.defects[0].file.partition("#")[2]) - 1] for p in planted[len(FILMS) :]}
    assert [text.count("|") for text in shown.values()] == [12, 14, 14, 14]
    assert [r"|\N|" in text for text in shown.values()] == [False, True, False, False]
    assert ['|"Film' in text for text in shown.values()] == [False, False, True, False]
    assert shown[HEADERS] == lines[0]


def whole(planted: Planted) -> Rows:
    """What is right of the kind, with the records that nobody could ask for left out."""
    return [planted.expected[number] for number in sorted(planted.good)]


def without_the_last(planted: Planted) -> Rows:
    return whole(planted)[:-1]


def of_the_defect(planted: Planted, **changes: Any) -> Rows:
    number = planted.defects[0].record
    assert number is not None
    return [planted.expected[number] | changes]


PRETTY, CUT, FIVE_K = "a pretty-printed file", "a file that is cut off", '`"5k"` for a number'
TWICE, ERROR, NULLS = "a film twice in a file", "an error page", r"`\N` in a number"
NOTHING = Fate("tool", "", planted=0)
CASES: list[tuple[str, Callable[[Planted], Rows], dict[str, Any]]] = [
    (PRETTY, whole, {"right": 5}),
    (PRETTY, lambda _: [], {"lost": 5, "neighbours": 6 * (GOOD + 1)}),
    (PRETTY, without_the_last, {"right": 5, "neighbours": 1}),
    (PRETTY, lambda p: whole(p) + whole(p)[:1], {"right": 4, "doubled": 1, "neighbours": 1}),
    (PRETTY, lambda p: [film | {"vote_count": None} for film in whole(p)], {"changed": 5, "neighbours": 186}),
    (PRETTY, lambda p: [{"results": str(whole(p))}], {"changed": 5, "neighbours": 186}),
    (CUT, whole, {"lost": 5}),
    (CUT, lambda p: whole(p) + of_the_defect(p, collection=None), {"lost": 4, "changed": 1}),
    (FIVE_K, whole, {"lost": 8}),
    (FIVE_K, lambda p: whole(p) + of_the_defect(p, vote_count=None), {"lost": 7, "changed": 1}),
    (FIVE_K, lambda p: whole(p) + of_the_defect(p, vote_count=None, vote_count__v_text="5k"), {"right": 1, "lost": 7}),
    (TWICE, lambda p: whole(p) + 2 * of_the_defect(p), {"doubled": 1, "lost": 8}),
    (TWICE, lambda p: whole(p) + of_the_defect(p), {"right": 1, "lost": 8}),
    (ERROR, whole, {"lost": 5}),
    (ERROR, lambda p: [*whole(p), {"movie_id": None, "overview": None}], {"changed": 5}),
    (HEADERS, whole, {"lost": 5}),
    (HEADERS, lambda p: [*whole(p), {"id": "id", "nomeArtista": "nomeArtista"}], {"changed": 5}),
    (
        NULLS,
        lambda p: [line | {"anoFalecimento": r"\N"} for line in whole(p)],
        {"changed": 5, "neighbours": 150},
    ),
]


@pytest.mark.parametrize(("kind", "rows", "expected"), CASES)
def test_the_fate_of_each_planted_defect_is_read_from_what_the_tool_wrote(
    kind: str, rows: Callable[[Planted], Rows], expected: dict[str, Any], tmp_path: Path
) -> None:
    (planted,) = plant(tmp_path, [kind])
    write(tmp_path, planted, rows(planted))
    assert fate("tool", planted, written(tmp_path)) == replace(
        NOTHING, kind=kind, planted=len(planted.defects), **expected
    )


def test_a_reported_defect_counts_as_right_and_a_held_day_is_no_loss(tmp_path: Path) -> None:
    (planted,) = plant(tmp_path, [CUT])
    said = [
        {"file_path": d.file, "record_index": None, "verdict": "unreadable", "failed": True} for d in planted.defects
    ]
    everything = Fate("tool", CUT, 5, right=5, held=6 * GOOD + 1)
    assert fate("tool", planted, written(tmp_path, said)) == everything
    (doubt,) = plant(tmp_path / "two", [TWICE])
    duplicates = [said[0] | {"file_path": doubt.defects[0].file, "verdict": "duplicate", "failed": False}]
    assert fate("tool", doubt, written(tmp_path / "two", duplicates)).right == 0
    published = [record | {"failed": False} for record in said]
    assert fate("tool", planted, written(tmp_path, published)) == replace(everything, held=0, neighbours=6 * GOOD + 1)


def write(lake: Path, planted: Planted, rows: Rows) -> None:
    """As a tool does that leaves out absent columns."""
    if not rows:
        return
    day = planted.defects[0].file.split("/")[-4:-1]
    folder = "/".join(f"{name}={part}" for name, part in zip(("ano", "mes", "dia"), day, strict=True))
    target = lake / ("Trusted/TMDB" if planted.job == "movies" else "Trusted/Local") / folder
    target.mkdir(parents=True)
    names = sorted({name for row in rows for name in row})
    pq.write_table(pa.table({name: [row.get(name) for row in rows] for name in names}), target / "data_0.parquet")
