"""CSV lines are duplicates only if they are equal in every column, also in columns the contract doesn't know."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.support.trials import CSV, only_table
from trustedlake.models.built_in import CONTRACTS

if TYPE_CHECKING:
    from tests.support.trials import Trial

NAMES = [column.name for column in CONTRACTS["local_movies"].columns]
LINE = ["tt0000001", "Heat", *[r"\N"] * (len(NAMES) - 2)]


def test_two_lines_with_the_same_hash_both_stay(trial: Trial) -> None:
    header = "id|tituloPincipal|personagem"
    texts = [
        "maquinis........................ta antig........................",
        "rplghero........................SL4/3[{?........................",
    ]
    lines = [f"tt77|Farol|{text}" for text in (*texts, *texts)]
    trial.put(f"{CSV}/2025/05/15/movies.csv", "\n".join([header, *lines]))
    report = trial.run("csv")
    counts = only_table(report).counts
    assert (counts.trusted, counts.duplicates) == (2, 2)
    assert sorted(row["personagem"] for row in trial.rows("Trusted/Local/Parquet/Movies")) == sorted(texts)
    assert sorted(record.winner or "" for record in trial.refused()) == [
        f"{CSV}/2025/05/15/movies.csv#{number}" for number in (4, 5)
    ]


@pytest.mark.parametrize(
    ("extra", "trusted", "duplicates"),
    [
        pytest.param([], 1, 1, id="no unknown column"),
        pytest.param(["a", "b"], 2, 0, id="another value in an unknown column"),
        pytest.param(["a", "a"], 1, 1, id="the same value in it"),
        pytest.param(["a", r"\N"], 2, 0, id="a value and none"),
    ],
)
def test_lines_are_duplicates_only_if_unknown_columns_are_equal_too(
    extra: list[str], trusted: int, duplicates: int, trial: Trial
) -> None:
    header = [*NAMES, *(["nota"] if extra else [])]
    lines = [[*LINE, value] for value in extra] or [LINE, LINE]
    text = "".join("|".join(line) + "\n" for line in [header, *lines])
    trial.put(f"{CSV}/2025/05/15/movies.csv", text)
    counts = only_table(trial.run("csv")).counts
    assert (counts.trusted, counts.duplicates, counts.rejected) == (trusted, duplicates, 0)
