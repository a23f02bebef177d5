"""Which shapes of JSON are read, which are refused, and what happens to damaged records."""

from __future__ import annotations

import gzip
import json

import pytest

from tests.support.described import described_bodies
from tests.support.framed import SERIES, frame
from tests.support.shapes import OBJECT, SHAPES, Shape, real_films

FILMS = [
    {"id": number, "title": title, "overview": 'line\nbreak, NBSP\u00a0and "quotes" \\ {[', "genres": [{"id": 1}]}
    for number, title in enumerate(["Cidade de Deus", "Ação", "東京物語", "😀", "l'été"], start=1)
]
A = '{"id":1,"title":"A"}'
B = '{"id":2,"title":"B"}'
C = '{"id":3,"title":"C"}'


@pytest.mark.parametrize("name", SHAPES)
def test_every_shape_gives_the_same_films(name: str) -> None:
    framed = frame(SHAPES[name](FILMS), name)
    assert framed.facts.problem is None
    assert framed.indexed == [(index, None) for index in range(len(FILMS))]
    assert framed.column("text_title") == [film["title"] for film in FILMS]
    assert [json.loads(raw) for raw in framed.column("raw")] == FILMS


@pytest.mark.parametrize(
    ("name", "shape"),
    [
        ("one_line_array.json", "array"),
        ("pretty_array_utf8.json", "array"),
        ("array_compressed.json.gz", "array"),
        ("lines.json", "ndjson"),
        ("lines_crlf.json", "ndjson"),
        ("lines_blank.json", "ndjson"),
        ("page.json", "page"),
        ("pages.json", "ndjson"),
        ("arrays.json", "documents"),
        ("pretty_documents.json", "documents"),
        ("documents_side_by_side.json", "documents"),
    ],
)
def test_the_facts_name_the_shape(name: str, shape: str) -> None:
    assert frame(SHAPES[name](FILMS), name).facts.shape == shape


def test_one_object_is_one_record() -> None:
    framed = frame(OBJECT(FILMS))
    assert (framed.facts.shape, framed.column("text_movie_id")) == ("object", ["1"])


@pytest.mark.parametrize("name", SHAPES)
def test_no_real_film_is_lost_in_any_shape(name: str) -> None:
    films = real_films()
    framed = frame(SHAPES[name](films), name)
    assert framed.facts.records == len(films) == 3201
    assert framed.column("text_movie_id") == [str(number) for number in range(1, 3202)]
    titles = [None if film["title"] is None else str(film["title"]) for film in films]
    assert framed.column("text_title") == titles
    assert framed.facts.null["vote_average"] == sum(film["vote_average"] is None for film in films)


REFUSED: dict[str, tuple[str | bytes, str]] = {
    "truncated_array": ("[" + A, "truncated"),
    "truncated_in_a_string": (f'[{A},{{"id":2,"ti', "truncated"),
    "truncated_page": ('{"page":1,"results":[' + A, "truncated"),
    "truncated_only_object": (A[:-3], "truncated"),
    "object_cut_behind_an_array": (f"[{A}]\n{B[:-3]}", "truncated"),
    "array_cut_behind_an_object": (f"{A}{{\n}}\n[{B}", "truncated"),
    "trailing_garbage": (f"[{A}] garbage", "column 24: expected a JSON array or object, found 'garbage'"),
    "garbage_behind_the_first_line": (f"{A} x\n{B}\n", "'x'"),
    "comma_missing": (f"[{A}\n{B}]", "line 2 column 1: Expecting ',' delimiter"),
    "comma_too_many": (f"[{A},]", "Expecting value"),
    "single_quotes": ("{'id':1}", "Expecting property name"),
    "nan": ('[{"id":1,"title":"A","popularity":NaN}]', "NaN is not JSON"),
    "infinity": ('[{"id":1,"title":"A","popularity":-Infinity}]', "-Infinity is not JSON"),
    "control_character_in_a_string": ('[{"id":1,"title":"A\tB"}]', "Invalid control character"),
    "control_character_in_a_key": ('[{"id":1,"ti\ttle":"A"}]', "Invalid control character"),
    "invalid_utf8": (b'[{"id":1,"title":"caf\xe9"}]', "byte 21: not UTF-8 (0xe9)"),
    "encoded_surrogate": (b'[{"id":1,"title":"\xed\xa0\x80"}]', "byte 18: not UTF-8 (0xed)"),
    "empty": (b"", "the file is empty"),
    "byte_order_mark_only": (b"\xef\xbb\xbf", "only blanks"),
    "blanks_only": (" \n\t\r\n", "only blanks"),
    "utf16": (f"[{A}]".encode("utf-16"), "UTF-16"),
    "utf16_without_mark": (f"[{A}]".encode("utf-16-le"), "UTF-16"),
    "utf32": (f"[{A}]".encode("utf-32"), "UTF-16 or UTF-32"),
    "compressed_under_a_plain_name": (gzip.compress(A.encode()), "compressed"),
    "html": ("<html>504 Gateway Time-out</html>", "'<html>504 Gateway"),
    "error_body": ('{"success":false,"status_code":34,"status_message":"not found"}', "34: 'not found'"),
    "error_body_with_a_lone_surrogate": (r'{"success":false,"status_message":"\ud800"}', r"none: '\ud800'"),
    "error_body_without_success": ('{"status_code":25,"status_message":"over the limit"}', "25: 'over the limit'"),
    "genres": (
        '{"genres":[{"id":28,"name":"Action"}]}',
        "holds no records of tmdb_movies: it does not have any of the expected keys (keys found: genres)",
    ),
    "configuration": ('{"images":{"base_url":"http://x/"}}', "holds no records of tmdb_movies"),
    "empty_object": ("{}", "it does not have any of the expected keys"),
    "wrapped": ('{"films":[' + A + "]}", "under the key 'films'"),
    "lists_in_a_list": ("[[" + A + "]]", "are in nested lists"),
    "lists_in_lists_in_a_list": ("[ [\n[" + A + "]]]", "are in nested lists"),
    "lists_of_others_in_a_list": ('[[{"name": "x"}]]', "holds no records of tmdb_movies"),
    "changes": ('{"results":[{"id":1,"adult":false}],"page":1,"total_pages":1}', "holds no records of tmdb_movies"),
    "identifiers": ('{"id":1,"adult":false}\n{"id":2,"adult":true}\n', "none of its 2 records"),
    "tv_keywords": ('{"id":1399,"results":[{"name":"dragon","id":12554}]}', "holds no records of tmdb_movies"),
    "no_objects_at_all": ("[1,2,null]", "holds no records of tmdb_movies"),
    "scalar": ("7", "expected a JSON array or object"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_an_unreadable_file_is_refused_as_a_whole_with_place_and_hint(case: str) -> None:
    content, problem = REFUSED[case]
    framed = frame(content)
    assert framed.rows == []
    assert (framed.facts.shape, framed.facts.records) == ("unreadable", 0)
    assert problem in (framed.facts.problem or "")
    assert framed.facts.hint
    data = content.encode() if isinstance(content, str) else content
    assert framed.facts.size == len(data)


def test_lists_of_names_are_not_taken_for_series() -> None:
    facts = frame(REFUSED["tv_keywords"][0], framing=SERIES).facts
    assert facts.shape == "unreadable"
    assert "holds no records of tmdb_series" in (facts.problem or "")
    (genres,) = frame(REFUSED["genres"][0], framing=SERIES).rows
    assert genres["text_series_id"] is genres["text_name"] is None, "judging rejects it: both are required"


DAMAGED: dict[str, tuple[str, list[str | None]]] = {
    "a_line_that_is_no_json": (f"{A}\ngarbage\n{B}\n", [None, "record|not_json", None]),
    "a_line_cut_in_the_middle": (f"{A}\n{B[:12]}\n{C}\n", [None, "record|not_json", None]),
    "a_line_cut_in_a_list": (f'{A}\n{{"id":2,"genres":[\n{C}\n', [None, "record|not_json", None]),
    "a_line_cut_behind_a_colon": (f'{A}\n{{"id":2,"x":\n{C}\n', [None, "record|not_json", None]),
    "two_objects_in_a_damaged_file": (f"{A}\n{B}{C}\nx\n", [None, "record|not_json", "record|not_json"]),
    "two_objects_on_a_line": (f"{A}\n{B}{C}\n", [None, None, None]),
    "garbage_behind_a_later_line": (f"{A}\n{B} x\n{C}\n", [None, "record|not_json", None]),
    "nan_in_a_line": (f'{A}\n{{"id":2,"title":"B","popularity":NaN}}\n{C}\n', [None, "record|not_json", None]),
    "scalars_as_lines": (f'{A}\n5\nnull\n"x"\n{B}', [None, *["record|not_object"] * 3, None]),
    "arrays_as_lines": (f"{A}\n[]\n[{B}]\n[7]", [None, "record|not_object", None, "record|not_object"]),
    "an_error_body_as_a_line": (
        f'{A}\n{{"success":false,"status_code":34}}\n{B}',
        [None, "record|not_tmdb_movies", None],
    ),
    "genres_as_a_line": (f'{A}\n{{"genres":[]}}\n{B}', [None, "record|not_tmdb_movies", None]),
    "a_pretty_object_behind_a_damaged_line": (f'{A}\nx\n{{\n"id":2\n}}', [None, *["record|not_json"] * 4]),
    "last_line_cut": (f"{A}\n{B}\n{C[:-4]}", [None, None, "record|not_json"]),
    "last_of_side_by_side_cut": (f"{A}{B}{C[:-4]}", [None, None, "record|truncated"]),
    "last_pretty_object_cut": ('{\n"id":1,"title":"A"\n}\n{\n"id":2,\n"title":', [None, "record|truncated"]),
    "pretty_after_a_line_then_cut": (
        f'{A}\n{{\n"id":2,"title":"B"\n}}\n{{"id":3,"tit',
        [None, None, "record|truncated"],
    ),
    "scalars_in_an_array": (f'[{A},null,7,"x",[],true,{B}]', [None, *["record|not_object"] * 5, None]),
    "scalars_in_a_page": (f'{{"page":1,"results":[null,{A}]}}', ["record|not_object", None]),
}


@pytest.mark.parametrize("case", DAMAGED)
def test_a_damaged_record_is_one_rejected_record_and_its_neighbours_are_kept(case: str) -> None:
    content, problems = DAMAGED[case]
    framed = frame(content)
    assert framed.indexed == list(enumerate(problems))
    assert framed.facts.records == len(problems)
    for row in framed.rows:
        assert row["raw"] in content
        if row["problem"] not in {None, "record|not_tmdb_movies"}:
            assert row["text_movie_id"] is row["text_title"] is None


def test_an_empty_list_is_readable_and_has_no_records() -> None:
    for content in ("[]", " [ ] \n", '{"page":1,"results":[],"total_pages":0}', "[]\n[]"):
        framed = frame(content)
        assert (framed.facts.problem, framed.facts.records) == (None, 0)


def test_a_page_inside_a_file_of_pages_may_be_empty() -> None:
    framed = frame(f'{{"page":1,"results":[{A}]}}\n{{"page":2,"results":[]}}\n')
    assert framed.column("text_movie_id") == ["1"]


def deep(levels: int) -> str:
    return '{"id":9,"title":"deep","x":' + "[" * (levels - 1) + "]" * (levels - 1) + "}"


@pytest.mark.parametrize("levels", [101, 400, 5_000, 100_000])
@pytest.mark.parametrize("shape", ["[{},{},{}]", '{{"page":1,"results":[{},{},{}]}}', "{}\n{}\n{}\n", "{}{}{}"])
def test_a_record_nested_too_deeply_is_rejected_and_its_neighbours_kept(levels: int, shape: str) -> None:
    framed = frame(shape.format(A, deep(levels), B))
    assert framed.indexed == [(0, None), (1, "record|depth"), (2, None)]
    assert framed.rows[1]["raw"] == deep(levels)


def test_a_record_with_a_hundred_levels_or_many_elements_is_accepted() -> None:
    wide = '{"id":8,"title":"wide","keywords":[' + ",".join(['{"id":1,"name":"]}[{"}'] * 500) + "]}"
    both = deep(100).replace('"id"', '"y":[[],{}],"id"')
    framed = frame(f"[{deep(100)},{wide},{both}]")
    assert framed.indexed == [(0, None), (1, None), (2, None)]


def test_deeply_nested_values_that_are_no_records_are_refused_or_rejected() -> None:
    assert frame("[" * 100_000).facts.shape == "unreadable"
    assert frame('{"a":' * 100_000).facts.shape == "unreadable"
    nested = "[" * 50_000 + "]" * 50_000
    assert frame(f"[{A},{nested}]").indexed == [(0, None), (1, "record|not_object")]
    assert frame(f"{A}\n{nested}\n").indexed == [(0, None), (1, "record|not_object")]


def test_bodies_from_the_tmdb_description_are_read_or_refused_by_their_kind() -> None:
    readable = {"/3/movie/{movie_id}": "object", "/3/discover/movie": "page"}
    # The list of genres has a key of a series; judging rejects its one record, which has no number and no name.
    series = {"/3/tv/{series_id}": "object", "/3/discover/tv": "page", "/3/genre/tv/list": "object"}
    for path, described in described_bodies():
        body = json.dumps(described)
        is_series = "/tv" in path
        framed = frame(body, framing=SERIES) if is_series else frame(body)
        expected = (series if is_series else readable).get(path, "unreadable")
        assert framed.facts.shape == expected, path
        assert all(row["problem"] is None for row in framed.rows), path


@pytest.mark.parametrize("shape", [SHAPES["pretty_array_utf8.json"], SHAPES["pretty_array_escaped.json"]])
def test_fault_of_the_old_job_a_pretty_array_gave_no_rows_and_no_error(shape: Shape) -> None:
    assert frame(shape(FILMS)).facts.records == len(FILMS)


def test_fault_of_the_old_job_a_truncated_file_gave_no_rows_and_no_error() -> None:
    whole = SHAPES["one_line_array.json"](FILMS)
    for cut in range(1, len(whole)):
        framed = frame(whole[:cut])
        assert (framed.rows, framed.facts.shape) == ([], "unreadable")


def test_fault_of_the_old_job_only_the_first_of_two_documents_was_read() -> None:
    assert frame(f"[{A}]\n[{B},{C}]").column("text_movie_id") == ["1", "2", "3"]


def test_fault_of_the_old_job_garbage_behind_the_array_was_ignored() -> None:
    assert frame(f"[{A}] garbage").facts.problem is not None


def test_fault_of_the_old_job_an_error_page_became_a_row_of_nulls() -> None:
    assert frame('{"success":false,"status_code":7,"status_message":"Invalid API key"}').rows == []


def test_fault_of_the_old_job_one_element_that_is_no_object_nulled_the_whole_array() -> None:
    assert frame(f"[{A},5,{B}]").column("text_title") == ["A", None, "B"]


def test_fault_of_the_old_job_numbers_were_reformatted() -> None:
    framed = frame('[{"id":1,"title":"A","popularity":1e3,"vote_average":7.10,"x":[1.0E3, 1]}]')
    row = framed.rows[0]
    assert (row["text_popularity"], row["text_vote_average"], dict(row["rescued"])) == (
        "1e3",
        "7.10",
        {"x": "[1.0E3, 1]"},
    )


def test_fault_of_the_old_job_invalid_utf8_was_replaced_silently() -> None:
    assert frame(b'[{"id":1,"title":"\xff"}]').facts.shape == "unreadable"
