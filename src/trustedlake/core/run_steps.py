"""The steps of a run in words: on the page, in the progress bar, and in `--timings`."""

from __future__ import annotations

from typing import NamedTuple


class RunStep(NamedTuple):
    """A step that a report gives a time for.

    Attributes:
        name: its name on the page, in few words.
        progress: what the progress bar says while it lasts; empty for a step that it does not show.
        meaning: what it does.
    """

    name: str
    progress: str
    meaning: str


RUN_STEPS = {
    "list": RunStep("listing", "listing Raw", "listing Raw and Trusted, comparing them with the ledger"),
    "start": RunStep("starting the engine", "", "waiting for the engine, if one is needed"),
    "frame": RunStep("framing", "framing raw files", "raw files to records"),
    "accept": RunStep(
        "accepting", "", "taking the records that are plainly right, without an engine; writing the staged files"
    ),
    "judge": RunStep(
        "judging", "typing and judging", "typing and judging the records, writing them to the staging folder"
    ),
    "prove": RunStep("proving", "proving", "reading the staged files back"),
    "publish": RunStep("publishing", "publishing", "finishing an interrupted publish, publishing, writing the ledger"),
}
"""Step in a report (`timings_s`) -> its words, in display order."""
