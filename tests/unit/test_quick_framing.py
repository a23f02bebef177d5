"""msgspec and the walker frame the same rows and facts, from every fixture file and from invented ones."""

from __future__ import annotations

import gc
import io
import json
from itertools import product
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support import invented
from tests.support.documents import BLANK, list_text, object_text, records
from tests.support.fixture_files import FIXTURES
from tests.support.framed import DAY, MOVIES, SERIES, frame
from tests.support.shapes import real_films
from trustedlake.core.framing.frames import Frames
from trustedlake.core.framing.layout import Layout
from trustedlake.core.framing.quick_scan import scan
from trustedlake.core.framing.source import MAX_WHOLE
from trustedlake.models.raw import RawFormat

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

TABLES = {"films": MOVIES, "series": SERIES}
FILES = sorted(path for path in FIXTURES.rglob("*.json*") if path.is_file() and "expected" not in path.parts)
FILM = '{"movie_id":11,"title":"Harbour","vote_count":7}'


def same(content: bytes | str, framing: dict[str, Any] = MOVIES, name: str = "films.json", **limits: int) -> None:
    """Both frame it, and find the same."""
    quick = frame(content, name, framing, **limits)
    walked = frame(content, name, framing, quick=False, **limits)
    assert quick.facts == walked.facts
    for one, other in zip(quick.rows, walked.rows, strict=True):
        assert one == other


def is_quick(content: str, framing: dict[str, Any] = MOVIES) -> bool:
    """Whether msgspec takes the content, rather than leave it to the walker."""
    return scan(content.encode(), Layout.of(framing)) is not None


@pytest.mark.parametrize("table", TABLES)
@pytest.mark.parametrize("file", FILES, ids=lambda path: path.relative_to(FIXTURES).as_posix())
def test_both_framers_agree_on_each_fixture_file(file: Path, table: str) -> None:
    same(file.read_bytes(), TABLES[table], file.name)


def test_both_framers_agree_on_the_real_films() -> None:
    films = real_films()
    text = json.dumps(films)
    assert is_quick(text)
    same(text)
    same("\n".join(map(json.dumps, films)))
    same("\n".join(map(json.dumps, films)), max_whole=100_000, block=50_000)


def test_both_framers_agree_on_a_block_of_many_short_lines(monkeypatch: pytest.MonkeyPatch) -> None:
    lines = "\n".join(f'{{"id":{number},"title":"t"}}' for number in range(50_000))
    quick = frame(lines, max_whole=1_000)
    same(lines, max_whole=1_000)
    monkeypatch.setattr("trustedlake.core.framing.json_file.JsonReader.records", None)  # nothing is left to it
    assert frame(lines, max_whole=1_000) == quick


BODIES = [
    '{"id":1,"title":"t","genres":[{"id":1,"name":"n"}],"keywords":{"keywords":[{"name":"k"}]},"x":{"y":[1]}}',
    '{"id":"x","title":[1],"release_date":"31/12/2025","genres":[["n"]]}',
    '{"id":2,"title":"t","genres":["n", 5],"id_genres":[1.0]}',
    '{"y":1}',
]
KEPT = {"pages": list_text(BODIES * 40, ""), "lines": "\n".join(BODIES * 40), "documents": "\n\n".join(BODIES) + " 5"}


@pytest.mark.parametrize("quick", [True, False])
@pytest.mark.parametrize("name", KEPT)
def test_no_batch_is_kept_in_memory_by_a_reference_cycle(name: str, *, quick: bool) -> None:
    # The framing processes run without Python's collector: a circle would keep every batch of a large lake in memory.
    gc.collect()
    gc.disable()
    try:
        frame(KEPT[name], quick=quick, max_whole=1_000 if name == "lines" else MAX_WHOLE)
        gc.set_debug(gc.DEBUG_SAVEALL)
        gc.collect()
        kept = {type(one).__name__ for one in gc.garbage}
    finally:
        gc.set_debug(0)
        gc.garbage.clear()
        gc.enable()
    assert kept.isdisjoint({"StringArray", "RecordBatch", "ListArray", "Tally", "QuickTable", "Record"})


VALUES = (
    *("null", "true", "false", "0", "-0", "7", "-7", "7.0", "7.5", "1e3", "1E400", "0.10", "9007199254740993"),
    *("12345678901234567890123", '""', '" "', '"x"', '" x "', '"7"', '"007"', '"1,5"', '"\\u00e9"', '"a\\nb"', '"N/A"'),
    *('"\\ud83d\\ude00"', '"2024-02-29"', '"2024-02-30"', '"tt0000001"', '"a, b"', '"\u200b"', '"\\u0000"', '"\\""'),
    *(
        "[]",
        "[ ]",
        "[null]",
        "[null, 1]",
        '["a"]',
        '[ "a" , "b" ]',
        '["a", null]',
        '["", " "]',
        '["a", 1]',
        "[1]",
        "[1, 2]",
    ),
    *(
        '["1"]',
        "[1.0]",
        "[1e3]",
        "[true]",
        '[true, "a"]',
        "[[1]]",
        "[[]]",
        '["\\u00e9\\\\"]',
        "[12345678901234567890123]",
    ),
    *("{}", '{"name": "n"}', '{"name": null}', '{"name": 5, "id": "6"}', '{"name": {}}', '{"id": 9007199254740993}'),
    *(
        "[{}]",
        '[{"name": "n", "id": 1}]',
        '[{"name": "n"}, {"id": 1}]',
        '[{"name": null, "id": null}]',
        '[{"name": 5}]',
    ),
    *(
        '[{"name": "n"}, "a"]',
        '[{"name": ["n"]}]',
        "[{}, null]",
        '[null, {"name": "n", "id": 2}]',
        '[{"name": "a", "name": "b"}]',
    ),
    *('{"keywords": [{"name": "k"}]}', '{"results": [{"name": "r", "id": 3}]}', '{"keywords": {"name": "k"}}'),
    *('{"imdb_id": "tt0000002"}', '{"imdb_id": ["x"]}', '{"name": "n", "name": "m"}'),
)


@pytest.mark.parametrize("table", TABLES)
def test_both_framers_agree_on_every_value_under_every_key(table: str) -> None:
    keys = sorted(
        {key for reader in Layout.of(TABLES[table]).readers.values() for key in reader.keys} | {"media_type", "x"}
    )
    films = [f'{{"id":1,"title":"t","name":"t",{json.dumps(key)}:{value}}}' for key, value in product(keys, VALUES)]
    content = list_text(films, " ")
    assert is_quick(content, TABLES[table])
    same(content, TABLES[table])


def test_both_framers_agree_on_every_two_sources_of_a_column() -> None:
    values = ("null", '""', '"a"', '"b"', "1", "2", "[]", '["a"]', '[{"name": "n", "id": 1}]', '{"name": "n", "id": 1}')
    pairs = {
        (one, other)
        for reader in Layout.of(MOVIES).readers.values()
        for one, other in product(reader.keys, reader.keys)
        if one != other
    }
    films = [
        f'{{"id":1,"title":"t",{json.dumps(one)}:{first},{json.dumps(other)}:{second}}}'
        for one, other in sorted(pairs)
        for first, second in product(values, values)
    ]
    assert is_quick(list_text(films, ""))
    same(list_text(films, ""))


DEEP = '{"id":1,"title":"t","x":' + "[" * 100 + "]" * 100 + "}"
MANY = '{"id":1,"title":"t","keywords":[' + ",".join('{"name":"k"}' for _ in range(150)) + "]}"
QUICK = {
    "an array": f"[{FILM},{FILM}]",
    "an array with a mark and blanks": f"\ufeff \n[ {FILM} ,\n{FILM} ]\n ",
    "an empty array": "[]",
    "a page": f'{{"page":1,"results":[{FILM}],"total_pages":1}}',
    "an object": FILM,
    "a pretty object": json.dumps(json.loads(FILM), indent=2),
    "lines": f"{FILM}\n{FILM}\n",
    "lines with blank ones and carriage returns": f"\n{FILM}\r\n \r\n  {FILM} \r\n",
    "records of many brackets that are not deep": f"[{MANY}]",
    "records of others": '[{"id":1,"title":"t","media_type":"tv"},{"id":2,"name":"n","gender":1},{"foo":1},'
    '{"id":2,"title":"u"}]',
}
WALKED = {
    "a lone surrogate": '[{"id":1,"title":"\\ud83d"}]',
    "a lone surrogate in a key": '[{"id":1,"title":"t","\\udc00":1}]',
    "two surrogates the wrong way round": '[{"id":1,"title":"\\ude00\\ud83d"}]',
    "two high surrogates": '[{"id":1,"title":"\\uD83D\\uD83D"}]',
    "a high surrogate and a letter": '[{"id":1,"title":"t","x":{"y":["\\ud83da"]}}]',
    "a record that is too deep": f"[{FILM},{DEEP}]",
    "a trailing comma": f"[{FILM},]",
    "an element that is not an object": f"[{FILM},7]",
    "a list of pages": f'[{{"page":1,"results":[{FILM}]}}]',
    "a cut array": f"[{FILM}",
    "two documents": f"{FILM} {FILM}",
    "arrays on lines": f"[{FILM}]\n[{FILM}]\n",
    "two objects on a line, and one that spans two": f'{FILM}{FILM}\n{{"id":1,\n"title":"t"}}\n',
    "two objects on a line, and one without a comma on two": f'{FILM}\n{FILM},{FILM}\n{{"id":1\n"title":"t"}}\n',
    "an object on two lines of many": f'{FILM}\n{{"id":1,\n"title":"t"}}\n{FILM}',
    "a line that is no JSON": f"{FILM}\nnot this\n{FILM}\n",
    "NaN": '[{"id":1,"title":"t","popularity":NaN}]',
    "a control character": '[{"id":1,"title":"a\tb"}]',
    "something behind the array": f"[{FILM}] x",
}


@pytest.mark.parametrize("what", [*QUICK, *WALKED])
def test_both_framers_agree_on_each_shape(what: str) -> None:
    content = (QUICK | WALKED)[what]
    assert is_quick(content) is (what in QUICK)
    same(content)
    same(content, SERIES)


@pytest.mark.parametrize("number", range(2))
def test_files_that_share_batches_have_the_same_facts_and_rows_as_alone(number: int) -> None:
    contents = [content.encode() for content in (*QUICK.values(), *WALKED.values(), "", "[", *QUICK.values())]
    contents = contents if number else contents[::-1]
    frames, batches = Frames(MOVIES), list[pa.RecordBatch]()
    for place, content in enumerate(contents):
        batches += frames.add(io.BytesIO(content), path=f"{place}.json", partition=DAY)
    batches += frames.finish()
    rows = [row for batch in batches for row in batch.to_pylist()]
    alone = [frame(content, f"{place}.json", quick=False) for place, content in enumerate(contents)]
    assert rows == [row for one in alone for row in one.rows]
    assert frames.facts == {one.facts.path: one.facts for one in alone}
    assert len(batches) < len(contents) - 5, "small files share them"


def _mutated(content: bytes, changes: list[tuple[int, int, int]]) -> bytes:
    data = bytearray(content)
    for place, kind, byte in changes:
        where = place % (len(data) + 1)
        data[where : where + (kind != 1)] = b"" if kind == 0 else bytes([byte])
    return bytes(data)


CHANGES = st.lists(
    st.tuples(st.integers(0, 10**6), st.integers(0, 2), st.sampled_from(b'{}[],:"\\ 0n\n\xc3u\t')), max_size=2
)


def _one_line(text: str) -> str:
    return " ".join(text.split("\n"))


FORMS: dict[str, Callable[[list[str], str], str]] = {
    "array": list_text,
    "page": lambda texts, blank: object_text([('"page"', "1"), ('"results"', list_text(texts, blank))], blank),
    "lines": lambda texts, _: "\n".join(map(_one_line, texts)),
    "pages in lines": lambda texts, _: f'{{"page":1,"results":{_one_line(list_text(texts, ""))}}}\n{FILM}',
}


@settings(max_examples=60, deadline=None)
@given(st.lists(records(), max_size=5), BLANK, st.sampled_from(sorted(FORMS)), CHANGES)
def test_both_framers_agree_on_whole_and_damaged_documents(
    texts: list[str], blank: str, form: str, changes: list[tuple[int, int, int]]
) -> None:
    same(_mutated(FORMS[form](texts, blank).encode(), changes))


@settings(max_examples=40, deadline=None)
@given(st.data())
def test_both_framers_agree_on_invented_contracts(data: st.DataObject) -> None:
    contract = data.draw(invented.contracts(RawFormat.JSON))
    content = invented.as_json(data.draw(invented.records(contract)))
    found = [contract.framing()]
    for framing in found:
        quick, walked = Frames(framing), Frames(framing, quick=False)
        rows = []
        for frames in (quick, walked):
            partition = ("x",) * len(framing["partition"])
            batches = [*frames.add(io.BytesIO(content), path="a.json", partition=partition), *frames.finish()]
            rows.append([row for batch in batches for row in batch.to_pylist()])
        assert rows[0] == rows[1]
        assert quick.facts == walked.facts
