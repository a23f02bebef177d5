"""A record that wins by its name may have fewer values than the loser: the run says which, and how often."""

from __future__ import annotations

import json
from typing import Any

from tests.support.trials import MOVIES, Trial, film, only_table

DETAIL: dict[str, Any] = {
    "id": 7,
    "title": "Foz",
    "imdb_id": "tt9000007",
    "budget": 5,
    "genres": [{"id": 18, "name": "Drama"}],
    "belongs_to_collection": {"id": 3, "name": "Rio"},
    "keywords": {"keywords": [{"id": 1, "name": "barco"}]},
}
ITEM: dict[str, Any] = {"id": 7, "title": "Foz", "genre_ids": [18]}
LEAN: dict[str, Any] = {"id": 7, "title": "Foz"}

CASES: list[tuple[str, list[dict[str, Any]], dict[str, int]]] = [
    (
        "a detail body, then an item of a list",
        [DETAIL, ITEM],
        {"budget": 1, "collection": 1, "collection_id": 1, "genres": 1, "imdb_id": 1, "keywords": 1},
    ),
    ("the other way round", [ITEM, DETAIL], {}),
    ("the same twice", [DETAIL, DETAIL], {}),
    ("other values are not lost ones", [LEAN | {"budget": 1}, LEAN | {"budget": 2}], {}),
    ("a null and a blank are nothing", [LEAN | {"budget": None, "imdb_id": "", "genres": []}, LEAN], {}),
    (
        "a nested null is nothing",
        [LEAN | {"genres": [], "belongs_to_collection": {"id": None, "name": None}}, LEAN],
        {},
    ),
    ("two lost to one", [LEAN | {"budget": 1}, LEAN | {"budget": 2, "runtime": 9}, LEAN], {"budget": 2, "runtime": 1}),
    ("a long number", [LEAN | {"unknown": 10**300, "runtime": 9}, LEAN], {"runtime": 1}),
    ("another film", [DETAIL, LEAN | {"id": 8}], {}),
    ("a list of ids", [LEAN | {"genre_ids": [18]}, LEAN], {"genre_ids": 1}),
    ("lists of names", [LEAN | {"genres": ["Drama"], "keywords": ["x"]}, LEAN], {"genres": 1, "keywords": 1}),
]


def test_values_that_the_kept_record_lacks_are_counted_for_each_day(trial: Trial) -> None:
    for day, (_, records, _) in enumerate(CASES, 1):
        for number, record in enumerate(records):
            trial.put(f"{MOVIES}/2025/06/{day:02}/{number}.json", json.dumps([record]))
    table = only_table(trial.run(entity="movies"))
    found = {part.partition[-2:]: part.lost for part in table.partitions}
    assert {what: found[f"{day:02}"].columns for day, (what, *_) in enumerate(CASES, 1)} == {
        what: lost for what, _, lost in CASES
    }
    assert [lost.duplicates for lost in found.values()] == [1, 0, 0, 0, 0, 0, 2, 1, 0, 1, 1]
    assert table.exit_code == 0
    (said,) = [warning for warning in table.warnings if "duplicate" in warning]
    assert said == (
        "6 duplicate(s) had values that the kept record lacks:"
        " budget (3), collection (1), collection_id (1), genre_ids (1), genres (2), imdb_id (1), keywords (2),"
        " runtime (2)"
    )


def test_a_refused_day_and_a_day_without_duplicates_have_no_such_warning(trial: Trial) -> None:
    trial.put(f"{MOVIES}/2025/06/17/a.json", [DETAIL, ITEM, *[film(number, title="") for number in range(10, 20)]])
    trial.put(f"{MOVIES}/2025/06/18/a.json", [film(1), film(2, budget=1)])
    table = only_table(trial.run(entity="movies"))
    assert table.exit_code == 3
    assert not [warning for warning in table.warnings if "duplicate" in warning]
