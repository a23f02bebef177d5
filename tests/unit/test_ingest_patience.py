"""Pace, retries and threads, on a clock that moves when someone sleeps."""

from __future__ import annotations

from contextlib import closing
from threading import Event
from typing import TYPE_CHECKING

import pytest

from trustedlake.adapters.local.clock import ManualClock
from trustedlake.app.ingesting.crew import Crew, StoppedError
from trustedlake.app.ingesting.patience import SLACK_S, Limits, Pace, Patience, SpentError
from trustedlake.errors import BusyError, FatalRemoteError

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Sequence


class Line:
    """A remote side that answers as its test asks: a number is a failure that asks to wait so long, None one that
    doesn't say, True a success."""

    def __init__(self, answers: Sequence[float | bool | None]) -> None:
        self.clock = ManualClock()
        self.slept: list[float] = []
        self.calls: list[float] = []
        self._answers = list(answers)

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.clock.advance(seconds)

    def call(self) -> str:
        self.calls.append(self.clock.monotonic())
        answer = self._answers.pop(0) if self._answers else True
        if answer is True:
            return "done"
        raise BusyError("GET /x: HTTP 503", hint="later", wait_s=answer)

    def patience(self, limits: Limits | None = None, *, per_second: float = 0, chance: float = 1.0) -> Patience:
        pace = Pace(self.clock, self.sleep, per_second=per_second)
        return Patience(pace, self.sleep, limits=limits, chance=lambda: chance)


def test_calls_are_evenly_spaced_and_lost_time_is_not_made_up() -> None:
    line = Line([])
    line.clock.advance(100)
    pace = Pace(line.clock, line.sleep, per_second=4)
    turns = []
    for _ in range(5):
        pace.take()
        turns.append(line.clock.monotonic() - 100)
    line.clock.advance(10)
    for _ in range(3):
        pace.take()
        turns.append(line.clock.monotonic() - 100)
    assert turns[1:5] == pytest.approx([0.25 - SLACK_S, 0.5 - SLACK_S, 0.75 - SLACK_S, 1 - SLACK_S])
    began = turns[4] + 10
    assert turns[5:] == pytest.approx([began, began + 0.25 - SLACK_S, began + 0.5 - SLACK_S])


def test_a_slightly_late_call_does_not_delay_the_next_ones() -> None:
    line = Line([])
    pace = Pace(line.clock, line.sleep, per_second=10)
    for turn in range(200):
        pace.take()
        line.clock.advance(0.15 if turn % 10 == 0 else 0.0)  # busy for longer than a turn lasts, now and then
    assert line.clock.monotonic() == pytest.approx(200 / 10, abs=0.2)


def test_without_a_rate_limit_a_call_waits_only_during_a_hold() -> None:
    line = Line([])
    pace = Pace(line.clock, line.sleep, per_second=0)
    for _ in range(100):
        pace.take()
    assert line.slept == []
    pace.hold(3)
    pace.take()
    assert line.slept == [3]


def test_pauses_double_up_to_the_longest_and_are_shortened_at_random() -> None:
    for chance, expected in ((1.0, [0.5, 1, 2, 4, 8, 10, 10]), (0.5, [0.25, 0.5, 1, 2, 4, 5, 5])):
        line = Line([None] * 7)
        patience = line.patience(chance=chance)
        assert patience.call(line.call) == "done"
        assert line.slept == expected
        assert (patience.calls, patience.retries) == (8, 7)


def test_after_the_last_attempt_the_original_error_is_raised() -> None:
    line = Line([None] * 9)
    with pytest.raises(BusyError, match="HTTP 503"):
        line.patience(Limits(attempts=3)).call(line.call)
    assert len(line.calls) == 3


def test_retry_after_is_respected_by_this_call_and_all_others() -> None:
    line = Line([30.0, True, True])
    patience = line.patience(per_second=10, chance=0.0)
    patience.call(line.call)
    patience.call(line.call)
    assert line.calls == pytest.approx([0, 30, 30.1])


def test_while_one_call_must_wait_no_other_call_is_made() -> None:
    line = Line([30.0])
    slept: list[float] = []
    pace = Pace(line.clock, slept.append, per_second=0)  # no time passes: the turn shows what the pace holds back
    Patience(pace, lambda _: None, chance=lambda: 0.0).call(line.call)
    assert slept == [30]


def test_a_wait_that_is_too_long_stops_the_run_and_says_how_long() -> None:
    line = Line([3600.0])
    with pytest.raises(SpentError, match="asks to wait for 3600 s") as error:
        line.patience().call(line.call)
    assert "60 minutes" in error.value.hint
    assert line.slept == []


def test_the_budget_is_spent_by_retries_and_earned_by_successes() -> None:
    limits = Limits(attempts=100, budget=5)
    line = Line([None, True] * 50)
    patience = line.patience(limits)
    for _ in range(50):
        patience.call(line.call)
    line = Line([True, *[None] * 6])
    patience = line.patience(limits)
    patience.call(line.call)
    with pytest.raises(
        SpentError, match="TMDB keeps failing: 5 more retries than successes; last error: GET /x: HTTP 503"
    ):
        patience.call(line.call)
    assert len(line.calls) == 7


def test_other_errors_are_not_retried() -> None:
    calls = []

    def refused() -> None:
        calls.append(1)
        raise FatalRemoteError("no", hint="key")

    with pytest.raises(FatalRemoteError):
        Line([]).patience().call(refused)
    assert len(calls) == 1


def looked_at(times: list[int]) -> Callable[[], None]:
    return lambda: times.append(1)


def test_a_crew_returns_each_result_and_calls_its_watch_function() -> None:
    times: list[int] = []
    with Crew(4, watch=looked_at(times)) as crew, crew.results(lambda n: n * n, range(50)) as results:
        assert dict(results) == {n: n * n for n in range(50)}
    assert times


def test_the_crew_ends_cleanly_when_the_caller_stops_reading_results() -> None:
    with Crew(2, watch=lambda: None) as crew:

        def first_ones() -> Generator[int, None, None]:
            with crew.results(lambda n: n, range(1000)) as results:
                for number, _ in results:
                    yield number

        with closing(first_ones()) as numbers:
            assert next(numbers) in range(4)
        with crew.results(lambda n: n, range(1000)) as results:
            next(results)
        crew.sleep(0)
        with crew.results(lambda _: crew.sleep(0.001), range(3)) as slept:
            assert len(list(slept)) == 3


def test_the_first_error_ends_the_work_and_wakes_sleeping_threads() -> None:
    began: list[int] = []
    crew = Crew(3, watch=lambda: None)

    def work(number: int) -> None:
        began.append(number)
        if number == 2:
            raise FatalRemoteError("no", hint="key")
        crew.sleep(60)

    with pytest.raises(FatalRemoteError), crew, crew.results(work, range(1000)) as results:
        list(results)
    assert len(began) <= 3 + 3


def test_an_interrupted_crew_starts_no_more_work() -> None:
    began: list[int] = []
    gate = Event()

    def interrupt() -> None:
        gate.set()
        raise KeyboardInterrupt

    def work(number: int) -> None:
        began.append(number)
        if number:
            gate.wait(10)

    with pytest.raises(KeyboardInterrupt), Crew(2, watch=interrupt) as crew, crew.results(work, range(1000)) as results:
        list(results)
    assert len(began) <= 4
    with pytest.raises(StoppedError):
        crew.sleep(60)
