"""Items made one step ahead in a thread come in order, with errors at the same place as without a thread."""

from __future__ import annotations

from threading import get_ident
from typing import TYPE_CHECKING

import pytest

from trustedlake.core.framing.csv_file import one_ahead

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.mark.parametrize("items", [[], [1], [0, "", None, False, 5]])
def test_all_items_are_returned_in_order_even_false_ones(items: list[object]) -> None:
    assert list(one_ahead(iter(items))) == items


def test_items_are_made_one_ahead_in_another_thread() -> None:
    made: list[int] = []
    threads: set[int] = set()

    def items() -> Iterator[int]:
        for number in range(5):
            made.append(number)
            threads.add(get_ident())
            yield number

    ahead = one_ahead(items())
    assert next(ahead) == 0
    assert list(ahead) == [1, 2, 3, 4]
    assert made == [0, 1, 2, 3, 4]
    assert get_ident() not in threads


def test_an_error_is_raised_after_the_items_before_it() -> None:
    def items() -> Iterator[int]:
        yield 1
        raise ValueError("the second")

    ahead = one_ahead(items())
    assert next(ahead) == 1
    with pytest.raises(ValueError, match="the second"):
        next(ahead)


def test_at_most_one_item_is_made_in_vain_when_the_caller_stops() -> None:
    made: list[int] = []

    def items() -> Iterator[int]:
        for number in range(100):
            made.append(number)
            yield number

    ahead = one_ahead(items())
    next(ahead)
    ahead.close()  # type: ignore[attr-defined]
    assert made in ([0], [0, 1])
