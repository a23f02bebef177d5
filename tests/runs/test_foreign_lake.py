"""A lake from somebody else: its ledger cannot lead a command to folders that the caller did not name."""

from __future__ import annotations

import json
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import pytest

from tests.support.damage import LEDGER, PART, TRUSTED
from tests.support.trials import MOVIES, Trial, film, films, only_partition, only_table
from trustedlake.app.publishing.checked_keys import StrayError
from trustedlake.entrypoints.lake import compose
from trustedlake.entrypoints.wiring.lake_catalog import statements
from trustedlake.entrypoints.wiring.lake_doctor import examine
from trustedlake.entrypoints.wiring.lake_query import querying
from trustedlake.errors import ConfigError, InputError, TrustedLakeError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from trustedlake.models.audit import AuditReport


def audit(place: compose.Place, *, fix: bool = False) -> AuditReport:
    with compose.home(place) as home:
        return home.audit(fix=fix)


def refused(place: compose.Place) -> list[str]:
    with compose.home(place) as home:
        return [home.raw_bytes(record.address).decode() for record in home.refused()]


def rows(place: compose.Place) -> list[tuple[object, ...]]:
    with querying(place) as tables:
        return [tuple(row) for row in tables.ask("SELECT movie_id FROM tmdb_movies ORDER BY 1").rows]


COMMANDS: dict[str, Callable[[compose.Place], object]] = {
    "audit": audit,
    "audit --fix": lambda place: audit(place, fix=True),
    "quarantine": refused,
    "query": rows,
    "catalog --ddl": lambda place: statements("duckdb", place, "db", ["tmdb_movies"], projection=False),
    "doctor": lambda place: examine(place.lake),
}


def everything(folder: Path) -> dict[str, bytes]:
    """Every file below the folder, but for run reports and the lock."""
    files = (path for path in sorted(folder.rglob("*")) if path.is_file() and path.name != ".lock")
    return {str(path): path.read_bytes() for path in files if path.parent.name != "runs"}


def rewrite(trial: Trial, change: Callable[[dict[str, Any]], object]) -> None:
    ledger = json.loads((trial.lake / LEDGER).read_text())
    change(ledger)
    (trial.lake / LEDGER).write_text(json.dumps(ledger))


def rename(ledger: dict[str, Any], to: str) -> None:
    for entry in ledger["partitions"].values():
        for file in entry["trusted"]:
            file["key"] = file["key"].replace(TRUSTED, to)


LIES: dict[str, Callable[[dict[str, Any]], object]] = {
    "inputs above": lambda ledger: ledger.update(inputs=["../home"]),
    "inputs at the root": lambda ledger: ledger.update(inputs=["/"]),
    "inputs in a bucket": lambda ledger: ledger.update(inputs=["s3://bucket/x"]),
    "target above": lambda ledger: ledger.update(target="../home"),
    "target and files above": lambda ledger: rename(ledger | {"target": ledger.update(target="../home")}, "../home"),
    "target in its own name": lambda ledger: ledger.update(target=f"{TRUSTED}/../../../../../home"),
    "files in Raw": lambda ledger: rename(ledger, MOVIES),
    "files above": lambda ledger: rename(ledger, "../home"),
    "files at the root": lambda ledger: rename(ledger, "/etc"),
    "raw files above": lambda ledger: next(iter(ledger["partitions"].values()))["raw"][0].update(path="../home/x"),
    "a run above": lambda ledger: ledger.update(runs=["../../home/x"]),
}


@pytest.mark.parametrize("lie", LIES)
def test_no_command_follows_a_ledger_out_of_the_lake(lake: Trial, tmp_path: Path, lie: str) -> None:
    (tmp_path / "home").mkdir()
    (tmp_path / "home/.profile").write_text("hers")
    rewrite(lake, LIES[lie])
    before = everything(tmp_path)
    place = compose.Place(lake=str(lake.lake))
    for name, command in COMMANDS.items():
        with suppress(TrustedLakeError):
            command(place)
        assert everything(tmp_path) == before, name
    said = [*examine(str(lake.lake)).checks]
    assert said, "doctor looks at such a lake too"
    with pytest.raises((StrayError, ConfigError), match=r"ledger/tmdb_movies\.json"):
        audit(place)
    report = lake.run(entity="movies")
    assert report.exit_code in {1, 2}
    assert "tmdb_movies" in only_table(report).message
    assert everything(tmp_path) == before
    assert lake.run(entity="movies", full_refresh=True, max_rejected=0.5).exit_code == 0, "it is rebuilt from Raw"
    assert (tmp_path / "home/.profile").read_text() == "hers"


def test_a_journal_for_a_folder_named_only_by_the_ledger_is_not_finished(lake: Trial) -> None:
    """Reading follows the ledger within the lake, but only the caller decides where to write."""
    lake.put("precious/ano=2025/mes=06/dia=17/gold.txt", "gold")
    rewrite(lake, lambda ledger: ledger.update(target="precious", partitions={}))
    owner = {"token": "t", "host": "h", "boot": "b", "pid": 1, "started": "s"}
    journal = {
        "table": "tmdb_movies",
        "run_id": "x",
        "owner": owner,
        "since": "2020-01-01T00:00:00Z",
        "deadline": "2020-01-01T00:00:00Z",
        "staging": "_trustedlake/staging/x/tmdb_movies",
        "moves": [],
        "deletes": [{"key": "precious/ano=2025/mes=06/dia=17/gold.txt", "tag": "t"}],
        "ledger_before": None,
        "ledger_after": json.loads((lake.lake / LEDGER).read_text()),
    }
    lake.put("_trustedlake/journal/tmdb_movies.json", json.dumps(journal))
    before = everything(lake.lake)
    with pytest.raises(StrayError, match="as a file to delete"):
        audit(compose.Place(lake=str(lake.lake)), fix=True)
    assert lake.run(entity="movies").exit_code == 1
    assert everything(lake.lake) == before


@pytest.mark.parametrize("flaw", ["Raw in the lake", "Raw outside", "Trusted outside"])
def test_a_table_published_to_another_folder_stays_usable(trial: Trial, tmp_path: Path, flaw: str) -> None:
    raw = tmp_path / ("lake/mine" if flaw == "Raw in the lake" else "drop")
    target = tmp_path / ("shared/Trusted/films" if flaw == "Trusted outside" else "lake/Trusted/films")
    file = raw / "2025/06/17/a.json"
    file.parent.mkdir(parents=True)
    file.write_text(json.dumps([*films(3), film(9, vote_average=11)]))
    flags = compose.Place(str(trial.lake), (str(raw),), str(target))
    with compose.home(flags, engine=trial.engine) as home:
        report = home.to_trusted(compose.Asked(("tmdb_movies",)), _options())
        assert only_partition(report).counts.trusted == 3
    for place in (flags, compose.Place(str(trial.lake))):
        alone = place.target is None
        if alone and flaw == "Trusted outside":
            for name in ("audit", "quarantine", "query", "catalog --ddl"):
                with pytest.raises(StrayError, match="a ledger can't point outside it") as refusal:
                    COMMANDS[name](place)
                assert f"--input {raw} --target {target}" in refusal.value.hint
            assert any(check.mend for check in examine(place.lake).checks if "target" in check.says)
            continue
        assert rows(place) == [(1,), (2,), (3,)]
        assert str(target) in statements("duckdb", place, "db", ["tmdb_movies"], projection=False)[1]
        if alone and flaw == "Raw outside":
            with pytest.raises(StrayError, match="a ledger can't point outside it"):
                audit(place)
            with pytest.raises(InputError, match="not a raw file of this lake") as strange:
                refused(place)
            assert "--input" in strange.value.hint
            continue
        assert [json.loads(one)["movie_id"] for one in refused(place)] == [9]
        assert audit(place).exit_code == 0
    assert audit(flags, fix=True).exit_code == 0
    assert (target / "ano=2025/mes=06/dia=17/part-00000.parquet").is_file()


def test_auditing_folders_that_no_table_uses_is_a_config_error(lake: Trial, tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    with pytest.raises(ConfigError, match=r"no table of .* was published with these"):
        audit(compose.Place(str(lake.lake), (str(tmp_path / "other"),)))


def test_links_in_raw_that_lead_out_of_the_lake_are_reported(trial: Trial, tmp_path: Path) -> None:
    file = tmp_path / "disk/2025/06/17/a.json"
    file.parent.mkdir(parents=True)
    file.write_text(json.dumps(films(2)))
    (trial.lake / MOVIES).parent.mkdir(parents=True)
    (trial.lake / MOVIES).symlink_to(tmp_path / "disk")
    told = [f"1 raw file(s) come from outside the lake, through the link {trial.lake}/{MOVIES} (to {tmp_path}/disk)"]
    for status in ("published", "unchanged"):
        table = only_table(trial.run(entity="movies"))
        assert (table.status, list(table.notes[:1])) == (status, told)
    assert len(trial.rows()) == 2


def test_a_published_file_that_is_a_link_is_not_read(lake: Trial, tmp_path: Path) -> None:
    (lake.lake / PART).rename(tmp_path / "part")
    (lake.lake / PART).symlink_to(tmp_path / "part")
    before = (tmp_path / "part").read_bytes()
    place = compose.Place(lake=str(lake.lake))
    for name in ("audit", "query"):
        with pytest.raises(InputError, match=r"part-00000\.parquet is a link"):
            COMMANDS[name](place)
    assert lake.run(entity="movies").exit_code == 1
    assert (tmp_path / "part").read_bytes() == before


def _options() -> Any:
    from trustedlake.app.trusted.job import Options  # noqa: PLC0415

    return Options(max_rejected=0.5)
