"""Lines of CSV are duplicates only if they are equal in every column, those that the contract doesn't know too."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.support.trials import CSV, only_table
from trustedlake.models.local_movies import LOCAL_MOVIES

if TYPE_CHECKING:
    from tests.support.trials import Trial

NAMES = [column.name for column in LOCAL_MOVIES.columns]
LINE = ["tt0000001", "Heat", *[r"\N"] * (len(NAMES) - 2)]


@pytest.mark.parametrize(
    ("extra", "trusted", "duplicates"),
    [
        pytest.param([], 1, 1, id="no unknown column"),
        pytest.param(["a", "b"], 2, 0, id="another value in an unknown column"),
        pytest.param(["a", "a"], 1, 1, id="the same value in it"),
        pytest.param(["a", r"\N"], 2, 0, id="a value and none"),
    ],
)
def test_equal_lines(extra: list[str], trusted: int, duplicates: int, trial: Trial) -> None:
    header = [*NAMES, *(["nota"] if extra else [])]
    lines = [[*LINE, value] for value in extra] or [LINE, LINE]
    text = "".join("|".join(line) + "\n" for line in [header, *lines])
    trial.put(f"{CSV}/2025/05/15/movies.csv", text)
    counts = only_table(trial.run("csv")).counts
    assert (counts.trusted, counts.duplicates, counts.rejected) == (trusted, duplicates, 0)
