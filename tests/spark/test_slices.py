"""Framed records in slices by key: each record is in one slice, and possibly equal records are in the same."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.support.frames import framed, framed_row
from trustedlake.core.judging.schema import slice_by_key
from trustedlake.models.built_in import CONTRACTS

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

pytestmark = pytest.mark.interpreted

MOVIES, LOCAL = CONTRACTS["tmdb_movies"], CONTRACTS["local_movies"]

# Normal texts that are one key in the table, by group.
FILMS: list[list[str | None]] = [
    ["7", "7", "7"],
    ["8"],
    ["-3"],
    [None, "9223372036854775808", "99999999999999999999"],
]
LINES: list[list[str | None]] = [["tt0000007"], ["tt0000007 "], ["tt7"], [None]]


@pytest.mark.parametrize("of", [1, 2, 3, 7])
def test_films_that_may_be_equal_are_in_the_same_slice(of: int, session: SparkSession) -> None:
    texts = [{"movie_id": text, "title": title} for title in "ab" for group in FILMS for text in group]
    groups = [number for _ in range(2) for number, group in enumerate(FILMS) for _ in group]
    rows = [framed_row(MOVIES, text, record_index=index) for index, text in enumerate(texts)]
    frame = framed(session, MOVIES, rows)

    slices = [slice_by_key(frame, MOVIES, number, of=of) for number in range(of)]

    assert all(one.schema.simpleString() == frame.schema.simpleString() for one in slices)
    found = [[row["record_index"] for row in one.collect()] for one in slices]
    assert sorted(index for one in found for index in one) == list(range(len(rows)))
    places = {index: number for number, one in enumerate(found) for index in one}
    assert all(len({places[i] for i, group in enumerate(groups) if group == one}) == 1 for one in set(groups))


def test_many_lines_are_distributed_evenly_over_slices(session: SparkSession) -> None:
    rows = [framed_row(LOCAL, {"id": f"tt{index:07}"}, record_index=index) for index in range(900)]
    frame = framed(session, LOCAL, rows)
    sizes = [slice_by_key(frame, LOCAL, number, of=3).count() for number in range(3)]
    assert sum(sizes) == 900
    assert all(240 < size < 360 for size in sizes)


def test_lines_with_the_same_key_are_in_the_same_slice(session: SparkSession) -> None:
    rows = [framed_row(LOCAL, {"id": text[0]}, record_index=index) for index, text in enumerate(LINES * 5)]
    frame = framed(session, LOCAL, rows)
    found = [{row["record_index"] for row in slice_by_key(frame, LOCAL, n, of=4).collect()} for n in range(4)]
    for start in range(len(LINES)):
        mine = set(range(start, 5 * len(LINES), len(LINES)))
        assert [mine & one for one in found if mine & one] == [mine]
