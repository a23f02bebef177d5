"""The audit's own reading of raw bytes, by orjson and plain splitting, agrees with framing on every file."""

from __future__ import annotations

import gzip
import json
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.census import agree
from tests.support.fixture_files import FIXTURES
from tests.support.framed import frame
from trustedlake.adapters.auditing.evidence import take_census
from trustedlake.models.built_in import CONTRACTS

if TYPE_CHECKING:
    from pathlib import Path

    from trustedlake.models.contract import Contract


FILES = sorted(
    path.relative_to(FIXTURES) for path in FIXTURES.rglob("*") if path.is_file() and "expected" not in path.parts
)

ODD = {
    "lines": b'{"id":1,"title":"a"}\n{"id":2,"title":"b"}\n',
    "lines, CRLF and blanks": b'{"id":1,"title":"a"}\r\n\r\n \n{"id":2,"title":"b"}\r\n',
    "lines, one of them no JSON": b'{"id":1,"title":"a"}\nnope\n{"id":2,"title":"b"}',
    "lines, one of them cut": b'{"id":1,"title":"a"}\n{"id":2,"tit\n{"id":3,"title":"c"}\n',
    "lines, the last of them cut": b'{"id":1,"title":"a"}\n{"id":2,"tit',
    "lines, one of them a page": b'{"id":1,"title":"a"}\n{"page":1,"results":[{"id":2,"title":"b"},null]}\n',
    "lines, one of them an empty page": b'{"id":1,"title":"a"}\n{"page":1,"results":[]}\n{"id":2,"title":"b"}\n',
    "lines, one of them a list": b'{"id":1,"title":"a"}\n[{"id":2,"title":"b"},3]\n[]\n7\n',
    "lines, one of them two objects": b'{"id":1,"title":"a"}\n{"id":2,"title":"b"}{"id":3,"title":"c"}\n',
    "lines, one of them without film": b'{"id":1,"title":"a"}\n{"success":false}\n',
    "first line whole, then documents that span lines": b'{"id":1,"title":"a"}\n{"id":2,\n"title":"b"}\n{"id":3}',
    "first line whole, then a cut one that spans lines": b'{"id":1,"title":"a"}\n{"id":2,\n"title":"b"}\n{"id":3',
    "documents side by side": b'{"id":1,"title":"a"}{"id":2,"title":"b"}',
    "documents, the last cut": b'{"id":1,\n"title":"a"}\n{"id":2,\n"title"',
    "arrays, the last cut": b'[{"id":1,"title":"a"}]\n[{"id":2,\n"title"',
    "array, then garbage": b'[{"id":1,"title":"a"}] garbage',
    "array without a comma": b'[{"id":1,"title":"a"} {"id":2,"title":"b"}]',
    "array with two commas": b'[{"id":1,"title":"a"},,{"id":2,"title":"b"}]',
    "array with brackets crossed": b'[{"id":1,"title":["a"}]}]',
    "byte order mark": b'\xef\xbb\xbf[{"id":1,"title":"a"}]',
    "brackets and quotes in texts": b'[{"id":1,"title":"a]}\\"{["},{"id":2,"title":"\\\\"}]',
    "results of a film": b'{"id":1,"title":"a","results":[{"id":2,"title":"b"}]}',
    "results of an object with a key": b'{"id":1,"results":[{"id":2,"title":"b"}]}',
    "two results": b'{"page":1,"results":[{"id":9,"title":"x"}],"results":[{"id":2,"title":"b"}]}',
    "numbers of all kinds": b'[{"id":1.0,"title":1e400},{"id":"007","title":-0},{"id":" 7 ","title":1.10},'
    b'{"id":12345678901234567890123,"title":true},{"id":1e3,"title":12345678901234567890123}]',
    "the first key that has a value": b'[{"movie_id":null,"id":5,"title":"a"},{"movie_id":"","ID":6,"title":"b"}]',
    "keys twice": b'[{"id":1,"id":2,"title":"a","title":"b"}]',
    "surrogates": rb'[{"id":1,"title":"\ud83d\ude00 \ud800 \\ud800"},{"id":2,"ti\udc00tle":"x","title":"b"}]',
    "nested where text belongs": b'[{"id":1,"title":["a"]},{"id":{"a":1},"title":"b"}]',
    "deep": b'[{"id":1,"title":"a","x":' + b"[" * 99 + b"]" * 99 + b'},{"id":2,"x":' + b"[" * 100 + b"]" * 100 + b"}]",
    "very deep": b'[{"id":1,"title":"a"},{"id":2,"x":' + b"[" * 5000 + b"]" * 5000 + b"}]",
    "ids alone": b'{"results":[{"id":1,"adult":false},{"id":2,"adult":null}]}',
    "control character in a text": b'[{"id":1,"title":"a\nb"}]',
    "no JSON escape": rb'[{"id":1,"title":"\x41"}]',
    "leading zero": b'[{"id":01,"title":"a"}]',
    "bare minus": b'[{"id":-,"title":"a"}]',
    "word in an array": b'[{"id":1,"title":"a"}, nul]',
}

CSV_ODD = {
    "CR alone": b"id|tituloPincipal\rtt1|a\r\rtt2|b\r",
    "CRLF, blank lines, no last end": b"\r\nid|tituloPincipal\r\n\r\ntt1|a\r\n \r\ntt2|b",
    "marked, and blanks in the header": b"\xef\xbb\xbf id | tituloPrincipal\ntt1|a\n",
    "quotes, nulls, short and long": b'id|tituloPincipal|nomeArtista\ntt1|"a|\\N\ntt2|b\ntt3|c|d|e\n'
    b"id|tituloPincipal|nomeArtista\n",
    "undecodable": b"id|tituloPincipal\ntt1|a\xff\xc3\ntt2|b\n",
    "vertical tabs are not line ends": b"id|tituloPincipal\ntt1|a\x0bb\x0cc\x1cd\xc2\x85e\xe2\x80\xa8f\n",
    "header twice the same name": b"id|id\ntt1|a\n",
    "blank lines only": b"\n \n",
}


def table_of(path: Path) -> str:
    """The table whose folder a fixture is in, as far as it says so."""
    name = path.as_posix().casefold()
    entity = "series" if "series" in name else "movies"
    return f"local_{entity}" if "csv" in name or "local" in name else f"tmdb_{entity}"


@pytest.mark.parametrize("path", FILES, ids=str)
def test_the_census_agrees_with_framing_on_every_fixture_file(path: Path, tmp_path: Path) -> None:
    agree(path.name, (FIXTURES / path).read_bytes(), CONTRACTS[table_of(path)], tmp_path)


@pytest.mark.parametrize("content", ODD.values(), ids=ODD.keys())
def test_the_census_agrees_with_framing_on_odd_json(content: bytes, tmp_path: Path) -> None:
    agree("films.json", content, CONTRACTS["tmdb_movies"], tmp_path)
    agree("films.json.gz", gzip.compress(content), CONTRACTS["tmdb_movies"], tmp_path)


@pytest.mark.parametrize("content", CSV_ODD.values(), ids=CSV_ODD.keys())
def test_the_census_agrees_with_framing_on_odd_csv(content: bytes, tmp_path: Path) -> None:
    agree("movies.csv", content, CONTRACTS["local_movies"], tmp_path)


def written(**dialect: str) -> Contract:
    """The contract of films in CSV that is written in another way."""
    contract = CONTRACTS["local_movies"]
    raw = contract.raw.model_copy(update={"dialect": contract.raw.dialect.model_copy(update=dialect)})
    return contract.model_copy(update={"raw": raw})


@pytest.mark.parametrize("encoding", ["utf-8", "utf8", "UTF 8", "u8", "cp65001", "utf_8_sig", "UTF-8-SIG"])
def test_utf_8_under_any_of_its_names_has_faults_of_single_lines(encoding: str, tmp_path: Path) -> None:
    content = b"id|tituloPincipal\n1|one\n2|\xff\n"
    assert agree("movies.csv", content, written(encoding=encoding), tmp_path).records == 2


@pytest.mark.parametrize("letter", ["x", "\u00e9", "\u20ac", "\U0001f600"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_the_bound_of_a_quoted_record_is_in_bytes(letter: str, end: str, tmp_path: Path) -> None:
    bound, contract = 1500, written(quote='"')
    refused = set()
    for size in (700, 1300, 1450, 1480, 1490, 1500, 1600, 3000):
        text = end.join([letter * (size // len(letter.encode()) // 2)] * 2)
        content = f'id|tituloPincipal{end}1|"{text}"{end}'.encode()
        file = tmp_path / "movies.csv"
        file.write_bytes(content)
        framed = frame(content, "movies.csv", contract.framing(), max_line=bound)
        census = take_census(file, contract, max_line=bound)
        assert (framed.facts.problem is None) == (census.problem is None), (size, census.problem, framed.facts.problem)
        refused |= {size} if census.problem else set()
    assert {1600, 3000} <= refused <= {1490, 1500, 1600, 3000}


@pytest.mark.parametrize("block", [3, 7, 64])
@pytest.mark.parametrize("content", CSV_ODD.values(), ids=CSV_ODD.keys())
def test_the_census_does_not_depend_on_where_blocks_end(
    content: bytes, block: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("trustedlake.adapters.auditing.evidence.BLOCK", block)
    agree("movies.csv", content, CONTRACTS["local_movies"], tmp_path)


LINES = [name for name in ODD if name.startswith("lines") and "two objects" not in name]


@pytest.mark.parametrize("name", LINES)
def test_a_file_too_large_for_memory_is_read_line_by_line(name: str, tmp_path: Path) -> None:
    file = tmp_path / "films.json"
    file.write_bytes(ODD[name])
    contract = CONTRACTS["tmdb_movies"]
    census = take_census(file, contract, max_whole=30)
    framed = frame(ODD[name], "films.json", contract.framing(), max_whole=30, block=16)
    assert (census.problem, framed.facts.problem) == (None, None)
    assert census.records == framed.facts.records
    assert all(census.is_text(row["record_index"], row["raw"].encode()) for row in framed.rows)


FILM = st.fixed_dictionaries(
    {"id": st.integers(-5, 2**70) | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=3)},
    optional={
        "movie_id": st.none() | st.integers(0, 99) | st.sampled_from(["", " ", "7", "7.0", "+7", "007", "x"]),
        "title": st.text(max_size=6) | st.floats(allow_nan=False) | st.booleans() | st.none() | st.lists(st.integers()),
        "results": st.lists(st.integers(), max_size=2),
        "x": st.recursive(st.integers(), lambda inner: st.lists(inner, max_size=3), max_leaves=4),
    },
)
PIECE = st.one_of(
    FILM.map(json.dumps),
    FILM.map(lambda film: json.dumps(film, indent=1, ensure_ascii=False)),
    st.lists(FILM | st.none() | st.integers(), max_size=3).map(json.dumps),
    st.lists(FILM, max_size=2).map(lambda films: json.dumps({"page": 1, "results": films})),
    st.sampled_from(
        ["null", "7", '"x"', "[]", "{}", "}", "{", "[", ",", '{"a":', "\ufeff", "nope", '{"page":1,"results":[]}']
    ),
)


@settings(max_examples=400, deadline=None)
@given(pieces=st.lists(st.tuples(PIECE, st.sampled_from(["\n", "\n\n", " ", "", "\r\n", ","])), max_size=5))
def test_the_census_agrees_with_framing_on_any_mixture_of_documents(
    pieces: list[tuple[str, str]], tmp_path_factory: pytest.TempPathFactory
) -> None:
    content = "".join(piece + mark for piece, mark in pieces).encode("utf-8", "replace")
    agree("films.json", content, CONTRACTS["tmdb_movies"], tmp_path_factory.getbasetemp())
