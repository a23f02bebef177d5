"""`contract init` detects the dialect of a CSV file."""

from __future__ import annotations

import gzip
import io
from typing import TYPE_CHECKING

import pytest

from tests.support.inferred import load
from trustedlake.core.framing.csv_dialect import SEPARATORS
from trustedlake.core.framing.source import Source, UnreadableError
from trustedlake.core.inferring.csv_detection import sniff
from trustedlake.models.raw import Dialect

if TYPE_CHECKING:
    from pathlib import Path

NAMES = ["station_id", "cidade", "lidos", "tara"]
ROWS = [["A1", "São José", "12", "1"], ["B2", "Rio, centro", "7", "2"], ["C3", "Olinda", "31", "3"]]


def text(delimiter: str, *, quote: str = "", header: bool = True, end: str = "\n") -> str:
    rows = [NAMES, *ROWS] if header else ROWS
    return "".join(delimiter.join(f"{quote}{cell}{quote}" for cell in row) + end for row in rows)


UTF8_BOM = b"\xef\xbb\xbf"
CASES: dict[str, tuple[bytes, dict[str, object]]] = {
    "pipe": (text("|").encode(), {"delimiter": "|"}),
    "semicolon": (text(";").encode(), {"delimiter": ";"}),
    "tab": (text("\t").encode(), {"delimiter": "\t"}),
    "comma, all quoted": (text(",", quote='"').encode(), {"delimiter": ",", "quote": '"'}),
    "comma, quoted where needed": (
        text(",").replace("Rio, centro", '"Rio, centro"').encode(),
        {"delimiter": ",", "quote": '"'},
    ),
    "line break in quotes": (
        text(";").replace("Rio, centro", '"Rio\ncentro"').encode(),
        {"delimiter": ";", "quote": '"'},
    ),
    "quote as a letter": (text("|").replace("Olinda", '"Olinda" velha').encode(), {"delimiter": "|"}),
    "crlf": (text(";", end="\r\n").encode(), {"delimiter": ";"}),
    "blanks around names": (text(";").replace("cidade", " cidade ").encode(), {"delimiter": ";"}),
    "mark": (UTF8_BOM + text(";").encode(), {"delimiter": ";"}),
    "latin-1": (text(";").encode("latin-1"), {"delimiter": ";", "encoding": "latin-1"}),
    "cp1252": (text(";").replace("Olinda", "Olinda €").encode("cp1252"), {"delimiter": ";", "encoding": "cp1252"}),
    "utf-16": (text(";").encode("utf-16"), {"delimiter": ";", "encoding": "utf-16"}),
    "utf-16 without mark": (text(";").encode("utf-16-le"), {"delimiter": ";", "encoding": "utf-16-le"}),
    "lines before the header": (
        ("Relatório de 2025\nfonte: x\n\n" + text(";")).encode(),
        {"delimiter": ";", "skip": 3},
    ),
    "sep line": (("sep=;\n" + text(";")).encode(), {"delimiter": ";", "skip": 1}),
    "blank lines before the header": (("\n\n" + text(";")).encode(), {"delimiter": ";"}),
    "no header": (
        text(";", header=False).encode(),
        {"delimiter": ";", "header": False, "columns": ("column_1", "column_2", "column_3", "column_4")},
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_the_csv_dialect_is_detected(name: str, tmp_path: Path) -> None:
    content, dialect = CASES[name]
    file = tmp_path / "stations.csv"
    file.write_bytes(content)

    loaded = load([file], "stations")

    assert loaded.proposal.draft.contract.raw.dialect == Dialect(**dialect)
    assert loaded.records == len(loaded.rows) == 3, loaded.problems
    first, second, third, _ = [column.name for column in loaded.proposal.draft.contract.columns]
    assert loaded.column(first) == ["A1", "B2", "C3"]
    assert loaded.column(second)[0] == "São José"
    assert loaded.column(third) == ["12", "7", "31"]
    if dialect.get("header", True):
        assert (first, second, third) == tuple(NAMES[:3])


def test_a_separator_added_to_the_table_is_detected_and_listed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(SEPARATORS, "^", "'^'")
    (tmp_path / "a.csv").write_text(text("^"))

    assert load([tmp_path / "a.csv"], "stations").proposal.draft.contract.raw.dialect.delimiter == "^"
    with pytest.raises(UnreadableError) as refused:
        sniff(Source(io.BytesIO(b"word\nalpha\nbeta\n"), "words"), must=False)
    assert refused.value.hint == "init reads JSON, and CSV separated by '|', ';', a tab, ',' or '^'"


def test_a_compressed_file_with_an_unusual_ending_gets_a_file_pattern(tmp_path: Path) -> None:
    (tmp_path / "stations.tsv.gz").write_bytes(gzip.compress(text("\t").encode()))

    loaded = load([tmp_path], "stations")

    assert loaded.proposal.draft.contract.raw.files == ("*.tsv.gz",)
    assert loaded.records == 3


def test_files_in_another_dialect_are_reported_instead_of_mixed_in(tmp_path: Path) -> None:
    for name in "abc":
        (tmp_path / f"{name}.csv").write_text(text(";"))
    (tmp_path / "d.csv").write_text(text("\t"))

    draft = load([tmp_path], "stations").proposal.draft

    assert draft.contract.raw.dialect.delimiter == ";"
    assert any("written differently" in note and "1 file " in note and "d.csv" in note for note in draft.notes)


def test_a_single_column_is_a_table_if_the_file_is_named_csv(tmp_path: Path) -> None:
    (tmp_path / "words.csv").write_text("word\nalpha\nbeta\n")

    assert load([tmp_path / "words.csv"], "words").column("word") == ["alpha", "beta"]
