"""A title without visible characters is blank, whichever characters it has."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from tests.support.trials import MOVIES, ids

if TYPE_CHECKING:
    from tests.support.trials import Trial

INVISIBLE = (
    " ", "\t", "\u0000", "\u0085", "\u00a0", "\u00ad", "\u034f", "\u115f", "\u180e", "\u2003", "\u200b", "\u200d",
    "\u200f", "\u2028", "\u202e", "\u2060", "\u2800", "\u3000", "\u3164", "\ufe0f", "\ufeff", "\uffa0",
    "\u200b\u00a0 \ufeff",
)  # fmt: skip
VISIBLE = ("a", "\u200ba", "\u00e9", "0", "-", "\U0001f3ac", "\u2801", "\u0301", "\u2764\ufe0f", "\u202e\u05d0")


def test_only_titles_of_invisible_characters_are_blank(trial: Trial) -> None:
    titles = (*INVISIBLE, *VISIBLE)
    films = [{"id": number, "title": title} for number, title in enumerate(titles, 1)]
    trial.put(f"{MOVIES}/2025/06/17/a.json", json.dumps(films))
    assert trial.run(entity="movies", max_rejected=1.0).exit_code == 0
    assert {record.reasons for record in trial.refused()} == {("title|blank",)}
    assert set(ids(trial)) == set(range(len(INVISIBLE) + 1, len(titles) + 1))
