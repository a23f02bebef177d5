"""Time grows linearly with the bytes of a raw file, whatever they are.

Each case is a content of `n` parts. Its framing, its audit and the witness of what was rejected are made for `n` and
for `4 * n`: linear work takes four times as long then, quadratic work sixteen times. Processor time is compared, with
room.
"""

from __future__ import annotations

import gc
import io
import json
import time
from typing import TYPE_CHECKING, Any

import pytest

from tests.support.framed import DAY, LOCAL_MOVIES, MOVIES
from tests.support.witness import witness_of_raw
from trustedlake.adapters.auditing.evidence import take_census
from trustedlake.core.framing.csv_lines import parse_block
from trustedlake.core.framing.frames import frame_file
from trustedlake.core.framing.source import whole_lines
from trustedlake.models.built_in import CONTRACTS
from trustedlake.types import BLANKS, Notation, NotOfTypeError, column_type

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

FILM = '{"id": 1, "title": "A"}'
CSV = "id|tituloPincipal"


def film(title: str, number: str = "2") -> str:
    """A list of two films; title and number are JSON."""
    return f'[{FILM}, {{"id": {number}, "title": {title}}}]'


def own_keys(n: int) -> str:
    return json.dumps([{"id": i + 1, "title": "a", **{f"k{i}_{j}": j for j in range(10)}} for i in range(n)])


JSON: dict[str, tuple[int, Callable[[int], str]]] = {
    "zeros_and_a_letter": (10_000, lambda n: film('"z"', f'"{"0" * n}x"')),
    "zeros_with_a_sign_and_a_point": (10_000, lambda n: film('"z"', f'"-{"0" * n}.{"0" * n}x"')),
    "a_number_of_many_digits": (20_000, lambda n: film('"z"', "9" * n)),
    "a_number_of_many_zeros": (20_000, lambda n: film('"z"', f"0.{'0' * n}1")),
    "a_huge_exponent": (20_000, lambda n: film('"z"', f"1e{'9' * n}")),
    "no_number": (20_000, lambda n: film('"z"', f"{'1' * n}.{'1' * n}.")),
    "cut_inside_escaped_quotes": (10_000, lambda n: film('"' + '\\"' * n)[:-2]),
    "cut_after_a_backslash": (10_000, lambda n: f'{FILM}\n{{"id": 2, "title": "' + '\\"' * n + "\\"),
    "cut_inside_escaped_quotes_of_a_later_document": (10_000, lambda n: f'{FILM} {{"id": 2, "title": "' + '\\"' * n),
    "cut_between_brackets": (10_000, lambda n: f'{FILM}\n{{"id": 2, "genres": ' + "[{}," * n),
    "a_broken_list_of_escaped_quotes": (10_000, lambda n: f"{FILM} [" + f'"{chr(92)}"",' * n),
    "backslashes": (33_300, lambda n: film('"' + "\\\\" * n + '"')),
    "an_odd_number_of_backslashes": (33_300, lambda n: film('"' + "\\\\" * n + '\\"')),
    "lone_surrogates": (10_000, lambda n: film('"' + "\\ud83d" * n + '"')),
    "keys_of_their_own": (500, own_keys),
    "many_keys": (6_600, lambda n: film('"z"', ", ".join(["2", *(f'"k{i}": {i}' for i in range(n))]))),
    "one_key_many_times": (6_600, lambda n: film('"z"', "2" + ', "k": [1]' * n)),
    "long_keys": (6_600, lambda n: film('"z"', f'2, "{"k" * n}": 1, "{"l" * n}": 2')),
    "blanks_first": (33_300, lambda n: " " * n + film('"z"')),
    "blanks_everywhere": (3_300, lambda n: film('"z"').replace(" ", " \t\r\n" * n)),
    "blank_lines_between_lines": (10_000, lambda n: FILM + "\n" * n + FILM + " \r\n" * n),
    "blanks_behind_each_line": (100, lambda n: (FILM + " " * n + "\n") * 100),
    "tiny_objects": (3_300, lambda n: "[" + "{}," * n + FILM + "]"),
    "tiny_documents": (3_300, lambda n: FILM + "{}" * n),
    "tiny_lists": (3_300, lambda n: FILM + "\n" + "[]" * n),
    "lines_that_are_no_json": (3_300, lambda n: FILM + "\n" + "{x\n" * n),
    "lines_that_are_no_objects": (3_300, lambda n: FILM + "\n" + "1\n" * n),
    "error_bodies_a_line": (1_000, lambda n: FILM + "\n" + '{"success": false, "x": [{}]}\n' * n),
    "wrapped_lists": (3_300, lambda n: "{" + ", ".join(f'"k{i}": [{{"a": 1}}]' for i in range(n)) + "}"),
    "deep_lists": (6_600, lambda n: film("1", '2, "genres": ' + "[" * n + "]" * n)),
    "deep_objects": (6_600, lambda n: film("1", '2, "x": ' + '{"a":' * n + "1" + "}" * n)),
    "deep_and_never_closed": (6_600, lambda n: film("1", '2, "x": ' + '{"a":[' * n)),
    "deep_records": (33, lambda n: "[" + f'{{"id": 1, "x": {"[" * 1200}{"]" * 1200}}},' * n + FILM + "]"),
    "a_page_of_deep_lists": (
        33,
        lambda n: f'{{"page": 1, "results": [{FILM}' + f", {'[' * 1200}{']' * 1200}" * n + "]}",
    ),
    "too_deep_by_little": (33, lambda n: film("1", '2, "x": [' + ", ".join(["[" * 120 + "]" * 120] * n) + "]")),
}

PIPES: dict[str, tuple[int, Callable[[int], str]]] = {
    "blank_lines_before_the_header": (20_000, lambda n: "\n" * n + f"{CSV}\ntt1|x"),
    "lines_of_blanks_before_the_header": (10_000, lambda n: " \t\r\n" * n + f"{CSV}\r\ntt1|x"),
    "blank_lines_between": (20_000, lambda n: f"{CSV}\ntt1|x" + "\n" * n + "tt2|y" + "\r\n" * n),
    "blank_lines_below_many_names": (100, lambda n: f"{CSV}|" + "|".join(f"k{i}" for i in range(n)) + "\n" * 10 * n),
    "lines_of_blanks": (3_300, lambda n: f"{CSV}\ntt1|x\n" + "  \n" * n),
    "short_lines": (1_600, lambda n: f"{CSV}\n" + "x\n" * n),
    "long_lines": (1_600, lambda n: f"{CSV}\n" + "x|x|x\n" * n),
    "one_long_line": (100_000, lambda n: f"{CSV}\n" + "|" * n),
    "carriage_returns": (10_000, lambda n: f"{CSV}\r" + "tt1|x\r\r" * n),
    "repeated_headers": (1_600, lambda n: f"{CSV}\n" * n),
    "many_names": (200, lambda n: f"{CSV}|" + "|".join(f"k{i}" for i in range(n)) + "\ntt1|x" + "|" * n),
    "one_name_many_times": (20_000, lambda n: CSV + "|k" * n + "\ntt1|x\n"),
    "blanks_around_a_name": (33_300, lambda n: f"id|{' ' * n}tituloPincipal{' ' * n}\ntt1|x"),
    "no_header": (33_300, lambda n: 'a;"b",\t' * n),
    "bytes_that_are_not_utf8": (10_000, lambda n: f"{CSV}\n" + "tt1|\udcff\n" * n),
    "zeros": (10_000, lambda n: f"{CSV}|anoLancamento\ntt1|x|{'0' * n}x\n"),
}


def cost(work: Callable[[], object]) -> float:
    """Seconds of processor time."""
    gc.collect()
    began = time.process_time()
    work()
    return time.process_time() - began


def assert_linear(work: Callable[[int], Callable[[], object]], n: int) -> None:
    """Work of four times the size takes about four times as long; a fifth of a second tells nothing.

    The least of a few attempts counts: it is the one that was disturbed least.
    """
    small, large = work(n), work(4 * n)
    short, long = cost(small), cost(large)
    for _ in range(3):
        if long < 9 * short + 0.2:
            return
        short, long = max(short, cost(small)), min(long, cost(large))
    pytest.fail(f"{n}: {short:.3f} s, {4 * n}: {long:.3f} s")


def normal(text: str) -> str:
    """The normal spelling of a whole number; empty if it is none."""
    try:
        return column_type("bigint").normal(text.strip(BLANKS) or "0", Notation())
    except NotOfTypeError:
        return ""


def framed(data: bytes, framing: dict[str, Any], **limits: Any) -> Callable[[], object]:
    """The work of framing a file of this content."""
    return lambda: list(
        frame_file(io.BytesIO(data), path="file", partition=DAY[: len(framing["partition"])], framing=framing, **limits)
    )


@pytest.mark.parametrize("case", JSON)
def test_framing_json_takes_time_linear_in_its_bytes(case: str) -> None:
    n, content = JSON[case]

    def work(size: int) -> Callable[[], object]:
        data = content(size).encode()
        return framed(data, MOVIES)

    assert_linear(work, n)


@pytest.mark.parametrize("case", JSON)
def test_framing_json_lines_takes_time_linear_in_its_bytes(case: str) -> None:
    n, content = JSON[case]

    def work(size: int) -> Callable[[], object]:
        data = f"{FILM}\n{content(size)}".encode()
        return framed(data, MOVIES, max_whole=len(data) - 1, block=4096)

    assert_linear(work, n)


@pytest.mark.parametrize("case", PIPES)
def test_framing_csv_takes_time_linear_in_its_bytes(case: str) -> None:
    n, content = PIPES[case]

    def work(size: int) -> Callable[[], object]:
        data = content(size).encode("utf-8", "surrogateescape")
        return framed(data, LOCAL_MOVIES)

    assert_linear(work, n)


@pytest.mark.parametrize("case", [*JSON, *PIPES])
def test_the_audit_takes_time_linear_in_the_bytes_of_a_file(case: str, tmp_path: Path) -> None:
    n, content = (JSON | PIPES)[case]
    contract = CONTRACTS["local_movies" if case in PIPES else "tmdb_movies"]

    def work(size: int) -> Callable[[], object]:
        file = tmp_path / f"{size}.txt"
        file.write_bytes(content(size).encode("utf-8", "surrogateescape"))
        return lambda: take_census(file, contract)

    assert_linear(work, n)


@pytest.mark.parametrize("case", JSON)
def test_the_witness_of_a_rejected_record_takes_time_linear_in_its_bytes(case: str) -> None:
    n, content = JSON[case]

    def work(size: int) -> Callable[[], object]:
        text = content(size)
        raw = text[text.find("{", len(FILM)) :].removesuffix("]")
        return lambda: witness_of_raw(raw, MOVIES, ())

    assert_linear(work, n)


@pytest.mark.parametrize("text", ["0" * 10, "+0", "0.0", "1" * 10, " " * 10])
@pytest.mark.parametrize("end", ["", "x", ".", "0.x"])
def test_normalizing_a_whole_number_takes_time_linear_in_its_digits(text: str, end: str) -> None:
    assert_linear(lambda size: lambda: normal(text * size + end), 4_000)


@pytest.mark.parametrize("end", [b"\n", b"\r"])
def test_a_line_across_many_blocks_is_joined_once(end: bytes) -> None:
    def work(size: int) -> Callable[[], object]:
        return lambda: list(whole_lines([b"x" * 100] * size + [end], carriage_return=True))

    assert_linear(work, 20_000)


def test_blank_lines_create_no_cells() -> None:
    """Ten thousand blank lines below ten thousand names would be a hundred million empty fields."""
    lines = parse_block(b"\n" * 10_000 + b"|" * 9_999 + b"\n", 10_000, "|")
    assert (lines.total, lines.places, len(lines.raw)) == (10_001, [10_000], 1)
