"""The first week of a lake: each morning `status`, or the page, says what happened, since when, and what to type."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import trustedlake
from tests.support.page_parts import english_messages, parse_page
from tests.support.screens import command
from tests.support.trials import MOVIES, Trial, film, films, ids

if TYPE_CHECKING:
    from pathlib import Path

    from tests.support.trials import SailEngine

DAYS = {n: f"{MOVIES}/2025/06/{n}" for n in range(16, 23)}


def name(day: int) -> str:
    """The partition of a day of June."""
    return f"ano=2025/mes=06/dia={day}"


def page_of(trial: Trial) -> str:
    """The text of the page; each of its messages has a translation."""
    page = parse_page(command("report", "--html", "-", "--lake", str(trial.lake))[1])
    assert english_messages(page) == []
    return page.text


def test_status_says_each_morning_what_happened_since_when_and_what_to_type(
    tmp_path: Path, sail_engine: SailEngine
) -> None:
    trial = Trial(tmp_path / "lake", sail_engine)
    since = r"since 20[0-9]{2}-[0-9]{2}-[0-9]{2}"

    def night(**options: Any) -> int:
        return trial.run(entity="movies", **options).exit_code

    def morning(*lines: str, is_open: bool) -> str:
        """What the screen says: each of these has to be in it, in this order."""
        code, screen = command("status", "--check", "--lake", str(trial.lake))
        assert code == (3 if is_open else 0), screen
        place = 0
        for line in lines:
            found = re.compile(line).search(screen, place)
            assert found, f"{line!r} is not (there) in:\n{screen}"
            place = found.end()
        page = page_of(trial)
        seen = trustedlake.status(trial.lake)
        (table,), last = seen.tables, seen.last_run
        assert last is not None
        warnings = [warning.message for day in table.warnings.values() for warning in day]
        failed = [table.failure.message] if table.failure else []
        for told in (*last.done.get(table.table, ()), *table.refused.values(), *warnings, *failed, *table.pending):
            assert told in page
        return screen

    # Monday: a normal day.
    trial.put(f"{DAYS[16]}/filmes_001.json", films(4))
    assert night() == 0
    morning("exit 0", rf"tmdb_movies: published: {name(16)} \(new\)", r"1 partition\(s\), 4 rows", is_open=False)

    # Tuesday: the transfer broke off.
    trial.put(f"{DAYS[17]}/filmes_001.json", b'[{"movie_id": 5, "title": "Fi')
    assert night() == 3
    morning(
        "exit 3",
        rf"refused: {name(17)}: {since}: unreadable: {DAYS[17]}/filmes_001.json: .*it is truncated; fetch",
        rf"do: trustedlake quarantine --table tmdb_movies --partition {name(17)} .*; fix the file in Raw and run",
        is_open=True,
    )

    # Wednesday: Tuesday's file came whole, and the source has renamed a key.
    trial.put(f"{DAYS[17]}/filmes_001.json", films(4, start=5))
    trial.put(
        f"{DAYS[18]}/filmes_001.json",
        [{"voteAverage" if key == "vote_average" else key: value for key, value in film(n).items()} for n in (9, 10)],
    )
    assert night() == 0
    screen = morning(
        rf"published: {name(17)} \(refused before\)",
        rf"open: {name(18)}: drift-vote_average: {since}: column vote_average is absent .* called voteAverage there",
        "do: trustedlake contract diff tmdb_movies .* shows the line for the contract; or trustedlake accept",
        is_open=True,
    )
    assert "refused:" not in screen
    _, own = command("contract", "show", "tmdb_movies")
    place = "      - name: vote_average\n"
    _, patch = command("contract", "diff", "tmdb_movies", "--lake", str(trial.lake))
    (line,) = [line[1:] for line in patch.splitlines() if line.startswith("+ ")]
    trial.put("contracts/tmdb_movies.odcs.yaml", own.replace(place, f"{place}{line}\n"))

    # Thursday: the contract is mended, and a file of Monday came late.
    trial.put(f"{DAYS[16]}/late.json", films(1, start=40))
    assert night() == 0
    morning(
        rf"published again: {name(16)}: {DAYS[16]}/late.json is new",
        rf"published: {name(18)} \(contract\)",
        is_open=False,
    )

    # Friday: Tuesday was ingested again, with other bytes.
    trial.put(f"{DAYS[17]}/filmes_001.json", films(5, start=5, vote_average=8))
    assert night() == 0
    morning(rf"published again: {name(17)}: {DAYS[17]}/filmes_001.json is changed", "12 rows, 0 rej", is_open=False)

    # Saturday: somebody tidied up in Raw, and a film of the new day has an impossible vote.
    (trial.lake / DAYS[16] / "late.json").unlink()
    trial.put(f"{DAYS[21]}/filmes_001.json", [film(50), film(51, vote_average=99)])
    assert night() == 1
    morning(
        rf"failed: {since}: 1 raw file\(s\) of tmdb_movies vanished since they were published: {DAYS[16]}/late.json",
        "do: restore them, or choose: --vanished keep",
        rf"gone: 1 raw file\(s\) that are published: {DAYS[16]}/late.json",
        "do: restore them; or trustedlake to-trusted --table tmdb_movies --vanished keep",
        rf"pending: {DAYS[21]}/filmes_001.json",
        is_open=True,
    )
    assert night(vanished="keep") == 0
    morning(
        rf"published: {name(21)} \(new\)",
        rf"open: {name(21)}: quarantine: {since}: 1 record\(s\) are in Quarantine, rejected: vote_average\|range",
        rf"do: trustedlake quarantine --table tmdb_movies --verdict rejected --partition {name(21)}",
        is_open=True,
    )

    # Sunday: the record was corrected.
    trial.put(f"{DAYS[21]}/zz_fix.json", [film(51, vote_average=9.9)])
    assert night() == 0
    morning(
        rf"published again: {name(21)}: {DAYS[21]}/zz_fix.json is new",
        rf"corrected: {DAYS[21]}/filmes_001.json#1 by {DAYS[21]}/zz_fix.json#0",
        is_open=False,
    )
    assert ids(trial) == sorted([*range(1, 10), 9, 10, 40, 50, 51])
