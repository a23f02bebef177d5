"""`contract init` finds the records, whatever the shape of the JSON file."""

from __future__ import annotations

import gzip
import json
from typing import TYPE_CHECKING, Any

import pytest

from tests.support.inferred import load
from trustedlake.models.raw import DEFAULT_RECORDS

if TYPE_CHECKING:
    from pathlib import Path

STATIONS = [
    {"code": "A1", "label": "Norte", "height": 12, "open": True},
    {"code": "B2", "label": "Sul", "height": 7, "open": False},
    {"code": "C3", "label": "Leste", "height": 31, "open": True},
]
ONE, TWO, THREE = STATIONS
BY_ID = {one["code"]: {key: one[key] for key in one if key != "code"} for one in STATIONS}
PAGE = {"page": 1, "results": STATIONS, "total_pages": 1, "total_results": 3}

SHAPES: dict[str, tuple[str, tuple[str, ...]]] = {
    "array": (json.dumps(STATIONS), DEFAULT_RECORDS),
    "pretty": (json.dumps(STATIONS, indent=4, ensure_ascii=False), DEFAULT_RECORDS),
    "page": (json.dumps(PAGE), DEFAULT_RECORDS),
    "list of pages": (
        json.dumps([{**PAGE, "results": [ONE]}, {**PAGE, "page": 2, "results": [TWO, THREE]}]),
        DEFAULT_RECORDS,
    ),
    "ndjson": ("\n".join(map(json.dumps, STATIONS)), DEFAULT_RECORDS),
    "documents": ("".join(json.dumps(one, indent=1) for one in STATIONS), DEFAULT_RECORDS),
    "arrays one after another": (json.dumps([ONE]) + "\n" + json.dumps([TWO, THREE]), DEFAULT_RECORDS),
    "wrapper": (json.dumps({"total": 3, "estacoes": STATIONS}), ("estacoes[]",)),
    "wrapper with an own name": (json.dumps({"city": "Recife", "estacoes": STATIONS}), ("estacoes[]",)),
    "nested wrapper": (json.dumps({"data": {"count": 3, "items": STATIONS}, "status": "ok"}), ("data.items[]",)),
    "key with blanks": (json.dumps({"as estações": STATIONS}), ("as estações[]",)),
    "key with a point": (json.dumps({"v1.0": STATIONS}), ("`v1.0`[]",)),
    "list of lists": (json.dumps([[ONE], [TWO, THREE]]), ("[][]",)),
    "list of wrappers": (json.dumps([{"rows": [ONE]}, {"rows": [TWO, THREE]}]), ("[].rows[]",)),
    "pages as lines": ("\n".join(json.dumps({"rows": [one]}) for one in STATIONS), ("rows[]",)),
    "object by id": (json.dumps({"porId": BY_ID}), ("porId{}",)),
    "whole document by id": (json.dumps(BY_ID), ("{}",)),
}


@pytest.mark.parametrize("name", SHAPES)
def test_records_are_found_in_every_json_shape(name: str, tmp_path: Path) -> None:
    text, records = SHAPES[name]
    file = tmp_path / "stations.json"
    file.write_text(text, encoding="utf-8")

    loaded = load([file], "stations")

    alone = DEFAULT_RECORDS if records == DEFAULT_RECORDS else (*records, *(p for p in ("[]", ".") if p not in records))
    assert loaded.proposal.draft.contract.raw.records == alone, "a correction may come without the wrapper"
    assert loaded.records == len(loaded.rows) == 3, loaded.problems
    assert loaded.column("height") == ["12", "7", "31"]
    assert loaded.column("open") == ["true", "false", "true"]
    names = {column.name for column in loaded.proposal.draft.contract.columns}
    key = "key" if "{}" in records[0] else "code"
    assert names == {key, "label", "height", "open"}
    assert loaded.column(key) == ["A1", "B2", "C3"]
    assert loaded.proposal.draft.contract.key == (key,)


def test_a_single_object_is_one_record(tmp_path: Path) -> None:
    file = tmp_path / "one.json"
    file.write_text(json.dumps(ONE))

    assert load([file]).column("code") == ["A1"]


def test_gzip_and_byte_order_marks_make_no_difference(tmp_path: Path) -> None:
    (tmp_path / "a.json.gz").write_bytes(gzip.compress(json.dumps([ONE]).encode()))
    (tmp_path / "b.json").write_bytes(b"\xef\xbb\xbf" + json.dumps([TWO, THREE]).encode())

    assert load([tmp_path]).column("code") == ["A1", "B2", "C3"]


RECORDS_NOT_WRAPPERS: tuple[dict[str, Any], ...] = (
    {"id": 603, "title": "Um", "genres": [{"id": 1, "name": "Drama"}]},
    {"id": 603, "results": [{"id": 1, "name": "a"}, {"id": 2, "name": "b"}]},
    {"order": "A", "customer": {"city": "X"}, "total": 12.5, "items": [{"sku": "a", "qty": 1}]},
)


@pytest.mark.parametrize("record", RECORDS_NOT_WRAPPERS)
def test_a_record_with_a_list_of_objects_is_not_taken_for_a_wrapper(record: dict[str, Any], tmp_path: Path) -> None:
    file = tmp_path / "records.json"
    file.write_text("\n".join(json.dumps(record) for _ in range(3)))

    loaded = load([file])

    assert loaded.proposal.draft.contract.raw.records == DEFAULT_RECORDS
    assert loaded.records == 3


def test_files_of_several_shapes_share_one_contract(tmp_path: Path) -> None:
    for name in ("wrapper", "list of lists", "object by id", "ndjson"):
        (tmp_path / f"{name}.json").write_text(SHAPES[name][0])

    loaded = load([tmp_path], "stations")

    assert loaded.share == 1.0, loaded.problems
    assert loaded.records == 12
