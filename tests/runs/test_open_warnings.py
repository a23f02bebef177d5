"""A problem stays open, with its evidence, until the data, the contract or a person resolves it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.support.screens import command
from tests.support.trials import MOVIES, IdleEngine, Trial, film, films, only_table
from trustedlake.entrypoints.lake import compose
from trustedlake.models.status import LakeStatus

if TYPE_CHECKING:
    from pathlib import Path

    from tests.support.trials import SailEngine
    from trustedlake.models.ledger import Warned
    from trustedlake.models.status import TableStatus

D16, D17 = f"{MOVIES}/2025/06/16/a.json", f"{MOVIES}/2025/06/17/a.json"
NAME = "ano=2025/mes=06/dia=17"
KNOWN = [film(n, overview="Text", runtime=90, imdb_id=f"tt{n}") for n in range(1, 4)]


@pytest.fixture
def trial(tmp_path: Path, sail_engine: SailEngine) -> Trial:
    """A lake with one day, in which all is well."""
    trial = Trial(tmp_path / "lake", sail_engine)
    trial.put(D16, KNOWN)
    trial.run(entity="movies")
    assert status(trial).warnings == {}
    return trial


def status(trial: Trial) -> TableStatus:
    said = command("status", "--json", "--lake", str(trial.lake))[1]
    (table,) = [one for one in LakeStatus.model_validate_json(said).tables if one.table == "tmdb_movies"]
    return table


def opened(trial: Trial, records: list[dict[str, Any]]) -> dict[str, Warned]:
    """The warnings of a day with these records, by id, which a run without news tells again, and the audit too."""
    trial.put(D17, records)
    trial.run(entity="movies", max_rejected=1)
    found = {one.id: one for one in status(trial).warnings.get(NAME, ())}
    again = Trial(trial.lake, IdleEngine()).run(entity="movies", max_rejected=1)
    told = only_table(again).warnings
    assert len(told) == len(found)
    with compose.home(compose.Place(str(trial.lake))) as home:
        (audited,) = home.audit(compose.Asked(("tmdb_movies",))).tables
    assert audited.warnings.get(NAME, ()) == tuple(found.values())
    return found


def many(**changes: Any) -> list[dict[str, Any]]:
    return [film(n, **{"overview": "Text", "runtime": 90, "imdb_id": f"tt{n}"} | changes) for n in range(20, 40)]


@pytest.mark.rest
def test_each_kind_of_warning_has_its_evidence(trial: Trial) -> None:
    del_runtime = [{key: value for key, value in one.items() if key != "runtime"} for one in many()]
    cases: list[tuple[list[dict[str, Any]], dict[str, str]]] = [
        (many(), {}),
        (del_runtime, {"drift-runtime": "column runtime is absent from every record of"}),
        (many(overview=None), {"null-overview": "column overview has no value in any of the 20 rows"}),
        (many(overview="")[:9], {}),  # nine films may well have no overview
        (
            [*many(), film(50, popularity="much")],
            {
                "type-popularity": "1 of 21 records (4.8%) have no double in popularity",
                "quarantine": "1 record(s) are in Quarantine, rejected: popularity|type (1)",
            },
        ),
        ([*many(), film(50, vote_average=11)], {"quarantine": "vote_average|range (1)"}),
        (
            many(imdb_id="tt1", external_ids={"imdb_id": "tt2"})[:2],
            {"conflict-external_ids.imdb_id": "2 record(s) have another value in external_ids.imdb_id"},
        ),
        (
            [film(50, runtime=90, imdb_id="tt5"), film(50, imdb_id="tt5")],
            {"lost": "1 duplicate(s) had values that the kept record lacks: runtime (1)"},
        ),
    ]
    for records, expected in cases:
        found = opened(trial, records)
        assert set(found) == set(expected), found
        for name, said in expected.items():
            assert said in found[name].message


def test_vanished_and_unknown_files_are_reported_before_and_after_a_failed_run(trial: Trial) -> None:
    (trial.lake / D16).unlink()
    trial.put(D17, films(1))
    trial.put("Trusted/TMDB/Parquet/Movies/stranger.parquet", "PAR1")
    table = status(trial)
    assert (table.vanished, table.failure) == ((D16,), None)
    assert table.unknown == ("Trusted/TMDB/Parquet/Movies/stranger.parquet",)
    failed = [trial.run(entity="movies") for _ in range(2)]
    assert [run.exit_code for run in failed] == [1, 1]
    failure = status(trial).failure
    assert failure is not None
    assert failure.since == failed[0].started, "since the first that failed"
    assert "vanished since they were published" in failure.message
    code, screen = command("status", "--check", "--lake", str(trial.lake))
    assert code == 3
    for line in (
        f"  gone: since {failure.since:%Y-%m-%d}: 1 raw file(s) that are published: {D16}",
        "  unknown: 1 file(s) that no run published: Trusted/TMDB/Parquet/Movies/stranger.parquet",
    ):
        assert line in screen.splitlines()
    assert "--vanished keep --lake" in screen
    assert "failed:" not in screen, "told once"
    trial.run(entity="movies", full_refresh=True)
    table = status(trial)
    assert (table.vanished, table.unknown, table.failure) == ((), (), None)


def _added(patch: str) -> list[str]:
    return [line for line in patch.splitlines() if line.startswith("+ ")]


def test_a_renamed_key_is_reported_with_the_contract_change_that_fixes_it(trial: Trial) -> None:
    renamed = {"vote_average": "voteAverage", "title": "titulo"}
    records = [{renamed.get(key, key): value for key, value in one.items()} | {"votes": 3} for one in many()]
    trial.put(D17, records)
    trial.run(entity="movies", max_rejected=1)
    code, said = command("contract", "diff", "tmdb_movies", "--lake", str(trial.lake))
    assert code == 0
    assert _added(said) == ['+        synonyms: [{synonym: "titulo"}]', '+        synonyms: [{synonym: "voteAverage"}]']
    for one in records:
        one["title"] = one.pop("titulo")
    trial.put(D17, records)
    trial.run(entity="movies")
    (warned,) = status(trial).warnings[NAME]
    assert (warned.id, warned.renamed) == ("drift-vote_average", "voteAverage")
    code, said = command("contract", "diff", "tmdb_movies", "--lake", str(trial.lake))
    assert code == 0
    assert _added(said) == ['+        synonyms: [{synonym: "voteAverage"}]']
    code, own = command("contract", "show", "tmdb_movies")
    name, line = "      - name: vote_average\n", '        synonyms: [{synonym: "voteAverage"}]\n'
    trial.put("contracts/tmdb_movies.odcs.yaml", own.replace(name, name + line))
    table = only_table(trial.run(entity="movies"))
    assert table.warnings == ()
    assert status(trial).warnings == {}
    assert {row["vote_average"] for row in trial.rows()} == {7.0}
