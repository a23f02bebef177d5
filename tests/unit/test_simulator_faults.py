"""Which call a fault strikes, what it does to it, and how a wrong script is reported."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import pytest
from pydantic import ValidationError

from tests.support.tmdb_calls import caller
from trustedlake.errors import ConfigError
from trustedlake.simulators.faults import MOST_IN_A_ROW, PASSING_KINDS, Fault, Script, load, mixed
from trustedlake.simulators.tmdb import TmdbSimulator

if TYPE_CHECKING:
    from pathlib import Path

FILMS = [f"/3/movie/{number}?append_to_response=keywords" for number in range(1, 501)]


@pytest.mark.parametrize(
    ("fault", "struck"),
    [
        ({}, [1, 2, 3, 4, 5, 6, 7, 8]),
        ({"at": [3, 7]}, [3, 7]),
        ({"every": 3}, [3, 6]),
        ({"times": 2}, [1, 2]),
        ({"every": 2, "times": 2}, [2, 4]),
        ({"after": 5}, [6, 7, 8]),
        ({"after": 2, "at": [1]}, [3]),
        ({"after": 2, "every": 3}, [5, 8]),
        ({"match": "movie/[24]"}, [2, 4]),
        ({"match": "movie", "at": [1]}, [1]),
        ({"match": "^/movie"}, []),
        ({"match": "page=1"}, []),
        ({"rate": 0.0}, []),
        ({"rate": 1.0, "times": 4}, [1, 2, 3, 4]),
    ],
)
def test_a_fault_strikes_the_calls_named_in_its_script(fault: dict[str, Any], struck: list[int]) -> None:
    script = Script([Fault(kind="503", **fault)])
    assert [turn for turn in range(1, 9) if script.strikes(f"/3/movie/{turn}")] == struck


def test_the_first_matching_fault_wins_and_the_others_count_the_call() -> None:
    script = Script([Fault(kind="500", at=[1]), Fault(kind="502", at=[2]), Fault(kind="503")])
    assert [fault.kind for _ in range(3) if (fault := script.strikes("/3/configuration"))] == ["500", "502", "503"]


def test_a_rate_strikes_its_share_of_calls_and_the_same_calls_in_any_order() -> None:
    def struck(calls: list[str]) -> set[str]:
        script = Script([Fault(kind="503", rate=0.1)])
        with ThreadPoolExecutor(4) as threads:
            return {call for call, fault in zip(calls, threads.map(script.strikes, calls), strict=True) if fault}

    assert 30 <= len(struck(FILMS)) <= 70
    assert struck(FILMS) == struck(FILMS[::-1])
    other = Script([Fault(kind="503", rate=0.1, seed=1)])
    assert {call for call in FILMS if other.strikes(call)} != struck(FILMS)


def test_a_rate_never_strikes_the_same_call_forever() -> None:
    script = Script([Fault(kind="503", rate=1.0), Fault(kind="reset", rate=1.0)])
    for call in FILMS[:20]:
        attempts = [script.strikes(call) is not None for _ in range(MOST_IN_A_ROW + 2)]
        assert attempts == [True] * MOST_IN_A_ROW + [False, True]


def test_mixed_faults_strike_their_share_of_calls_with_every_kind() -> None:
    script = Script(mixed(0.1))
    kinds = [fault.kind for _ in range(5) for call in FILMS if (fault := script.strikes(call))]
    assert set(kinds) == set(PASSING_KINDS)
    assert 180 <= len(kinds) <= 320


@pytest.mark.parametrize(
    ("call", "goes"),
    [
        ("/3/movie/12", True),
        ("/3/movie/12?language=pt-BR", True),
        ("/3/tv/1399/keywords", True),
        ("/3/discover/movie?page=1", False),
        ("/3/genre/movie/list", False),
    ],
)
def test_only_a_film_or_series_can_be_gone(call: str, *, goes: bool) -> None:
    assert (Script([Fault(kind="gone")]).strikes(call) is not None) == goes


@pytest.mark.parametrize(
    "wrong",
    [
        {"kind": "418"},
        {"kind": "503", "rate": 1.5},
        {"kind": "503", "every": 0},
        {"kind": "503", "match": "("},
        {"kind": "503", "how_often": 3},
        {"rate": 0.1},
    ],
)
def test_a_contradictory_fault_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        Fault(**wrong)


def test_a_script_is_read_from_a_file(tmp_path: Path) -> None:
    file = tmp_path / "faults.json"
    file.write_text(json.dumps([{"kind": "429-date", "rate": 0.1, "seconds": 2}, {"kind": "503", "at": [3, 7]}]))
    assert load(file) == [Fault(kind="429-date", rate=0.1, seconds=2), Fault(kind="503", at=[3, 7])]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('[{"kind": "418"}]', "0.kind"),
        ('[{"kind": "503"}, {"kind": "503", "rate": 2}]', "1.rate"),
        ('[{"kind": "503", "match": "("}]', "not a regular expression"),
        ('{"kind": "503"}', "the file: Input should be a valid"),
        ("", "the file: Invalid JSON"),
        (None, "No such file"),
    ],
)
def test_an_invalid_script_is_reported_with_its_place_and_an_example(
    tmp_path: Path, text: str | None, said: str
) -> None:
    file = tmp_path / "faults.json"
    if text is not None:
        file.write_text(text)
    with pytest.raises(ConfigError, match=r"faults\.json") as caught:
        load(file)
    assert said in caught.value.message
    assert "list" in caught.value.hint


def test_a_film_removed_by_a_fault_stays_gone_and_is_no_longer_expected() -> None:
    with (
        TmdbSimulator(films=30, faults=[Fault(kind="gone", at=[2])]) as simulator,
        caller(simulator) as call,
    ):
        numbers = sorted(simulator.movie_ids())
        first = [call(f"/movie/{number}").status_code for number in numbers]
        again = [call(f"/movie/{number}").status_code for number in numbers]
        listed = {film["id"] for page in (1, 2) for film in call(f"/discover/movie?page={page}").json()["results"]}
        assert first == again == [200, 404, *[200] * 28]
        assert simulator.movie_ids() == set(numbers) - {numbers[1]}
        assert simulator.gone == {numbers[1]}
        assert listed == set(numbers)
