"""What the rows and the facts of a JSON file say."""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import pickle

import pyarrow as pa
import pytest

from tests.support.framed import DAY, MOVIES, frame
from trustedlake.core.framing.explode import frame_arrow
from trustedlake.core.framing.frames import frame_file
from trustedlake.core.framing.layout import framed_schema
from trustedlake.errors import RetriableError

A = '{"id":1,"title":"A"}'
B = '{"id":2,"title":"B"}'


def test_a_row_has_the_columns_of_the_schema_in_order() -> None:
    schema = framed_schema(MOVIES)
    batches = list(frame_file(io.BytesIO(f"[{A}]".encode()), path="a.json", partition=DAY, framing=MOVIES))
    assert [batch.schema for batch in batches] == [schema]
    assert schema.names[:4] == ["file_path", "record_index", "raw", "text_movie_id"]
    assert schema.names[-5:] == ["rescued", "problem", "ano", "mes", "dia"]
    row = batches[0].to_pylist()[0]
    assert [row[name] for name in ("file_path", "record_index", "ano", "mes", "dia")] == ["a.json", 0, *DAY]


TEXTS = {
    "number": ("12", "12"),
    "fraction": ("12.50", "12.50"),
    "exponent": ("1e3", "1e3"),
    "minus_zero": ("-0", "-0"),
    "many_digits": ("9" * 5000, "9" * 5000),
    "true": ("true", "true"),
    "false": ("false", "false"),
    "null": ("null", None),
    "empty": ('""', ""),
    "text": ('" a b "', " a b "),
    "escapes": (r'"\u00e9\n\"\\\/"', 'é\n"\\/'),
    "surrogate_pair": (r'"\ud83d\ude00"', "😀"),
    "lone_high_surrogate": (r'"x\ud83dx"', "x\ufffdx"),
    "lone_low_surrogate": (r'"\ude00"', "\ufffd"),
    "surrogates_in_the_wrong_order": (r'"\ude00\ud83d"', "\ufffd\ufffd"),
    "nul": (r'"a\u0000b"', "a\0b"),
    "list": ("[ 1, 2.0,\n3 ]", "[ 1, 2.0,\n3 ]"),
    "object": ('{ "name" : "x" }', '{ "name" : "x" }'),
    "lone_surrogate_in_a_list": (r'["\ud83d", "\ud83d\ude00"]', r'["\ufffd", "\ud83d\ude00"]'),
    "escaped_backslash_before_u": (r'["\\ud83d"]', r'["\\ud83d"]'),
}


@pytest.mark.parametrize("case", TEXTS)
def test_the_text_of_a_value_is_exactly_what_the_file_contains(case: str) -> None:
    written, text = TEXTS[case]
    plain = {"title", "unknown"} if text is None or written[0] not in "[{" else {"unknown"}
    for key in plain:
        record = f'{{"id":1,"release_date":null,"{key}":{written}}}'
        for content in (f"[{record}]", f"{record}\n{record}\n", f'{{"page":1,"results":[{record}]}}'):
            row = frame(content).rows[0]
            assert (dict(row["rescued"])[key] if key == "unknown" else row["text_title"]) == text
            assert row["raw"] == record


def test_the_last_of_several_equal_keys_counts() -> None:
    record = '{"id":1,"id":2,"title":["x"],"title":"A","genres":"x","genres":[1],"u":1,"u":2}'
    row = frame(f"[{record}]").rows[0]
    found = [row[name] for name in ("text_movie_id", "text_title", "text_genre_ids", "problem")]
    assert found == ["2", "A", ["1"], None]
    assert row["rescued"] == [("u", "2")]


def test_a_list_or_object_in_place_of_a_text_is_a_type_error_without_text() -> None:
    framed = frame('[{"id":1,"title":{"en":"A"},"overview":[1],"status":5,"genres":[1]}]')
    row = framed.rows[0]
    assert row["problem"] == "title|type,overview|type"
    assert (row["text_title"], row["text_overview"], row["text_status"]) == (None, None, "5")


def test_keys_that_differ_only_in_case_are_two_keys() -> None:
    row = frame('[{"id":1,"Title":"x","title":"A"}]').rows[0]
    assert (row["text_title"], row["problem"], row["rescued"]) == ("A", None, [("Title", "x")])
    row = frame('[{"id":1,"ID":2,"title":"A"}]').rows[0]
    assert (row["text_movie_id"], row["problem"]) == ("1", "movie_id|conflict")


def test_rescued_is_null_if_every_key_is_known() -> None:
    framed = frame(f'[{A},{{"id":2,"title":"B","x":null,"y":1}},{B}]')
    assert framed.column("rescued") == [None, [("x", None), ("y", "1")], None]


def test_the_facts_distinguish_absent_null_and_empty_values() -> None:
    records = [
        '{"id":1,"title":"A","release_date":""}',
        '{"id":2,"title":null,"release_date":null,"u":1}',
        '{"movie_id":null,"tmdb_id":4,"release_date":"2024-01-01","u":null}',
        '{"movie_id":null,"id":null,"title":"","v":"' + "x" * 100 + '"}',
        '{"movie_id":"","id":null,"title":"D"}',
        "null",
    ]
    facts = frame(f"[{','.join(records)}]").facts
    assert facts.records == 6
    assert {name: facts.absent.get(name, 0) for name in ("movie_id", "title", "release_date", "budget")} == {
        "movie_id": 1,
        "title": 2,
        "release_date": 3,
        "budget": 6,
    }
    assert {name: facts.null.get(name, 0) for name in ("movie_id", "title", "release_date", "budget")} == {
        "movie_id": 1,
        "title": 1,
        "release_date": 1,
        "budget": 0,
    }
    assert {name: facts.empty.get(name, 0) for name in ("movie_id", "title", "release_date")} == {
        "movie_id": 1,
        "title": 1,
        "release_date": 1,
    }
    assert facts.unknown == {"u": 2, "v": 1}
    assert facts.samples == {"u": "1", "v": "x" * 80}


@pytest.mark.parametrize("name", ["films.json", "films.json.gz"])
def test_size_and_checksum_are_those_of_the_raw_bytes(name: str) -> None:
    for text in (f"[{A}]", "[", ""):
        content = gzip.compress(text.encode()) if name.endswith(".gz") else text.encode()
        facts = frame(content, name).facts
        assert (facts.path, facts.size, facts.sha256) == (name, len(content), hashlib.sha256(content).hexdigest())


def test_many_records_are_returned_in_batches_of_limited_size() -> None:
    content = "\n".join(f'{{"id":{n},"title":"x"}}' for n in range(45_000)).encode()
    batches = list(frame_file(io.BytesIO(content), path="a.json", partition=DAY, framing=MOVIES))
    assert [len(batch) for batch in batches] == [20_000, 20_000, 5_000]
    assert [n for batch in batches for n in batch.column("record_index").to_pylist()] == list(range(45_000))
    large = json.dumps([{"id": n, "title": "x" * 1_000_000} for n in range(20)]).encode()
    batches = list(frame_file(io.BytesIO(large), path="a.json", partition=DAY, framing=MOVIES))
    assert max(len(batch) for batch in batches) == 9


class TestCompressed:
    def test_a_truncated_gzip_file_is_unreadable(self) -> None:
        content = gzip.compress("\n".join(f'{{"id":{n},"title":"{n * n}"}}' for n in range(500)).encode())
        for cut in range(len(content)):
            framed = frame(content[:cut], "a.json.gz", max_whole=1000, block=100)
            assert (framed.rows, framed.facts.shape) == ([], "unreadable")

    def test_a_file_named_gz_that_is_not_gzip_is_unreadable(self) -> None:
        assert "invalid gzip data" in (frame(f"[{A}]", "a.json.gz").facts.problem or "")

    def test_several_gzip_members_are_read_as_one_text(self) -> None:
        content = gzip.compress(f"{A}\n".encode()) + gzip.compress(f"{B}\n".encode())
        assert frame(content, "a.json.gz").column("text_movie_id") == ["1", "2"]

    def test_trailing_garbage_is_unreadable(self) -> None:
        assert frame(gzip.compress(f"[{A}]".encode()) + b"garbage", "a.json.gz").facts.shape == "unreadable"


class TestLargerThanMemoryAllows:
    LINES = "".join(f'{{"id":{n},"title":"título {n}"}}\n' for n in range(40))

    @pytest.mark.parametrize("name", ["a.json", "a.json.gz"])
    @pytest.mark.parametrize("block", [16, 64, 100, 10_000])
    def test_lines_framed_in_blocks_give_the_same_result_as_at_once(self, name: str, block: int) -> None:
        content = self.LINES.replace("\n", "\r\n", 3).encode()
        damaged = b"\xef\xbb\xbf\n" + content + b"garbage\n\n7\n[]" + b'\n{"id":99,"titl'
        data = gzip.compress(damaged) if name.endswith(".gz") else damaged
        whole = frame(data, name)
        streamed = frame(data, name, max_whole=200, block=block)
        assert streamed.rows == whole.rows
        assert streamed.facts == whole.facts
        assert len(whole.rows) == 44

    def test_an_array_is_refused(self) -> None:
        framed = frame("[" + ",".join([A] * 50) + "]", max_whole=200, block=64)
        assert framed.facts.shape == "unreadable"
        assert "can't be divided by lines" in (framed.facts.problem or "")

    @pytest.mark.parametrize(
        "start", ['{\n"id":1,"title":"A"}\n', f"{A} x\n", f"{A}{B}\n", "x\n", "{" + " " * 300 + "}\n"]
    )
    def test_text_whose_first_line_is_not_a_whole_object_is_refused(self, start: str) -> None:
        assert frame(start + self.LINES, max_whole=200, block=64).facts.shape == "unreadable"

    def test_invalid_utf8_near_the_end_refuses_the_whole_file(self) -> None:
        framed = frame(self.LINES.encode() + b'{"id":1,"title":"\xff"}\n', max_whole=200, block=64)
        assert framed.rows == []
        assert f"byte {len(self.LINES.encode()) + 17}: not UTF-8 (0xff)" in (framed.facts.problem or "")
        cut = frame(self.LINES.encode() + b'{"id":1,"title":"\xc3', max_whole=200, block=64)
        assert "not UTF-8 (0xc3)" in (cut.facts.problem or "")

    def test_lines_without_films_are_refused(self) -> None:
        framed = frame('{"id":1,"adult":false}\n' * 100, max_whole=200, block=64)
        assert (framed.rows, framed.facts.shape) == ([], "unreadable")


class TestInsideAnEngine:
    SCHEMA = pa.schema(
        [
            ("address", pa.string()),
            ("path", pa.string()),
            ("size", pa.int64()),
            ("others", pa.list_(pa.int32())),
            ("partition", pa.list_(pa.string())),
            ("content", pa.binary()),
        ]
    )

    def files(self, *contents: tuple[str, bytes]) -> pa.RecordBatch:
        rows = [
            {"address": f"s3://b/{name}", "path": name, "size": len(data), "content": data}
            | {"others": [], "partition": list(DAY)}
            for name, data in contents
        ]
        return pa.RecordBatch.from_pylist(rows, schema=self.SCHEMA)

    def test_files_become_rows_and_an_unreadable_file_one_row_with_the_reason(self) -> None:
        batch = self.files(
            ("a.json", f"[{A},{B}]".encode()), ("b.json", b"["), ("c.json.gz", gzip.compress(A.encode()))
        )
        rows = [row for out in frame_arrow(MOVIES)(iter([batch])) for row in out.to_pylist()]
        assert [(row["file_path"], row["record_index"], row["problem"]) for row in rows] == [
            ("a.json", 0, None),
            ("a.json", 1, None),
            ("b.json", -1, "file|unreadable"),
            ("c.json.gz", 0, None),
        ]
        assert "truncated" in rows[2]["raw"]
        assert {(row["ano"], row["mes"], row["dia"]) for row in rows} == {DAY}

    def test_a_file_without_content_is_opened_by_its_address(self, tmp_path: pytest.TempPathFactory) -> None:
        path = f"{tmp_path}/a.json"
        with open(path, "w", encoding="utf-8") as file:  # noqa: PTH123 - as the task does
            file.write(A)
        row = {
            "address": path,
            "path": "x/a.json",
            "size": len(A),
            "others": [],
            "partition": list(DAY),
            "content": None,
        }
        batch = pa.RecordBatch.from_pylist([row], schema=self.SCHEMA)
        (out,) = frame_arrow(MOVIES)(iter([batch]))
        assert out.to_pylist()[0]["file_path"] == "x/a.json"

    def test_a_file_with_another_size_than_listed_stops_the_job(self) -> None:
        batch = self.files(("a.json", A.encode()))
        sizes = pa.RecordBatch.from_pylist([batch.to_pylist()[0] | {"size": 5}], schema=self.SCHEMA)
        with pytest.raises(RetriableError, match="changed while it was read"):
            list(frame_arrow(MOVIES)(iter([sizes])))

    def test_the_framing_function_can_be_pickled(self) -> None:
        cloudpickle = pytest.importorskip("pyspark.cloudpickle")
        frame_again = pickle.loads(cloudpickle.dumps(frame_arrow(MOVIES)))
        (out,) = frame_again(iter([self.files(("a.json", A.encode()))]))
        assert out.schema == framed_schema(MOVIES)
