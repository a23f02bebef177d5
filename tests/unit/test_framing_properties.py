"""Framing agrees with another JSON parser on any document that Hypothesis invents."""

from __future__ import annotations

import json
from typing import Any

import orjson
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.documents import BLANK, INLINE_BLANK, KNOWN, list_text, object_text, records, values
from tests.support.framed import Framed, frame, frame_csv
from tests.support.witness import witness_crc, witness_of_raw
from trustedlake.models.built_in import CONTRACTS

CONTRACT = CONTRACTS["tmdb_movies"]
FRAMING = CONTRACT.framing()
sampled = settings(max_examples=40, deadline=None)
TEXTS = [column.name for column in CONTRACT.columns if column.type == "string" and column.paths == (column.name,)]
KEEP_EMPTY = [name for name in TEXTS if CONTRACT.column(name).nulls is None]
OTHERS = [column.name for column in CONTRACT.columns if column.name not in TEXTS]
CSV_BLANKS = " \t\x0b\x0c"


def check_row(row: dict[str, Any], text: str) -> None:
    """The row's texts are the ones that another parser reads in the record."""
    assert row["raw"] == text
    expected = orjson.loads(text)
    rescued = dict(row["rescued"] or [])
    assert rescued.keys() - {*KNOWN} == expected.keys() - {*KNOWN}
    for key in rescued.keys() - {*KNOWN}:
        check_text(rescued[key], expected[key], text)
    problems = set((row["problem"] or "").split(",")) - {""}
    for name in TEXTS:
        value, framed = expected.get(name), row[f"text_{name}"]
        is_nested = isinstance(value, list | dict)
        assert (f"{name}|type" in problems) is is_nested
        is_empty = value == "" or (isinstance(value, str) and not value.strip(" \t\r\n"))
        if is_nested or (is_empty and name not in KEEP_EMPTY):
            assert framed is None
        else:
            check_text(framed, value, text)
    for name in OTHERS:
        values = [expected[key] for key in CONTRACT.column(name).keys if expected.get(key) not in (None, "")]
        is_faulty = any(problem.startswith(f"{name}|") for problem in problems)
        assert values or not (row[f"text_{name}"] or is_faulty), "a value that stands nowhere in the record"


def check_text(framed: str | None, value: Any, text: str) -> None:
    """The text is that of the value, to the letter."""
    if value is None or isinstance(value, str):
        assert framed == value
    else:
        assert framed is not None
        assert orjson.loads(framed) == value
        assert framed in text


def check(framed: Framed, texts: list[str]) -> None:
    assert framed.facts.problem is None
    assert framed.column("record_index") == list(range(len(texts)))
    for row, text in zip(framed.rows, texts, strict=True):
        check_row(row, text)
    again = sum(witness_crc(witness_of_raw(row["raw"], FRAMING, []), row["record_index"]) for row in framed.rows)
    assert framed.facts.witness == again


@sampled
@given(st.lists(records(), max_size=5), BLANK)
def test_an_array_gives_the_exact_text_of_each_record(texts: list[str], blank: str) -> None:
    check(frame(blank + list_text(texts, blank) + blank), texts)


@sampled
@given(st.lists(records(), max_size=5), values(BLANK), BLANK)
def test_a_page_gives_the_exact_text_of_each_record(texts: list[str], other: str, blank: str) -> None:
    page = object_text([('"page"', "1"), ('"x"', other), ('"results"', list_text(texts, blank))], blank)
    check(frame(blank + page + blank), texts)


@sampled
@given(records(), BLANK)
def test_an_object_gives_its_exact_text(text: str, blank: str) -> None:
    check(frame(blank + text + blank), [text])


@sampled
@given(st.lists(records(), min_size=2, max_size=5), BLANK)
def test_consecutive_documents_give_the_exact_text_of_each_record(texts: list[str], blank: str) -> None:
    check(frame(blank + blank.join(texts) + blank), texts)


@sampled
@given(st.lists(st.lists(records(), max_size=3), min_size=2, max_size=3), BLANK)
def test_consecutive_arrays_give_the_exact_text_of_each_record(arrays: list[list[str]], blank: str) -> None:
    content = blank.join(list_text(texts, blank) for texts in arrays)
    check(frame(content), [text for texts in arrays for text in texts])


@sampled
@given(st.lists(records(INLINE_BLANK), min_size=2, max_size=5), st.sampled_from(["\n", "\r\n", "\n\n", " \n\t\n"]))
def test_lines_give_the_exact_text_of_each_record_at_once_or_streamed(texts: list[str], end: str) -> None:
    content = end.join(texts)
    check(frame(content), texts)
    check(frame(content, max_whole=len(content.encode()) - 1, block=16), texts)


@sampled
@given(
    st.lists(records(INLINE_BLANK), min_size=1, max_size=4), st.lists(st.text(max_size=10), max_size=4), st.randoms()
)
def test_only_lines_that_are_not_json_are_rejected(texts: list[str], noise: list[str], random: Any) -> None:
    rest = texts[1:] + [line for line in (" ".join(text.split()) for text in noise) if line and not _is_json(line)]
    random.shuffle(rest)
    lines = [texts[0], *rest]
    if len(lines) == 1 or any("\ud800" <= character <= "\udfff" for line in lines for character in line):
        return
    framed = frame("\n".join(lines))
    assert framed.column("record_index") == list(range(len(lines)))
    for row, line in zip(framed.rows, lines, strict=True):
        if _is_json(line):
            check_row(row, line)
        else:
            assert (row["raw"], row["problem"]) == (line, "record|not_json")


def _is_json(line: str) -> bool:
    try:
        orjson.loads(line)
    except (orjson.JSONDecodeError, UnicodeEncodeError):
        return False
    return True


@sampled
@given(st.lists(records(), min_size=1, max_size=3), st.data())
def test_an_array_or_page_truncated_anywhere_is_unreadable(texts: list[str], data: st.DataObject) -> None:
    for whole in (list_text(texts, "\n"), object_text([('"results"', list_text(texts, ""))], " "), texts[0]):
        content = whole.encode()
        framed = frame(content[: data.draw(st.integers(0, len(content) - 1))])
        assert (framed.rows, framed.facts.shape) == ([], "unreadable")


@sampled
@given(st.lists(records(INLINE_BLANK), min_size=2, max_size=4), st.sampled_from(["", "\n"]), st.data())
def test_truncated_documents_lose_only_the_last_record_and_report_it(
    texts: list[str], between: str, data: st.DataObject
) -> None:
    content = between.join(texts)
    cut = data.draw(st.integers(len(texts[0]), len(content)))
    framed = frame(content[:cut])
    whole = [text for place, text in enumerate(texts) if len(between.join(texts[: place + 1])) <= cut]
    assert framed.column("raw")[: len(whole)] == whole
    assert framed.column("problem")[: len(whole)] == [
        row["problem"] for row in framed.rows[: len(whole)] if "record|" not in (row["problem"] or "")
    ]
    left = content[len(between.join(texts[: len(whole)])) : cut].strip()
    assert [(row["raw"].strip(), row["problem"].split("|")[0]) for row in framed.rows[len(whole) :]] == (
        [(left, "record")] if left else []
    )


@sampled
@given(st.binary(max_size=200))
def test_framing_never_fails_whatever_the_bytes(content: bytes) -> None:
    for framed in (frame(content), frame(content, "films.json.gz"), frame(content, max_whole=20, block=7)):
        assert framed.facts.records == len(framed.rows)
        assert framed.facts.size == len(content)


JSON_CHARACTERS = st.text('{}[]",:\\u d8 null true 1e-.\n\r\tidtitle', max_size=60)


@sampled
@given(JSON_CHARACTERS)
def test_framing_reads_no_text_that_another_parser_refuses(text: str) -> None:
    framed = frame('{"id":1,"title":"A"}\n' + text)
    for row in framed.rows:
        if row["problem"] is None or "record|" not in row["problem"]:
            assert isinstance(_lenient(row["raw"]), dict)


def _lenient(text: str) -> Any:
    return json.loads(text)  # orjson refuses lone surrogates, which are read as U+FFFD


FIELDS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="|\r\n"), max_size=8)


@sampled
@given(
    st.lists(st.lists(FIELDS, min_size=1, max_size=5), max_size=12),
    st.sampled_from(["\n", "\r\n", "\r"]),
    st.integers(1, 200),
)
def test_csv_lines_are_split_as_python_splits_them(rows: list[list[str]], end: str, block: int) -> None:
    lines = ["|".join(row) for row in rows]
    framed = frame_csv(end.join(["id|tituloPincipal|genero", *lines]), block=block)
    expected = [(number, line) for number, line in enumerate(lines, start=2) if line.strip(CSV_BLANKS)]
    assert [(row["record_index"], row["raw"]) for row in framed.rows] == expected
    for row in framed.rows:
        fields = row["raw"].split("|")
        texts = [row["text_id"], row["text_tituloPincipal"], row["text_genero"]]
        assert row["problem"] == (None if len(fields) == 3 else "line|short" if len(fields) < 3 else "line|long")
        values = [None if field.strip(" \t") in {"", r"\N"} else field for field in fields]
        assert texts == (values if len(fields) == 3 else [None] * 3)


@sampled
@given(st.binary(max_size=120), st.integers(1, 130))
def test_any_bytes_give_the_same_lines_with_every_block_size(content: bytes, block: int) -> None:
    data = b"id|genero\n" + content
    framed = frame_csv(data, block=block)
    assert framed == frame_csv(data)
    lines = content.decode("utf-8", "replace").replace("\r\n", "\n").replace("\r", "\n").split("\n")
    assert framed.column("raw") == [line for line in lines if line.strip(CSV_BLANKS)]
