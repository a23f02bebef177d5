"""Work on many items, a few at a time."""

from __future__ import annotations

import threading
import time

import pytest

from trustedlake.threads import map_in_threads


def test_results_are_returned_in_the_order_of_the_items() -> None:
    later = threading.Event()

    def work(number: int) -> int:
        if number == 0:
            assert later.wait(60)  # ends after the second one
        later.set()
        return number * 10

    assert list(map_in_threads(work, range(5), 2)) == [0, 10, 20, 30, 40]


def test_after_an_error_no_new_work_starts() -> None:
    begun = []

    def work(number: int) -> None:
        begun.append(number)
        if number == 0:
            raise ValueError("the first one")
        time.sleep(0.05)

    with pytest.raises(ValueError, match="the first one"):
        list(map_in_threads(work, range(1_000), 1))
    assert len(begun) < 1_000
