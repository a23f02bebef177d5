"""What happens to the lines of a pipe-separated file."""

from __future__ import annotations

import gzip
import io

import pytest

from tests.support.framed import LOCAL_MOVIES, frame_csv
from tests.support.witness import witness_crc, witness_of_raw
from trustedlake.core.framing.csv_dialect import SEPARATORS
from trustedlake.core.framing.csv_lines import parse_block
from trustedlake.core.framing.frames import frame_file
from trustedlake.core.framing.source import whole_lines

HEADER = "id|tituloPincipal|anoLancamento|nomeArtista"
ONE = 'tt0000001|"Carmen|1894|Ana, (José) 東京'
TWO = r"tt0000002|Ação|\N|"


def table(*lines: str, end: str = "\n", header: str = HEADER) -> str:
    return end.join([header, *lines]) + end


def test_columns_are_found_by_name_and_values_are_kept_as_written() -> None:
    framed = frame_csv(table(ONE, TWO))
    one, two = framed.rows
    assert [one[f"text_{name}"] for name in ("id", "tituloPincipal", "anoLancamento", "nomeArtista", "genero")] == [
        "tt0000001",
        '"Carmen',
        "1894",
        "Ana, (José) 東京",
        None,
    ]
    assert (two["text_anoLancamento"], two["text_nomeArtista"]) == (None, None)
    assert [row["raw"] for row in framed.rows] == [ONE, TWO]
    assert framed.indexed == [(2, None), (3, None)]
    assert framed.facts.header == HEADER.split("|")
    assert framed.facts.shape == "csv"


def test_the_facts_distinguish_absent_null_and_empty_values() -> None:
    facts = frame_csv(table(ONE, TWO, "short")).facts
    assert facts.records == 3
    assert (facts.null, facts.empty) == ({"anoLancamento": 1}, {"nomeArtista": 1})
    assert (facts.absent["genero"], facts.absent["id"]) == (3, 1)


def test_columns_in_another_order_and_the_corrected_spelling_are_read() -> None:
    framed = frame_csv("nomeArtista|id|tituloPrincipal\nAna|tt1|Carmen\n")
    row = framed.rows[0]
    assert (row["text_id"], row["text_tituloPincipal"], row["text_nomeArtista"]) == ("tt1", "Carmen", "Ana")
    assert "tituloPincipal" not in framed.facts.absent


def test_blanks_and_the_byte_order_mark_are_stripped_from_header_cells() -> None:
    framed = frame_csv("\ufeffid | tituloPincipal\t\r\ntt1|A\r\n")
    assert framed.facts.header == ["id", "tituloPincipal"]
    assert framed.rows[0]["text_tituloPincipal"] == "A"


def test_columns_the_contract_does_not_know_are_rescued() -> None:
    framed = frame_csv("nota|id|extra\n1|tt1|x\nshort\n\\N|tt2|\n")
    assert framed.column("rescued") == [[("nota", "1"), ("extra", "x")], None, [("nota", None), ("extra", "")]]
    assert framed.facts.unknown == {"nota": 2, "extra": 2}
    assert framed.facts.samples == {"nota": "1", "extra": "x"}


REFUSED_LINES: dict[str, tuple[str | bytes, str]] = {
    "short": ("tt1|A|1999", "line|short"),
    "long": ("tt1|A|1999|Ana|x", "line|long"),
    "separator_at_the_end": (ONE + "|", "line|long"),
    "header_again": (HEADER, "line|header"),
    "header_again_with_blanks": ("id | tituloPincipal|anoLancamento|nomeArtista ", "line|header"),
    "undecodable": (b"tt1|caf\xe9|1999|Ana", "line|encoding"),
    "undecodable_before_a_separator": (b"tt1|caf\xc3|1999|Ana", "line|encoding"),
    "short_and_undecodable": (b"tt1|\xff", "line|short,line|encoding"),
}


@pytest.mark.parametrize("case", REFUSED_LINES)
@pytest.mark.parametrize("block", [1, 70, 8 << 20])
def test_a_line_that_cannot_be_read_safely_is_rejected_with_its_text(case: str, block: int) -> None:
    line, problem = REFUSED_LINES[case]
    data = line if isinstance(line, bytes) else line.encode()
    framed = frame_csv(f"{HEADER}\n{ONE}\n".encode() + data + f"\n{TWO}\n".encode(), block=block)
    assert framed.indexed == [(2, None), (3, problem), (4, None)]
    assert framed.rows[1]["raw"] == data.decode("utf-8", "replace")
    assert framed.column("raw")[::2] == [ONE, TWO]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("block", [1, 2, 7, 30, 51, 8 << 20])
def test_the_record_index_is_the_line_number_in_the_file(end: str, block: int) -> None:
    lines = ["", HEADER, "", "", ONE, "short", "  ", TWO, "|||", "", ""]
    framed = frame_csv(end.join(lines), block=block)
    assert framed.indexed == [(5, None), (6, "line|short"), (8, None), (9, None)]
    assert framed.column("raw") == [ONE, "short", TWO, "|||"]
    assert framed.facts.records == 4


def test_a_file_with_only_carriage_returns_is_split_into_lines() -> None:
    cut = list(whole_lines([b"a\rb\r", b"\nc\rd", b"e"], carriage_return=True))
    assert cut == [b"a\r", b"b\r\n", b"c\rde"]


def test_a_line_that_only_begins_like_the_header_is_a_record() -> None:
    assert frame_csv(table("id|A|1999|Ana")).indexed == [(2, None)]


def test_line_endings_may_be_mixed() -> None:
    framed = frame_csv(f"{HEADER}\r\n{ONE}\n\r{TWO}\r\r\n{ONE}")
    assert framed.column("record_index") == [2, 4, 6]


@pytest.mark.parametrize("block", range(1, 60))
def test_the_block_size_does_not_change_the_result(block: int) -> None:
    content = table(ONE, "", TWO, "a|b", ONE, "", HEADER, TWO, end="\r\n").encode() + b"tt9|\xff|1|x\r\n\r\nlast"
    assert frame_csv(content, block=block) == frame_csv(content)


def test_lines_of_separators_are_distinguished_from_blank_lines() -> None:
    lines = parse_block(b"|\n\n|\n", 2, "|")
    assert (lines.total, lines.places) == (3, [0, 2])


@pytest.mark.parametrize("block", [1, 30, 8 << 20])
def test_a_byte_order_mark_after_the_first_line_is_part_of_its_field(block: int) -> None:
    framed = frame_csv(table("\ufefftt1|A|1|Ana", "\ufeff", "\ufefftt2|B|2|Ana"), block=block)
    assert framed.column("text_id") == ["\ufefftt1", None, "\ufefftt2"]
    assert framed.indexed == [(2, None), (3, "line|short"), (4, None)]


TWINS = [
    # header, line, id, title, what is rescued, problem
    ("id|genero|genero", "tt1|x|y", "tt1", None, {"genero#2": "y"}, None),
    ("id|x|x|x", "tt1|a|b|c", "tt1", None, {"x": "a", "x#2": "b", "x#3": "c"}, None),
    ("id|x|x#2|x", "tt1|a|b|c", "tt1", None, {"x": "a", "x#2": "b", "x#3": "c"}, None),
    ("id|x|x|x#2", "tt1|a|b|c", "tt1", None, {"x": "a", "x#3": "b", "x#2": "c"}, None),
    ("id||", "tt1|a|b", "tt1", None, {"": "a", "#2": "b"}, None),
    ("id|genero|id", "tt1|x|tt2", "tt1", None, {"id#2": "tt2"}, "id|conflict"),
    ("id|genero|id", "tt1|x|tt1", "tt1", None, {"id#2": "tt1"}, None),
    (r"id|genero|id", r"tt1|x|\N", "tt1", None, {"id#2": None}, None),
    ("id|tituloPincipal|tituloPrincipal", "tt1|A|B", "tt1", "A", {"tituloPrincipal": "B"}, None),
    ("id|tituloPincipal|tituloPrincipal", "tt1|A|A", "tt1", "A", {}, None),
    ("id|tituloPincipal|tituloPrincipal", "tt1||B", "tt1", "B", {}, None),
]


@pytest.mark.parametrize(("header", "line", "key", "title", "rescued", "problem"), TWINS)
def test_neither_of_two_fields_for_one_column_is_lost(  # noqa: PLR0917 - a row of the table
    header: str, line: str, key: str, title: str | None, rescued: dict[str, str | None], problem: str | None
) -> None:
    (row,) = frame_csv(f"{header}\n{line}\n").rows
    assert (row["text_id"], row["text_tituloPincipal"]) == (key, title)
    assert (dict(row["rescued"] or []), row["problem"]) == (rescued, problem)


UNREADABLE = {
    "empty": (b"", "the file is empty", "Raw"),
    "blank_lines": (b"\n \r\n\n", "only blank lines", "Raw"),
    "utf16": (table(ONE).encode("utf-16"), "UTF-16", "UTF-8"),
    "no_header": (ONE.encode(), "no header", "must name the columns: id|tituloPincipal"),
    "semicolons": (table(header="id;tituloPincipal").encode(), "separated by ';', not by '|'", "delimiter: ';'"),
    "commas": (table(header='"id","tituloPincipal"').encode(), "separated by ',', not by '|'", "delimiter: ','"),
    "tabs": (table(header="id\ttituloPincipal").encode(), "separated by a tab, not by '|'", r"delimiter: '\t'"),
    "no_key": (table(header="tituloPincipal|genero").encode(), "no column 'id'", "'id'"),
    "compressed": (gzip.compress(table(ONE).encode()), "compressed", ".gz"),
}


@pytest.mark.parametrize("case", UNREADABLE)
@pytest.mark.parametrize("block", [5, 8 << 20])
def test_an_unreadable_file_is_refused_as_a_whole_with_place_and_hint(case: str, block: int) -> None:
    content, problem, hint = UNREADABLE[case]
    framed = frame_csv(content, block=block)
    assert (framed.rows, framed.facts.shape) == ([], "unreadable")
    assert problem in (framed.facts.problem or "")
    assert hint in (framed.facts.hint or "")
    assert framed.facts.size == len(content)


def test_a_separator_added_to_the_table_is_recognised_in_a_header(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(SEPARATORS, "^", "'^'")
    framed = frame_csv(table(header="id^tituloPincipal"))
    assert framed.facts.problem == "line 1: the columns are separated by '^', not by '|'"


@pytest.mark.parametrize("above", ["||", " | |\t", "\n||\n", "|" * 50], ids=repr)
def test_lines_of_empty_cells_above_the_header_are_skipped(above: str) -> None:
    framed = frame_csv(f"{above}\n{table(ONE)}")
    lines = above.count("\n") + 1
    assert framed.facts.header == HEADER.split("|")
    assert [row["record_index"] for row in framed.rows] == [lines + 2]


def test_the_problem_names_the_line_of_the_header() -> None:
    assert (frame_csv("\n\nx|y\n").facts.problem or "").startswith("line 3:")


def test_a_file_with_only_a_header_is_readable_and_has_no_records() -> None:
    for content in (HEADER, HEADER + "\n", HEADER + "\r\n\n"):
        framed = frame_csv(content)
        assert (framed.facts.problem, framed.facts.records) == (None, 0)


def test_a_compressed_file_reads_like_the_plain_file_and_a_truncated_one_is_unreadable() -> None:
    plain = table(*[ONE, TWO, "short"] * 50).encode()
    packed = gzip.compress(plain)
    assert frame_csv(packed, "movies.csv.gz", block=100).column("raw") == frame_csv(plain).column("raw")
    for cut in (0, 5, 30, len(packed) // 2, len(packed) - 1):
        framed = frame_csv(packed[:cut], "movies.csv.gz", block=100)
        assert (framed.rows, framed.facts.shape) == ([], "unreadable")


def test_the_witness_can_be_computed_again_from_the_raw_text_of_any_line() -> None:
    lines = [line if isinstance(line, bytes) else line.encode() for line, _ in REFUSED_LINES.values()]
    framed = frame_csv(b"\n".join([HEADER.encode(), ONE.encode(), TWO.encode(), *lines]))
    again = [
        witness_crc(witness_of_raw(row["raw"], LOCAL_MOVIES, framed.facts.header), row["record_index"])
        for row in framed.rows
    ]
    assert framed.facts.witness == sum(again)
    assert (
        witness_of_raw(ONE, LOCAL_MOVIES, framed.facts.header)
        == "\x1f".join(["tt0000001", '"Carmen', "", "Ana, (José) 東京"]).encode()
    )


def test_a_large_file_is_framed_in_batches() -> None:
    content = table(*[ONE] * 200_000).encode()
    stream = io.BytesIO(content)
    batches = list(frame_file(stream, path="m.csv", partition=(), framing=LOCAL_MOVIES))
    assert sum(map(len, batches)) == 200_000
    assert max(batch.column("raw").nbytes for batch in batches) < 10 << 20
    assert next(iter(batches)).column("record_index")[0].as_py() == 2
