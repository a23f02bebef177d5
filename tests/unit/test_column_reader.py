"""Where a column's value comes from: sources, synonyms, nested paths, lists, null words, and conflicts."""

from __future__ import annotations

import io
from typing import Any

import pytest

from trustedlake.core.framing.frames import frame_file
from trustedlake.models.column import Column
from trustedlake.models.contract import Contract, Duplicates
from trustedlake.models.raw import Dialect, Raw, RawFormat
from trustedlake.types.source_path import parse_records, parse_source

Row = dict[str, Any]


def contract_of(*columns: Column, raw_format: RawFormat = RawFormat.JSON, **raw: Any) -> Contract:
    """A table with these columns, and the key `k`."""
    return Contract(
        table="t",
        raw=Raw(path=("Raw/t",), format=raw_format, **raw),
        trusted="Trusted/t",
        key=("k",),
        duplicates=Duplicates.LAST,
        columns=(Column(name="k", type="bigint"), *columns),
    )


def rows_of(content: str, contract: Contract) -> list[Row]:
    """The framed rows of a file; it is readable."""
    batches = frame_file(io.BytesIO(content.encode()), path="f", partition=(), framing=contract.framing())
    rows: list[Row] = []
    while True:
        try:
            rows += next(batches).to_pylist()
        except StopIteration as stop:
            assert stop.value.problem is None, stop.value.problem  # noqa: PT017
            return rows


def read(column: Column, members: str, **raw: Any) -> tuple[Any, str | None, dict[str, str | None]]:
    """What a record with these members gives the column `c`: its text, the problem, what is rescued."""
    (row,) = rows_of(f'{{"k":1,{members}}}', contract_of(column, **raw))
    return row["text_c"], row["problem"], dict(row["rescued"] or [])


def text(*sources: str, **options: Any) -> Column:
    return Column(name="c", type=options.pop("type", "string"), sources=sources, **options)


def texts(*sources: str, **options: Any) -> Column:
    return text(*sources, type=options.pop("type", "array<string>"), **options)


CREW = '"crew":[{"job":"Editor","name":"Eva"},{"job":"Director","name":"Ana"},{"job":"Director","name":"Bia"}]'
READ: list[tuple[Column, str, Any, str | None, dict[str, str]]] = [
    # column, members of the record, text, problem, rescued
    (text(), '"c":"x"', "x", None, {}),
    (text(), '"c":null', None, None, {}),
    (text(), '"c":7.10', "7.10", None, {}),
    (text(), '"c":true', "true", None, {}),
    (text(), '"c":[1]', None, "c|type", {}),
    (text(), '"c":{"a":1}', None, "c|type", {}),
    # of several sources the first with a value wins, and a different one of another is not lost
    (text("a", "b"), '"a":"x","b":"x"', "x", None, {}),
    (text("a", "b"), '"a":"x","b":"y"', "x", None, {"b": "y"}),
    (text("a", "b"), '"a":null,"b":"y"', "y", None, {}),
    (text("a", "b"), '"a":"","b":"y"', "y", None, {}),
    (text("a", "b"), '"b":"y"', "y", None, {}),
    (text("a", "b"), '"a":[1],"b":"y"', "y", None, {}),
    (text("a.x", "b"), '"a":{"x":"x"},"b":"y"', "x", None, {"b": "y"}),
    (text("a.x", "b.y"), '"a":{"x":"x"},"b":{"y":"y"}', "x", None, {"b.y": "y"}),
    (text("a", "b", type="double"), '"a":1e1,"b":10.0', "1e1", None, {}),
    (text("a", "b", type="bigint"), '"a":"07","b":7', "7", None, {}),
    (text("a", "b", type="bigint"), '"a":"07","b":"x"', "7", None, {"b": "x"}),
    (text("a", "b", type="bigint"), '"a":"x","b":7', None, "c|type", {}),
    # synonyms are keys to the letter, behind the sources
    (text(synonyms=("s",)), '"s":"x"', "x", None, {}),
    (text(synonyms=("s",)), '"s":"y","c":"x"', "x", None, {"s": "y"}),
    (text("a", synonyms=("s.t", "Nota [0-10]")), '"s.t":"x"', "x", None, {}),
    (text("a", synonyms=("s.t", "Nota [0-10]")), '"Nota [0-10]":"x"', "x", None, {}),
    (text("`s.t`"), '"s.t":"x"', "x", None, {}),
    # objects
    (text("a.b"), '"a":{"b":"x","more":1}', "x", None, {}),
    (text("a.b"), '"a":{"more":1}', None, None, {}),
    (text("a.b"), '"a":null', None, None, {}),
    (text("a.b"), '"a":{}', None, None, {}),
    (text("a.b"), '"a":""', None, None, {}),
    (text("a.b"), '"a":"x"', None, "c|type", {}),
    (text("a.b"), '"a":[]', None, "c|type", {}),
    (text("a.b"), '"a":{"b":{"c":1}}', None, "c|type", {}),
    (text("a.b.c"), '"a":{"b":{"c":1.0}}', "1.0", None, {}),
    (text("a.b", "a"), '"a":"x"', "x", None, {}),
    (text("a.b", "a"), '"a":{"z":1}', None, None, {}),
    (text("a", "a.b"), '"a":{}', None, None, {}),
    (text("a.b", "a"), '"a":[1]', None, "c|type", {}),
    # of a list the first that is not null, of those picked
    (text("a[].b"), '"a":[{"b":null},{"z":1},{"b":"x"},{"b":"y"}]', "x", None, {}),
    (text("a[].b"), '"a":[]', None, None, {}),
    (text("crew[job=Director].name"), CREW, "Ana", None, {}),
    (text("crew[job=Sound].name"), CREW, None, None, {}),
    (text("crew[job=Director].name"), '"crew":[7,null]', None, None, {}),
    (texts("crew[job=Director].name"), CREW, ["Ana", "Bia"], None, {}),
    # lists; null elements stay
    (texts(), '"c":["x",null,"y"]', ["x", None, "y"], None, {}),
    (texts(), '"c":[]', [], None, {}),
    (texts(), '"c":[null]', [None], None, {}),
    (texts(), '"c":["",null]', ["", None], None, {}),
    (texts(), '"c":[1,1.50,true]', ["1", "1.50", "true"], None, {}),
    (texts(), '"c":[["x"]]', None, "c|type", {}),
    (texts(), '"c":[{"x":1}]', None, "c|type", {}),
    (texts(), '"c":"x"', None, "c|type", {}),
    (texts(), '"c":7', None, "c|type", {}),
    (texts(), '"c":""', None, None, {}),
    (texts(), '"c":null', None, None, {}),
    (texts(type="array<int>"), '"c":[1,null,"02"]', ["1", None, "2"], None, {}),
    (texts(type="array<int>"), '"c":[1,""]', ["1", None], None, {}),
    (texts(type="array<int>"), '"c":[1,2.5]', None, "c|type", {}),
    (texts(type="array<date>"), '"c":["2024-03-05"]', ["2024-03-05"], None, {}),
    (texts("a[].b"), '"a":[{"b":"x"},{"z":1},null,{"b":null}]', ["x", None, None, None], None, {}),
    (texts("a[].b"), '"a":[{"b":"x"},7]', None, "c|type", {}),
    (texts("a[].b"), '"a":[{"b":["x"]}]', None, "c|type", {}),
    (texts("a[].b"), '"a":[{"z":1}]', None, None, {}),
    (texts("a[].b", "a"), '"a":[{"z":1}]', None, None, {}),
    (texts("a[].b", "a"), '"a":["x"]', ["x"], None, {}),
    (texts("a[].b", "d"), '"a":[{"z":1}],"d":["y"]', ["y"], None, {}),
    (texts("a[].b", "a[].d"), '"a":[{"b":"x"},{"d":"y"}]', ["x", "y"], None, {}),
    (texts("a.b[].c"), '"a":{"b":[{"c":"x"}]}', ["x"], None, {}),
    (texts("a.b[].c"), '"a":{"z":1}', None, None, {}),
    (texts("a[].b[].c"), '"a":[{"b":[{"c":"x"}]},{"b":[{"c":"y"},{"c":"z"}]}]', ["x", "y", "z"], None, {}),
    (texts("a.b"), '"a":{"b":["x"]}', ["x"], None, {}),
    # texts that are lists
    (texts(split=","), '"c":"x, y,,z"', ["x", "y", "z"], None, {}),
    (texts(split="|"), '"c":"x,y"', ["x,y"], None, {}),
    (texts(split=","), '"c":["x,y"]', ["x,y"], None, {}),
    (texts(split=",", type="array<int>"), '"c":"1, 02"', ["1", "2"], None, {}),
    (texts(split=",", nulls=("-",)), '"c":"x,-,y"', ["x", None, "y"], None, {}),
    (texts(split=",", nulls=("-",)), '"c":" - "', None, None, {}),
    # words for null
    (text(nulls=("", "N/A")), '"c":" N/A "', None, None, {}),
    (text(nulls=("", "N/A")), '"c":""', None, None, {}),
    (text(nulls=("", "N/A")), '"c":"n/a"', "n/a", None, {}),
    (text(nulls=()), '"c":""', "", None, {}),
    (text(type="int", nulls=("N/A",)), '"c":"N/A"', None, None, {}),
    (text(type="int", nulls=("-1",)), '"c":-1', None, None, {}),
    (text(type="int"), '"c":" "', None, None, {}),
    (text(type="int"), '"c":" 7 "', "7", None, {}),
    (texts(nulls=("N/A",)), '"c":["x","N/A"]', ["x", None], None, {}),
    (text("a", "b", nulls=("N/A",)), '"a":"N/A","b":"y"', "y", None, {}),
    (text("a.b", nulls=("N/A",)), '"a":{"b":"N/A"}', None, None, {}),
    # how numbers, dates and booleans are written
    (text(type="double", decimal=","), '"c":"7,5"', "7.5", None, {}),
    (text(type="double", decimal=","), '"c":7.5', "7.5", None, {}),
    (text(type="double", decimal=","), '"c":"7.5"', None, "c|type", {}),
    (text(type="double", decimal=",", grouping="."), '"c":"1.234,5"', "1234.5", None, {}),
    (text(type="bigint", decimal=",", grouping="."), '"c":1234', "1234", None, {}),
    (text("a.b", type="double", decimal=","), '"a":{"b":7.5}', "7.5", None, {}),
    (text("a.b", type="double", decimal=","), '"a":{"b":"7.5"}', None, "c|type", {}),
    (texts(type="array<double>", decimal=","), '"c":["7,5",8.5]', ["7.5", "8.5"], None, {}),
    (text(type="date", formats=("dd/MM/yyyy",)), '"c":"05/03/2024"', "2024-03-05", None, {}),
    (text(type="date", formats=("dd/MM/yyyy",)), '"c":"2024-03-05"', None, "c|type", {}),
    (text(type="boolean", booleans={"S": True, "N": False}), '"c":"s"', "true", None, {}),
    (text(type="boolean"), '"c":true', "true", None, {}),
    (text(type="decimal(4,1)"), '"c":1000', None, "c|range", {}),
    # json keeps the text
    (text(type="json"), '"c":{"a": 1.0, "b":[ ]}', '{"a": 1.0, "b":[ ]}', None, {}),
    (text(type="json"), '"c":"x"', "x", None, {}),
    (text(type="json"), '"c":null', None, None, {}),
    (text("a.b", type="json"), '"a":{"b":[1.0,  2]}', "[1.0,  2]", None, {}),
    (texts(type="array<json>"), '"c":[{"a":1.0},"x",2]', ['{"a":1.0}', "x", "2"], None, {}),
]


@pytest.mark.parametrize(("column", "members", "value", "problem", "rescued"), READ)
def test_a_column_gets_its_text_from_the_record(
    column: Column, members: str, value: object, problem: str | None, rescued: dict[str, str]
) -> None:
    assert read(column, members) == (value, problem, rescued)


@pytest.mark.parametrize(
    ("members", "problem"),
    [
        ('"id":1,"codigo":1', None),
        ('"id":1,"codigo":"01"', None),
        ('"id":1,"codigo":2', "k|conflict"),
        ('"id":1,"codigo":"x"', "k|conflict"),
        ('"id":1,"codigo":null', None),
        ('"id":1,"codigo":""', None),
    ],
)
def test_different_values_in_the_sources_of_a_key_are_a_conflict(members: str, problem: str | None) -> None:
    key = Column(name="k", type="bigint", sources=("id", "codigo"))
    contract = contract_of(text()).model_copy(update={"columns": (key, text())})
    (row,) = rows_of(f'{{{members},"c":"x"}}', contract)
    assert (row["text_k"], row["problem"]) == ("1", problem)


@pytest.mark.parametrize(
    ("value", "names", "numbers", "problem"),
    [
        ('["Crime",null]', ["Crime", None], None, None),
        ("[80,null]", None, ["80", None], None),
        ("[]", [], [], None),
        ("[null]", [None], [None], None),
        ('["Crime",80]', None, None, "names|type"),
        ("[true]", None, None, "names|type"),
        ('[{"id":80,"name":"Crime"},null,{"id":18}]', ["Crime", None, None], ["80", None, "18"], None),
        ('[{"id":80}]', None, ["80"], None),
        ('[{"name":"Crime"}]', ["Crime"], None, None),
        ('[{"name":"Crime","id":"x"}]', ["Crime"], None, "numbers|type"),
        ('{"id":80}', None, None, "names|type"),
        ('"Crime"', None, None, "names|type"),
    ],
)
def test_columns_read_from_the_same_list_stay_parallel(
    value: str, names: list[str | None] | None, numbers: list[str | None] | None, problem: str | None
) -> None:
    contract = contract_of(
        Column(name="names", type="array<string>", sources=("g[].name", "g")),
        Column(name="numbers", type="array<bigint>", sources=("g[].id", "g")),
    )
    (row,) = rows_of(f'{{"k":1,"g":{value}}}', contract)
    assert (row["text_names"], row["text_numbers"], row["problem"]) == (names, numbers, problem)


RECORDS: list[tuple[tuple[str, ...], str, list[str]]] = [
    ((".",), '{"k":1,"c":"a"}', ["a"]),
    (("[]",), '[{"k":1,"c":"a"},{"k":2,"c":"b"}]', ["a", "b"]),
    (("items[]",), '{"page":1,"items":[{"k":1,"c":"a"},{"k":2,"c":"b"}]}', ["a", "b"]),
    (("data.items[]",), '{"data":{"n":1,"items":[{"k":1,"c":"a"}]}}', ["a"]),
    (("[].items[]",), '[{"items":[{"k":1,"c":"a"}]},{"items":[]},{"items":[{"k":2,"c":"b"}]}]', ["a", "b"]),
    (("byId{}",), '{"byId":{"7":{"k":1,"c":"a"},"8":{"k":2,"c":"b"}}}', ["a", "b"]),
    (("items[]", "[]", "."), '[{"k":1,"c":"a"}]', ["a"]),
    (("items[]", "[]", "."), '{"k":1,"c":"a"}', ["a"]),
    (("items[]", "[]", "."), '{"items":[{"k":1,"c":"a"}]}\n{"items":[{"k":2,"c":"b"}]}\n', ["a", "b"]),
    (("items[]", "[]", "."), '{"k":1,"c":"a"}\n{"k":2,"c":"b"}\n', ["a", "b"]),
]


@pytest.mark.parametrize(("paths", "content", "found"), RECORDS)
def test_records_are_read_where_the_contract_says(paths: tuple[str, ...], content: str, found: list[str]) -> None:
    assert [row["text_c"] for row in rows_of(content, contract_of(text(), records=paths))] == found


def test_the_member_name_of_a_record_can_be_a_source() -> None:
    contract = contract_of(text("@key"), records=("byId{}",))
    rows = rows_of('{"byId":{"tt1":{"k":1},"tt 2":{"k":2}}}', contract)
    assert [row["text_c"] for row in rows] == ["tt1", "tt 2"]


@pytest.mark.parametrize(
    "source",
    ["", ".", "a.", ".a", "a..b", "a[", "a]", "a[]b", "a{}", "[]", "[].a", "a[=x]", "`a", "a[0].b[", "@", "a[b]"],
)
def test_an_invalid_source_is_refused(source: str) -> None:
    if source == "@":
        assert parse_source(source)[0].name == "@"  # a key like any other
        return
    with pytest.raises(ValueError, match="source"):
        parse_source(source)


@pytest.mark.parametrize("path", ["", "a", "a.b", "a[", "a[x=1]", "a[]b", "..", "a[].b"])
def test_an_invalid_records_path_is_refused(path: str) -> None:
    with pytest.raises(ValueError, match="records"):
        parse_records(path)


SELECTED: list[tuple[dict[str, Any], str, list[str | None]]] = [
    # of the contract's raw, members beside k and c, problems of the rows; none: the record is elsewhere
    ({"where": {"kind": ("a",)}}, '"kind":"a"', [None]),
    ({"where": {"kind": ("a",)}}, '"kind":"b"', []),
    ({"where": {"kind": ("a",)}}, '"kind":null', []),
    ({"where": {"kind": ("a",)}}, '"x":1', []),
    ({"where": {"kind": ("a", None)}}, '"kind":null', [None]),
    ({"where": {"kind": ("a", None)}}, '"x":1', [None]),
    ({"where": {"kind": ("*",)}}, '"kind":"b"', [None]),
    ({"where": {"kind": ("*",)}}, '"kind":null', []),
    ({"where": {"kind": (None,)}, "nulls": ("", "-")}, '"kind":" - "', [None]),
    ({"where": {"kind": ("*",)}, "nulls": ("", "-")}, '"kind":"-"', []),
    ({"where": {"n": ("1",)}}, '"n":1', [None]),
    ({"where": {"n": ("true",)}}, '"n":true', [None]),
    ({"where": {"a": ("1",), "b": ("2",)}}, '"a":1,"b":2', [None]),
    ({"where": {"a": ("1",), "b": ("2",)}}, '"a":1,"b":3', []),
    ({"one_of": ("m", "n")}, '"n":null', [None]),
    ({"one_of": ("m", "n")}, '"x":1', ["record|not_t"]),
]


@pytest.mark.parametrize(("raw", "members", "problems"), SELECTED)
def test_where_and_one_of_decide_to_which_table_a_record_belongs(
    raw: dict[str, Any], members: str, problems: list[str | None]
) -> None:
    sure = '{"k":9,"c":"z","kind":"a","n":1,"m":1,"a":1,"b":2}'
    rows = rows_of(f'[{{"k":1,"c":"x",{members}}},{sure}]', contract_of(text(), **raw))
    assert [row["problem"] for row in rows if row["record_index"] == 0] == problems


def test_a_record_of_another_table_counts_as_elsewhere_not_as_rejected() -> None:
    mine, theirs = contract_of(text(), one_of=("m",)), contract_of(text(), one_of=("n",))
    content = b'[{"k":1,"m":1,"c":"x"},{"k":2,"n":1},{"k":3}]'
    framing = mine.framing([theirs])
    for others, problems in (((0,), [None, "record|not_t"]), ((), [None, "record|not_t", "record|not_t"])):
        batches = frame_file(io.BytesIO(content), path="f", partition=(), framing=framing, others=others)
        assert [row["problem"] for batch in batches for row in batch.to_pylist()] == problems


QUOTED = Dialect(delimiter=",", quote='"')
LINES: list[tuple[Dialect, str, list[tuple[int, str | None, str | None]]]] = [
    # dialect, file, (line, text of c, problem) of each row
    (QUOTED, 'k,c\n1,"a,b"\n2,x\n', [(2, "a,b", None), (3, "x", None)]),
    (QUOTED, 'k,c\n1,"a\nb"\n2,x\n', [(2, "a\nb", None), (4, "x", None)]),
    (QUOTED, 'k,c\r\n1,"a\r\nb"\r\n2,x', [(2, "a\r\nb", None), (4, "x", None)]),
    (QUOTED, 'k,c\n1,"say ""a"""\n', [(2, 'say "a"', None)]),
    (QUOTED, '"k","c"\n"1","a"\n', [(2, "a", None)]),
    (QUOTED, 'k,c\n1,a"b\n', [(2, 'a"b', None)]),
    (QUOTED, "k,c\n1\n2,a,b\n3,x\n", [(2, None, "line|short"), (3, None, "line|long"), (4, "x", None)]),
    (QUOTED, "\n\nk,c\n\n1,a\n", [(5, "a", None)]),
    (QUOTED, 'k,c\n1,""\n', [(2, None, None)]),
    (Dialect(delimiter=";"), 'k;c\n1;"a"\n', [(2, '"a"', None)]),
    (Dialect(delimiter="\t"), "k\tc\n1\ta|b\n", [(2, "a|b", None)]),
    (Dialect(header=False), "1|a\n2|b\n", [(1, "a", None), (2, "b", None)]),
    (Dialect(header=False, columns=("c", "k")), "a|1\n", [(1, "a", None)]),
    (Dialect(skip=2), "made by x\n|||\nk|c\n1|a\n", [(4, "a", None)]),
    (Dialect(skip=1, quote='"'), 'an "open quote\nk|c\n1|a\n', [(3, "a", None)]),
]


@pytest.mark.parametrize(("dialect", "content", "expected"), LINES)
def test_a_csv_file_is_read_in_the_dialect_of_its_contract(
    dialect: Dialect, content: str, expected: list[tuple[int, str | None, str | None]]
) -> None:
    contract = contract_of(text(), raw_format=RawFormat.CSV, dialect=dialect)
    framing = contract.framing()
    for block in (1, 3, 8 << 20):
        batches = frame_file(io.BytesIO(content.encode()), path="f.csv", partition=(), framing=framing, block=block)
        rows = [row for batch in batches for row in batch.to_pylist()]
        assert [(row["record_index"], row["text_c"], row["problem"]) for row in rows] == expected


@pytest.mark.parametrize("encoding", ["latin-1", "cp1252", "utf-16", "utf-8"])
def test_a_csv_file_is_read_in_the_encoding_of_its_contract(encoding: str) -> None:
    contract = contract_of(text(), raw_format=RawFormat.CSV, dialect=Dialect(encoding=encoding))
    content = "k|c\n1|Ação é\n".encode(encoding)
    (batch,) = frame_file(io.BytesIO(content), path="f.csv", partition=(), framing=contract.framing())
    assert batch.to_pylist()[0]["text_c"] == "Ação é"


def test_an_unclosed_quote_makes_the_file_unreadable() -> None:
    contract = contract_of(text(), raw_format=RawFormat.CSV, dialect=QUOTED)
    batches = frame_file(io.BytesIO(b'k,c\n1,a\n2,"b\n3,c\n'), path="f", partition=(), framing=contract.framing())
    with pytest.raises(StopIteration) as stop:
        next(batches)
    assert "line 3: the record that begins here has a quote that is still open" in stop.value.value.problem
