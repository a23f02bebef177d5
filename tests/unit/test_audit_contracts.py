"""The audit's reading of Raw agrees with framing for every contract: places, tables and texts of records."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tests.support.census import agree
from tests.support.python_contracts import contract, text, whole
from trustedlake.core.auditing import ComparedColumns
from trustedlake.models.column import Column
from trustedlake.models.raw import DEFAULT_RECORDS, Dialect, RawFormat
from trustedlake.types.source_path import parse_records

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from trustedlake.models.contract import Contract


A, B = {"id": 1, "nome": "A"}, {"id": 2, "nome": "B"}
RECORDS: list[tuple[str, tuple[str, ...], Any, tuple[int, ...]]] = [
    ("list under a key", ("filmes[]",), {"total": 2, "filmes": [A, B]}, (0, 1)),
    ("deeper", ("data.items[]",), {"data": {"items": [A, B], "more": 1}}, (0, 1)),
    ("too deep to be there", ("data.items[]", "."), {"data": {"items": 1}, **A}, (0,)),
    ("values of an object", ("porId{}",), {"porId": {"a": A, "b": B}}, (0, 1)),
    ("values of the document", ("{}",), {"a": A, "b": B, "c": None}, (0, 1, 2)),
    ("values of lists", ("{}[]",), {"a": [A, B], "b": [], "c": [B]}, (0, 1, 2)),
    ("lists of lists", ("[][]",), [[A], [], [B, 7]], (0, 1, 2)),
    ("list of pages", ("[].results[]",), [{"results": [A]}, {"results": []}, {"results": [B]}], (0, 1)),
    ("list of pages, one of them none", ("[].results[]",), [{"results": [A]}, B], (0, 1)),
    ("one of several", ("nada[]", "filmes[]"), {"filmes": [A], "nada": 3}, (0,)),
    ("a list where an object is looked for", ("filmes[]",), [A, B], ()),
    ("nothing fits", ("filmes[]",), {"movies": [A]}, ()),
    ("a record with a list of that name", ("filmes[]", "."), {"id": 1, "nome": "A", "filmes": [B]}, (0,)),
    ("a wrapper with an id", ("filmes[]",), {"id": 9, "filmes": [A]}, (0,)),
    ("a wrapper with an id that may be a record", ("filmes[]", "."), {"id": 9, "filmes": [A]}, ()),
    ("a page with an id", ("filmes[]", "."), {"id": 9, "page": 1, "filmes": [A, B]}, (0, 1)),
    ("a member without a name is not an element", ("[].results[]",), {"": {"results": [A]}}, ()),
    ("the default, a page", (), {"page": 1, "results": [A, B]}, (0, 1)),
]


@pytest.mark.parametrize(("paths", "document", "indexes"), [case[1:] for case in RECORDS], ids=[c[0] for c in RECORDS])
def test_the_census_finds_records_where_the_contract_says(
    paths: tuple[str, ...], document: Any, indexes: tuple[int, ...], tmp_path: Path
) -> None:
    table = contract(records=paths or DEFAULT_RECORDS)
    census = agree("a.json", json.dumps(document).encode(), table, tmp_path)
    assert tuple(index for index in range(len(census)) if census.has(index)) == indexes
    agree("b.json", json.dumps(document, indent=1).encode() + b"\n" + json.dumps(A).encode(), table, tmp_path)
    agree("c.json", b"\n".join([json.dumps(document).encode()] * 2), table, tmp_path)


PERSON = contract(
    "pessoas", columns=[whole("person_id", "id"), text("birthday")], key=("person_id",), one_of=("birthday",)
)
FILM = contract(where={"tipo": ("filme", None)}, one_of=("nome",), nulls=("N/A",))
WHERE: list[tuple[str, dict[str, Any], str]] = [
    ("what matches", {"tipo": "filme"}, "ours"),
    ("no value", {}, "ours"),
    ("null", {"tipo": None}, "ours"),
    ("a null word", {"tipo": " N/A"}, "ours"),
    ("another value", {"tipo": "serie"}, "untaken"),
    ("another value, and a key of another table", {"tipo": "serie", "birthday": "x"}, "elsewhere"),
    ("a list", {"tipo": ["filme"]}, "untaken"),
    ("none of the keys", {"nome": ...}, "foreign"),
    ("none of the keys, and one of another table", {"nome": ..., "birthday": None}, "elsewhere"),
]


@pytest.mark.parametrize(("changes", "whose"), [case[1:] for case in WHERE], ids=[case[0] for case in WHERE])
def test_the_census_agrees_with_framing_about_the_table_of_a_record(
    changes: dict[str, Any], whose: str, tmp_path: Path
) -> None:
    record = {key: value for key, value in {**A, **changes}.items() if value is not ...}
    census = agree("a.json", json.dumps([B, record, B]).encode(), FILM, tmp_path, [PERSON])
    told = (census.records, census.elsewhere, census.untaken)
    assert told == {"ours": (3, 0, 0), "foreign": (3, 0, 0), "elsewhere": (2, 1, 0), "untaken": (2, 1, 1)}[whose]
    assert census.has(2), "the places of all records count"


@pytest.mark.parametrize(
    ("value", "wanted"),
    [("1", "1"), ("1.0", "1.0"), ("-0", "-0"), ("1e3", "1e3"), ("true", "true"), ('{"a": 1.50}', '{"a": 1.50}')],
)
def test_where_compares_values_as_written(value: str, wanted: str, tmp_path: Path) -> None:
    content = f'[{{"id":1,"nome":"A","n":{value}}},{{"id":2,"nome":"B","n":7.0}}]'.encode()
    assert agree("a.json", content, contract(where={"n": (wanted,)}), tmp_path).records == 1
    assert agree("a.json", content, contract(where={"n": (f"{wanted}0",)}), tmp_path).records == 0
    assert agree("a.json", content, contract(where={"n": ("*",)}), tmp_path).records == 2


SOURCES: list[tuple[str, Column, str, str]] = [
    ("a field", text("t", "a.b"), '{"a":{"b":"x"}}', "x"),
    ("a field's exact number", text("t", "a.b"), '{"a":{"b":1.10}}', "1.10"),
    ("a field's whole number", whole("t", "a.b"), '{"a":{"b":12.0}}', "12"),
    ("a long number", whole("t", "a.b", "c"), '{"a":{"b":null},"c":9007199254740993}', "9007199254740993"),
    ("the next source", text("t", "a", "b.c"), '{"a":"","b":{"c":"y"}}', "y"),
    ("a synonym", text("t", synonyms=("u.v",)), '{"t":null,"u.v":"z"}', "z"),
    ("a synonym with blanks", text("t", synonyms=(" u",)), '{" u":"z","u":"w"}', "z"),
    ("a synonym with braces", text("t", synonyms=("u{}",)), '{"u{}":"z"}', "z"),
    ("of each, the first", text("t", "a[].n"), '{"a":[{"n":null},{"n":"x"},{"n":"y"}]}', "x"),
    ("the first of a list", text("t", "a[]"), '{"a":["x","y"]}', "x"),
    ("the first number of a list", whole("t", "a[]"), '{"a":[7.0,8]}', "7"),
    ("of each, one of two", text("t", "a[].n", "a[].m"), '{"a":[{"m":"x"},{"n":"y"}]}', "x"),
    ("of each, one is odd", text("t", "a[].n", "b"), '{"a":[{"n":"x"},7],"b":"y"}', "y"),
    ("filtered", text("t", "crew[job=Director].name"), '{"crew":[{"job":"x"},{"job":"Director","name":"D"}]}', "D"),
    ("filtered by a number", text("t", "crew[n=1.0].name"), '{"crew":[{"n":1,"name":"x"},{"n":1.0,"name":"D"}]}', "D"),
    ("filtered by truth", text("t", "crew[n=true].name"), '{"crew":[{"n":true,"name":"D"}]}', "D"),
    ("lists in lists", text("t", "a[].b[].c"), '{"a":[{"b":[]},{"b":[{"c":"x"}]}]}', "x"),
    ("lists in lists, one is odd", text("t", "a[].b[].c", "d"), '{"a":[{"b":[{"c":"x"}]},7],"d":"y"}', "y"),
    ("a null word", text("t", "a", "b", nulls=("N/A",)), '{"a":" N/A ","b":"x"}', "x"),
    ("a null number", whole("t", "a", "b", nulls=("0",)), '{"a":0,"b":3}', "3"),
    ("a decimal comma in a text", whole("t", "a", decimal=",", grouping="."), '{"a":"1.234,0"}', "1234"),
    ("a decimal comma, and a number", whole("t", "a", decimal=",", grouping="."), '{"a":12.0}', "12"),
    ("blanks around a number", whole("t", "a[].n"), '{"a":[{"n":" 7 "}]}', "7"),
    ("a conflict", text("t", "a", "b"), '{"a":"x","b":"y"}', "x"),
    ("a list where a text belongs", text("t", "a", "b"), '{"a":["x"],"b":"y"}', "y"),
    ("half a pair", text("t", "a.b"), r'{"a":{"b":"\ud800x"}}', "\ufffdx"),
]


@pytest.mark.parametrize(("column", "record", "expected"), [c[1:] for c in SOURCES], ids=[c[0] for c in SOURCES])
def test_the_census_agrees_with_framing_about_the_text_of_a_column(
    column: Column, record: str, expected: str, tmp_path: Path
) -> None:
    table = contract(columns=[column, text("o", "o")])
    census = agree("a.json", f"[{record}]".encode(), table, tmp_path)
    compared = ComparedColumns.of(table)
    witness = compared.witness([expected if name == "t" else "" for name in compared.names])
    assert census.is_witness(0, witness)
    assert census.key(0) == hash(witness.key)


def test_the_name_of_a_json_member_can_be_a_value(tmp_path: Path) -> None:
    table = contract(columns=[text("chave", "@key"), text("nome")], key=("chave",), records=("porId{}",))
    content = rb'{"porId":{"tt1":{"nome":"A"},"tt2":{"nome":1.0},"\ud800":{"nome":"C"}}}'
    census = agree("a.json", content, table, tmp_path)
    assert [census.key(index) for index in range(3)] == [hash("tt1"), hash("tt2"), hash("\ufffd")]


CSV = [whole("id", required=True), text("nome", "nome", "titulo"), text("tipo")]
SEMICOLON = {"delimiter": ";", "quote": '"'}
LINES: list[tuple[str, dict[str, Any], dict[str, Any], bytes, tuple[int, ...]]] = [
    ("semicolons", {"delimiter": ";"}, {}, b"id;nome\n1;A\n2;B\n", (2, 3)),
    ("quotes, doubled", SEMICOLON, {}, b'id;nome\n1;"A ""x"";y"\n2;B"\n3;"C"d\n', (2, 3, 4)),
    ("line breaks in quotes", SEMICOLON, {}, b'id;nome\n1;"A\nB\r\n"\r\n\r\n2;B\n', (2, 6)),
    ("a header in several lines", SEMICOLON, {}, b'\n"id";"no\nme";nome\n1;x;A\n', (4,)),
    ("an open quote", SEMICOLON, {}, b'id;nome\n1;A\n2;"B\n', ()),
    ("quotes, short and long", SEMICOLON, {}, b'id;nome\n1\n1;"A";3\n', (2, 3)),
    ("quotes, no UTF-8", SEMICOLON, {}, b'id;nome\n1;"A\xff"\n2;B\n', (2, 3)),
    ("quotes, blanks that are no ASCII", SEMICOLON, {}, b"id;nome\n\xc2\xa0\n1;A\n", (3,)),
    ("no header", {"delimiter": ";", "header": False}, {}, b"1;A;f\n\n2;B;f\n", (1, 3)),
    ("no header, names", {"header": False, "columns": ("x", "nome", "id")}, {}, b"9|A|1\n", (1,)),
    ("no header, quotes", {**SEMICOLON, "header": False}, {}, b'1;"A\n";f\n2;B;f', (1, 3)),
    ("no header, nothing", {"header": False}, {}, b"\n", ()),
    ("lines left out", {"skip": 2}, {}, b'# a\n# "b\nid|nome\n1|A\n', (4,)),
    ("lines left out, quotes", {**SEMICOLON, "skip": 2}, {}, b'# a\n"b\nid;nome\n1;A\n', (4,)),
    ("lines left out, no header", {"skip": 1, "header": False}, {}, b"# a\n1|A|f\n", (2,)),
    ("fewer lines than are left out", {"skip": 3}, {}, b"id|nome\n1|A\n", ()),
    ("fewer, no header", {"skip": 3, "header": False}, {}, b"1|A|f\n", ()),
    ("fewer, no header, quotes", {**SEMICOLON, "skip": 3, "header": False}, {}, b"1;A;f\n", ()),
    ("Latin-1", {"encoding": "latin-1"}, {}, "id|nome\n1|ã\n".encode("latin-1"), (2,)),
    ("UTF-16", {"encoding": "utf-16"}, {}, "id|nome\n1|ã\r\n2|õ".encode("utf-16"), (2, 3)),
    ("not in its encoding", {"encoding": "ascii"}, {}, "id|nome\n1|ã\n".encode(), ()),
    ("UTF-16, not said", {"header": False}, {}, "1|A|f\n".encode("utf-16"), ()),
    ("a delimiter of two bytes", {"delimiter": "§"}, {}, "id§nome\n1§A\n\n2§B§\n".encode(), (2, 4)),
    ("a quote of two bytes", {"quote": "¨"}, {}, "id|nome\n1|¨A|\n¨\n".encode(), (2,)),
    ("tabs", {"delimiter": "\t"}, {}, b"id\tnome\n1\tA\n\t\n2\tB\n", (2, 4)),
    ("tabs, and an empty line", {"delimiter": "\t"}, {}, b"id\tnome\n1\tA\n\t\n\n2\tB\n", (2, 5)),
    ("null words", {}, {"nulls": ("null", "-")}, b"id|nome|titulo\n1|null|A\n2| - |\n3||B\n4|C|C\n", (2, 3, 4, 5)),
    ("two cells of one column", {}, {}, b"id|nome|titulo|nome\n1|A||C\n2||B|\n3|A|B|C\n", (2, 3, 4)),
    ("two cells, the first without a value", {}, {}, b"id|titulo|nome|nome\n1|||C\n2||\\N|C\n", (2, 3)),
    ("two cells of the key", {}, {}, b"id|id|nome\n1|1|A\n2|3|B\n|4|C\n", (2, 3, 4)),
    ("where", {}, {"where": {"tipo": ("f",)}}, b"id|nome|tipo\n1|A|f\n2|B|s\n3|C\n4|D|f\n", (2, 4, 5)),
    ("where null", {}, {"where": {"tipo": (None,)}}, b"id|nome|tipo\n1|A|f\n2|B|\n3|C|\\N\n", (3, 4)),
    ("where, no such column", {}, {"where": {"tipo": (None,)}}, b"id|nome\n1|A\n2|B\n", (2, 3)),
    ("where, and the header again", {}, {"where": {"tipo": ("f",)}}, b"id|tipo\n1|f\nid|tipo\n2|s\n", (2, 3)),
    ("one_of, none of them", {}, {"one_of": ("diretor",)}, b"id|nome\n1|A\n2|B\n", (2, 3)),
    ("no header with a column", {}, {}, b"x|y\n1|A\n", ()),
    ("no header with the key", {}, {}, b"x|nome\n1|A\n", ()),
]


@pytest.mark.parametrize(("dialect", "raw", "content", "lines"), [c[1:] for c in LINES], ids=[c[0] for c in LINES])
@pytest.mark.parametrize("block", [1 << 20, 3])
def test_the_census_reads_lines_in_the_dialect_of_the_contract(  # noqa: PLR0917 - a table
    dialect: dict[str, Any],
    raw: dict[str, Any],
    content: bytes,
    lines: tuple[int, ...],
    block: int,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("trustedlake.adapters.auditing.evidence.BLOCK", block)
    table = contract(columns=CSV, format=RawFormat.CSV, dialect=Dialect(**dialect), **raw)
    census = agree("a.csv", content, table, tmp_path)
    assert tuple(index for index in range(len(census)) if census.has(index)) == lines


def test_lines_of_another_table_are_distinguished_from_lines_of_no_table(tmp_path: Path) -> None:
    films = contract(columns=CSV, format=RawFormat.CSV, where={"tipo": ("f",)})
    people = contract("pessoas", columns=CSV, format=RawFormat.CSV, where={"papel": ("p",)})
    content = b"id|nome|tipo|papel\n1|A|f|\n2|B|s|p\n3|C|s|\n"
    census = agree("a.csv", content, films, tmp_path, [people])
    assert (census.records, census.elsewhere, census.untaken) == (1, 2, 1)


KEYS = ("id", "nome", "a", "b", "tipo", "results", "page", "")
LEAF = (
    st.none()
    | st.booleans()
    | st.integers(-3, 3)
    | st.integers(2**62, 2**70)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.sampled_from(["", " ", "x", "f", " 7 ", "7.0", "N/A", "1.234,0", "\ufeff", "\ufffd"])
)
VALUE = st.recursive(
    LEAF,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(KEYS), inner, max_size=3),
    max_leaves=6,
)
IDS = st.integers(1, 5) | st.sampled_from(["7", " 7 ", "007", 7.0, "7.0"])
WORDS = st.sampled_from(["x", "y", "N/A", "f", "\ufeff", "\ufffd", 1.5, True]) | st.none()
RECORD = st.fixed_dictionaries(
    {"id": IDS, "nome": WORDS},
    optional={
        "tipo": st.sampled_from(["f", None, "s", "N/A", 0.0]),
        "a": st.lists(st.fixed_dictionaries({}, optional={"b": WORDS, "id": IDS}), max_size=3)
        | st.fixed_dictionaries({}, optional={"b": WORDS | st.lists(st.fixed_dictionaries({"id": IDS}), max_size=2)}),
        "b": VALUE,
        "results": VALUE,
        "page": LEAF,
    },
) | st.dictionaries(st.sampled_from(KEYS), VALUE, max_size=5)
PATHS = [".", "[]", "results[]", "[].results[]", "a.b[]", "a{}", "{}", "[][]", "{}[]", "b[].a[]"]
TEXTS = ["nome", "a", "b", "a.b", "a[]", "a[].b", "a[id=7.0].b", "b[].a[].nome", "@key", "a[b=x].id", "tipo", "id"]
NUMBERS = ["id", "a[].id", "a.b[].id", "a[b=x].id", "b", "page"]
WHERE_TEXTS = st.lists(st.sampled_from([None, "*", "f", "1", "0.0", "true", "[]"]), min_size=1, max_size=4)


@st.composite
def contracts(draw: st.DrawFn, table: str = "filmes") -> Contract:
    """Any contract of JSON files with two or three columns of texts and integers."""
    columns = []
    for name in ("id", "nome", "outro")[: draw(st.integers(2, 3))]:
        kind = draw(st.sampled_from(["string", "int", "bigint"] if name != "nome" else ["string"]))
        paths = TEXTS if kind == "string" else NUMBERS
        mark = draw(st.sampled_from(".,"))
        columns.append(
            Column(
                name=name,
                type=kind,
                sources=draw(st.just(()) | st.lists(st.sampled_from(paths), max_size=3, unique=True)),
                synonyms=draw(st.lists(st.sampled_from(["b", "tipo", "nome"]), max_size=1)),
                nulls=draw(st.none() | st.just(("N/A", "f"))),
                decimal=mark,
                grouping="." if mark == "," else "",
            )
        )
    where = draw(st.just({}) | st.dictionaries(st.sampled_from(["tipo", *KEYS]), WHERE_TEXTS, max_size=2))
    return contract(
        table,
        columns=columns,
        key=draw(st.sampled_from([(), ("id",), ("id", "nome")])),
        records=draw(st.lists(st.sampled_from(PATHS), min_size=1, max_size=4, unique=True)),
        where={key: tuple(values) for key, values in where.items()},
        one_of=draw(st.just([]) | st.lists(st.sampled_from(KEYS), max_size=2, unique=True)),
        nulls=draw(st.none() | st.just(("N/A",))),
    )


def wrapped(path: str, records: Sequence[Any]) -> Any:
    """A document with the records where the path says."""
    document: Any = records[0] if path == "." and records else {}
    for step in reversed(parse_records(path)):
        if step.kind == "each":
            document = [document] if document else list(records)
        elif step.kind == "values":
            document = {"tt1": document} if document else {f"tt{place}": one for place, one in enumerate(records)}
        else:
            document = {step.name: document}
    return document


@st.composite
def files(draw: st.DrawFn, table: Contract) -> str:
    """Documents whose records are mostly where the contract looks for them."""
    paths = st.sampled_from(table.raw.records) | st.sampled_from(table.raw.records) | st.sampled_from(PATHS)
    documents = draw(st.lists(st.tuples(paths, st.lists(RECORD, min_size=1, max_size=3)), min_size=1, max_size=3))
    known = [wrapped(path, records) for path, records in documents]
    known += draw(st.just([]) | st.just([]) | st.lists(VALUE, max_size=1))
    indent = draw(st.sampled_from([None, 1]))
    return "\n".join(json.dumps(one, indent=indent) for one in known)


@settings(max_examples=300, deadline=None)
@given(data=st.data(), table=contracts(), others=st.lists(contracts("outra"), max_size=1))
def test_the_census_agrees_with_framing_for_any_contract_and_documents(
    data: st.DataObject, table: Contract, others: list[Contract], tmp_path_factory: pytest.TempPathFactory
) -> None:
    content = data.draw(files(table))
    agree("a.json", content.encode(), table, tmp_path_factory.getbasetemp(), others)


FIELD = st.sampled_from(
    ["", "1", "2.0", " 3 ", "x", '"', '"a;b"', '"a\nb"', '""', '"c""d"e', "N/A", "\\N", "f", " ", "\r"]
)
FIELDS = st.tuples(st.sampled_from(["1", "2.0", " 3 ", '"4"', "N/A"]), FIELD, FIELD)
LINE = (FIELDS | FIELDS | st.lists(FIELD, min_size=1, max_size=4)).map(";".join)
NAMES = st.permutations(["id", " nome", "tipo"]) | st.just(["id", "titulo", "nome"])
ODD_NAMES = st.lists(st.sampled_from(["id", " nome", "titulo", "tipo", "x", '"nome"']), min_size=1, max_size=4)
HEADER = (NAMES | ODD_NAMES).map(";".join)
SKIPPING = {"quote": None, "header": True, "skip": 1}


@settings(max_examples=300, deadline=None)
@example(head="a note", lines=[";", "id;nome;tipo", "1;a;f"], end="\n", dialect=SKIPPING, where={}, nulls=None)
@given(
    head=HEADER,
    lines=st.lists(LINE | LINE | HEADER, max_size=6),
    end=st.sampled_from(["\n", "\r\n", "\r", "\n\n"]),
    dialect=st.fixed_dictionaries(
        {"quote": st.sampled_from([None, '"']), "header": st.booleans(), "skip": st.sampled_from([0, 0, 1, 2])},
        optional={"encoding": st.sampled_from(["latin-1", "utf-16"])},
    ),
    where=st.sampled_from([{}, {"tipo": ("f",)}, {"tipo": (None,), "nome": ("*",)}]),
    nulls=st.none() | st.just(("N/A",)),
)
def test_the_census_agrees_with_framing_for_any_dialect_and_lines(  # noqa: PLR0917 - one for each thing that is drawn
    head: str,
    lines: list[str],
    end: str,
    dialect: dict[str, Any],
    where: dict[str, Any],
    nulls: tuple[str, ...] | None,
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    content = end.join([head, *lines]).encode(dialect.get("encoding", "utf-8"))
    raw: dict[str, Any] = {
        "format": RawFormat.CSV,
        "dialect": Dialect(delimiter=";", **dialect),
        "where": where,
        "nulls": nulls,
    }
    agree("a.csv", content, contract(columns=CSV, **raw), tmp_path_factory.getbasetemp())
