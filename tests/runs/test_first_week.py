"""The first week of a lake: each morning `status`, or the page, says what happened, since when, and what to type.

In between, every evening, another table gets a file, and all sources run again with nothing new for this one.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import trustedlake
from tests.support.page_parts import english_messages, parse_page
from tests.support.screens import command
from tests.support.trials import CSV, MOVIES, Trial, film, films, ids

if TYPE_CHECKING:
    from pathlib import Path

    from tests.support.trials import SailEngine

DATE = r"20[0-9]{2}-[0-9]{2}-[0-9]{2}"
SINCE = f"since {DATE}"
DAYS = {n: f"{MOVIES}/2025/06/{n}" for n in range(16, 23)}


def name(day: int) -> str:
    """The partition of a day of June."""
    return f"ano=2025/mes=06/dia={day}"


class Week:
    """A lake of films, day by day."""

    def __init__(self, trial: Trial) -> None:
        self.trial = trial
        self.runs: list[str] = []

    def night(self, **options: Any) -> int:
        """Run the table; then, in the evening, another table with a new file, and all sources once more."""
        trial = self.trial
        report = trial.run(entity="movies", **options)
        self.runs.append(report.run_id)
        number = len(self.runs)
        trial.put(f"{CSV}/2025/06/{15 + number}/a.csv", f"id|tituloPincipal\ntt000000{number}|Filme\n")
        assert trial.run("csv").exit_code == 0
        assert trial.run().exit_code == report.exit_code
        assert trial.run("csv").exit_code == 0
        return report.exit_code

    def changed(self, night: int = 0) -> str:
        """The line above what a night's run changed; by default the last night's."""
        return rf"changed: {DATE} ..:.. UTC, run {self.runs[night - 1]}"

    def morning(self, *lines: str, is_open: bool) -> str:
        """What the screen says of the table: each of these has to be in it, in this order."""
        lake = ("--lake", str(self.trial.lake))
        code, whole = command("status", "--check", *lake)
        assert code == (3 if is_open else 0), whole
        screen = whole[whole.index("tmdb_movies: ") :]
        place = 0
        for line in lines:
            found = re.compile(line).search(screen, place)
            assert found, f"{line!r} is not (there) in:\n{screen}"
            place = found.end()
        parsed = parse_page(command("report", "--html", "-", *lake)[1])
        assert english_messages(parsed) == []
        page = parsed.text
        (table,) = (one for one in trustedlake.status(self.trial.lake).tables if one.table == "tmdb_movies")
        warnings = [warning.message for day in table.warnings.values() for warning in day]
        gone = [f"{len(table.vanished)} raw file(s) that are published are gone"] if table.vanished else []
        changes = [told for one in table.changes for told in (one.run_id, f"{one.started:%Y-%m-%d %H:%M}", *one.done)]
        for told in (*changes, *table.refused.values(), *warnings, *gone, *table.pending):
            assert told in page
        return screen


def test_status_says_each_morning_what_happened_since_when_and_what_to_type(
    tmp_path: Path, sail_engine: SailEngine
) -> None:
    lake = Week(Trial(tmp_path / "lake", sail_engine))

    # Monday: a normal day.
    lake.trial.put(f"{DAYS[16]}/filmes_001.json", films(4))
    assert lake.night() == 0
    lake.morning(r"1 partition\(s\), 4 rows", lake.changed(), rf"published: {name(16)} \(new\)", is_open=False)

    # Tuesday: the transfer broke off.
    lake.trial.put(f"{DAYS[17]}/filmes_001.json", b'[{"movie_id": 5, "title": "Fi')
    assert lake.night() == 3
    lake.morning(
        lake.changed(),
        rf"refused: {name(17)}: still open",
        rf"refused: {name(17)}: {SINCE}: unreadable: {DAYS[17]}/filmes_001.json: .*it is truncated; fetch",
        rf"do: trustedlake quarantine --table tmdb_movies --partition {name(17)} .*; fix the file in Raw and run",
        is_open=True,
    )

    # Wednesday: Tuesday's file came whole, and the source has renamed a key.
    lake.trial.put(f"{DAYS[17]}/filmes_001.json", films(4, start=5))
    lake.trial.put(
        f"{DAYS[18]}/filmes_001.json",
        [{"voteAverage" if key == "vote_average" else key: value for key, value in film(n).items()} for n in (9, 10)],
    )
    assert lake.night() == 0
    screen = lake.morning(
        lake.changed(),
        rf"published: {name(17)} \(refused before\)",
        rf"published: {name(18)} \(new\)",
        rf"open: {name(18)}: drift-vote_average: {SINCE}: column vote_average is absent .* called voteAverage there",
        "do: trustedlake contract diff tmdb_movies .* shows the line for the contract; or trustedlake accept",
        is_open=True,
    )
    assert f"refused: {name(17)}: since" not in screen
    _, own = command("contract", "show", "tmdb_movies")
    place = "      - name: vote_average\n"
    _, patch = command("contract", "diff", "tmdb_movies", "--lake", str(lake.trial.lake))
    (line,) = [line[1:] for line in patch.splitlines() if line.startswith("+ ")]
    lake.trial.put("contracts/tmdb_movies.odcs.yaml", own.replace(place, f"{place}{line}\n"))

    # Thursday: the contract is mended, and a file of Monday came late.
    lake.trial.put(f"{DAYS[16]}/late.json", films(1, start=40))
    assert lake.night() == 0
    lake.morning(
        lake.changed(),
        rf"published again: {name(16)}: {DAYS[16]}/late.json is new",
        rf"published: {name(18)} \(contract\)",
        is_open=False,
    )

    # Friday: Tuesday was ingested again, with other bytes.
    lake.trial.put(f"{DAYS[17]}/filmes_001.json", films(5, start=5, vote_average=8))
    assert lake.night() == 0
    again = rf"published again: {name(17)}: {DAYS[17]}/filmes_001.json is changed"
    lake.morning("12 rows, 0 rej", lake.changed(), again, is_open=False)

    # Saturday: somebody tidied up in Raw, and a film of the new day has an impossible vote.
    (lake.trial.lake / DAYS[16] / "late.json").unlink()
    lake.trial.put(f"{DAYS[21]}/filmes_001.json", [film(50), film(51, vote_average=99)])
    assert lake.night() == 1
    lake.morning(
        lake.changed(5),
        again,
        rf"gone: {SINCE}: 1 raw file\(s\) that are published: {DAYS[16]}/late.json",
        "do: restore them; or trustedlake to-trusted --table tmdb_movies --vanished keep",
        rf"pending: {DAYS[21]}/filmes_001.json",
        is_open=True,
    )
    assert lake.night(vanished="keep") == 0
    lake.morning(
        lake.changed(),
        rf"rows kept: {name(16)}: {DAYS[16]}/late.json is gone",
        rf"published: {name(21)} \(new\)",
        rf"open: {name(21)}: quarantine: {SINCE}: 1 record\(s\) are in Quarantine, rejected: vote_average\|range",
        rf"do: trustedlake quarantine --table tmdb_movies --verdict rejected --partition {name(21)}",
        is_open=True,
    )

    # Sunday: the record was corrected.
    lake.trial.put(f"{DAYS[21]}/zz_fix.json", [film(51, vote_average=9.9)])
    assert lake.night() == 0
    lake.morning(
        lake.changed(),
        rf"published again: {name(21)}: {DAYS[21]}/zz_fix.json is new",
        rf"corrected: {DAYS[21]}/filmes_001.json#1 by {DAYS[21]}/zz_fix.json#0",
        is_open=False,
    )
    assert ids(lake.trial) == sorted([*range(1, 10), 9, 10, 40, 50, 51])
