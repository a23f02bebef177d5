"""The witness: the text that stands for a record in the proof, and that Quarantine gives it again."""

from __future__ import annotations

import json

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.framed import MOVIES, frame
from tests.support.witness import witness_crc, witness_of_raw
from trustedlake.core.framing.witness import witness_crcs, witness_text

A = '{"id":1,"title":"A"}'
B = '{"id":2,"title":"B"}'


def test_the_witness_is_the_first_text_of_each_witness_column() -> None:
    framed = frame('[{"movie_id":"","id":" 07 ","title":"A"},null,{"title":"B"}]')
    texts = [b"7\x1fA", b"\x1f", b"\x1fB"]
    assert framed.facts.witness == sum(witness_crc(text, index) for index, text in enumerate(texts))


def test_swapping_two_records_changes_the_witness() -> None:
    assert frame(f"[{A},{B}]").facts.witness != frame(f"[{B},{A}]").facts.witness


@pytest.mark.parametrize(
    ("text", "canonical"),
    [
        ("10", "10"),
        ("10.0", "10"),
        ("10.", "10"),
        ("007", "7"),
        ("000", "0"),
        ("-0", "0"),
        ("-05", "-5"),
        ("+5", "5"),
        (" 5\t", "5"),
        ("10.7", ""),
        ("1e3", ""),
        ("5k", ""),
        ("  ", ""),
        ("", ""),
    ],
)
def test_the_witness_has_whole_numbers_as_typed_and_other_texts_as_empty(text: str, canonical: str) -> None:
    framed = frame(json.dumps([{"id": text, "title": "A"}]))
    assert framed.facts.witness == witness_crc(witness_text([canonical, "A"]), 0)


def test_the_witness_can_be_computed_again_from_the_raw_text_of_any_row() -> None:
    records = [
        A,
        '{"id":"007","title":"\\ud800x"}',
        '{"movie_id":10.0,"id":3,"title":["x"]}',
        '{"id":1,"id":5,"title":{"a":1},"title":"last"}',
        '{"movie_id":null,"tmdb_id":"","ID":4}',
        '{"id":1,"title":"deep","x":' + "[" * 200 + "]" * 200 + "}",
        '{"id":1,"title":"deeper","x":' + "[" * 9000 + "]" * 9000 + "}",
        '{"success":false}',
        "null",
        "[]",
        '"x"',
        "7",
    ]
    for content in (f"[{','.join(records)}]", "\n".join([*records, '{"id":3,"title":"cut', "{}x", f"{A} x", "x"])):
        framed = frame(content)
        again = sum(witness_crc(witness_of_raw(row["raw"], MOVIES, []), row["record_index"]) for row in framed.rows)
        assert framed.facts.witness == again


def test_exchanging_a_value_between_two_records_changes_the_sum() -> None:
    """A plain sum of crc32 did not see films 1 and 2 exchange their titles: crc32 is linear."""
    sound = [b"1\x1fFilm 1", b"2\x1fFilm 2", b"3\x1fFilm 3"]
    swapped = [b"1\x1fFilm 2", b"2\x1fFilm 1", b"3\x1fFilm 3"]
    places = pa.array([0, 1, 2], pa.int32())
    total, other = (sum(witness_crcs(pa.array(texts), places).to_pylist()) for texts in (sound, swapped))
    assert total != other


@given(st.lists(st.tuples(st.binary(max_size=20), st.integers(0, 2**31 - 1))))
def test_checksums_computed_for_all_rows_equal_those_of_single_rows(rows: list[tuple[bytes, int]]) -> None:
    texts, indexes = pa.array([text for text, _ in rows], pa.binary()), pa.array([n for _, n in rows], pa.int32())
    assert witness_crcs(texts, indexes).to_pylist() == [witness_crc(text, index) for text, index in rows]
