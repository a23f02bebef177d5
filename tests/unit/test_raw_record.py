"""The exact bytes of a record in its raw file, however the file is named and written."""

from __future__ import annotations

import codecs
import gzip
import json
from typing import TYPE_CHECKING

import pytest

from trustedlake.adapters.local.raw_record import exact_bytes
from trustedlake.models.built_in import CONTRACTS
from trustedlake.models.raw import Dialect

if TYPE_CHECKING:
    from pathlib import Path

    from trustedlake.models.contract import Contract

RECORDS = [{"id": 1, "title": "Ação"}, {"id": 2, "title": "Olé"}]
CSV = ["id|tituloPincipal", 'tt1|"Ação"', "tt2|Olé"]


def csv(**dialect: object) -> Contract:
    contract = CONTRACTS["local_movies"]
    mine = Dialect(**{"delimiter": "|", **dialect})
    return contract.model_copy(update={"raw": contract.raw.model_copy(update={"dialect": mine})})


FORMATS = {
    "csv": (csv(), "\n".join(CSV).encode(), 2, CSV[1].encode()),
    "quoted csv": (csv(quote='"'), "\n".join(CSV).encode(), 2, CSV[1].encode()),
    "json": (CONTRACTS["tmdb_movies"], json.dumps(RECORDS).encode(), 1, json.dumps(RECORDS[1]).encode()),
}


@pytest.mark.parametrize("ending", ["", ".gz", ".GZ", ".Gz"])
@pytest.mark.parametrize("form", FORMATS)
def test_a_record_of_a_compressed_file_is_found_however_gz_is_spelled(form: str, ending: str, tmp_path: Path) -> None:
    contract, content, index, record = FORMATS[form]
    file = tmp_path / f"a.{form[-4:].strip()}{ending}"
    file.write_bytes(gzip.compress(content) if ending else content)

    assert exact_bytes(file, contract, index) == record
    assert exact_bytes(file, contract, 99) is None
    assert exact_bytes(file, contract, -1) == file.read_bytes()


ENCODINGS = {
    "latin-1": ("latin-1", b"", "latin-1"),
    "utf-8 with a mark": ("utf-8", codecs.BOM_UTF8, "utf-8"),
    "utf-8-sig": ("utf-8-sig", codecs.BOM_UTF8, "utf-8"),
    "utf-16, little": ("utf-16", codecs.BOM_UTF16_LE, "utf-16-le"),
    "utf-16, big": ("utf-16", codecs.BOM_UTF16_BE, "utf-16-be"),
    "utf-16-le": ("utf-16-le", b"", "utf-16-le"),
    "utf-32, big": ("UTF32", codecs.BOM_UTF32_BE, "utf-32-be"),
}


@pytest.mark.parametrize("quote", [None, '"'])
@pytest.mark.parametrize("name", ENCODINGS)
def test_a_line_has_the_bytes_of_the_file_in_any_encoding(name: str, quote: str | None, tmp_path: Path) -> None:
    encoding, mark, codec = ENCODINGS[name]
    file = tmp_path / "a.csv"
    file.write_bytes(mark + "\r\n".join(["x", "", *CSV]).encode(codec))

    contract = csv(quote=quote, encoding=encoding, skip=1)
    assert [exact_bytes(file, contract, index) for index in (4, 5, 6)] == [
        CSV[1].encode(codec),
        CSV[2].encode(codec),
        None,
    ]


@pytest.mark.parametrize("quote", [None, '"'])
def test_a_line_that_is_not_utf8_keeps_its_bytes(quote: str | None, tmp_path: Path) -> None:
    file = tmp_path / "a.csv"
    file.write_bytes("\n".join([*CSV, "tt3|x"]).encode().replace(b"Ol\xc3\xa9", b"Ol\xe9"))

    assert exact_bytes(file, csv(quote=quote), 3) == b"tt2|Ol\xe9"
    assert exact_bytes(file, csv(quote=quote), 4) == b"tt3|x"


def test_a_record_of_several_lines_begins_in_its_first(tmp_path: Path) -> None:
    file = tmp_path / "a.csv"
    file.write_bytes(b'id|tituloPincipal\ntt1|"a\nb"\ntt2|c\n')

    assert [exact_bytes(file, csv(quote='"'), index) for index in (2, 3, 4)] == [b'tt1|"a\nb"', None, b"tt2|c"]


@pytest.mark.parametrize("name", ["a.csv", "a.csv.gz", "a.json.GZ"])
@pytest.mark.parametrize("content", [b"", b"\x1f\x8b\x08\x00", b'"\0'])
def test_an_unreadable_file_has_no_record_but_itself(name: str, content: bytes, tmp_path: Path) -> None:
    file = tmp_path / name
    file.write_bytes(content)

    contract = CONTRACTS["tmdb_movies"] if "json" in name else csv(quote='"')
    assert (exact_bytes(file, contract, 1), exact_bytes(file, contract, -1)) == (None, content)
