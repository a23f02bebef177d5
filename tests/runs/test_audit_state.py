"""The audit names what interrupted runs leave, and `--fix` cleans it up; a live publish is left alone."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import pytest

from tests.support.damage import (
    DAY,
    LEDGER,
    ONE,
    audit,
    delete_a_row,
    found,
    only,
)
from tests.support.faults import Crash, FaultyStore, Operation
from tests.support.trials import films
from trustedlake.adapters.local.host import LocalHost
from trustedlake.app.trusted.job import Options
from trustedlake.entrypoints.lake import compose
from trustedlake.errors import InputError, RetriableError
from trustedlake.models.claim_holder import Owner

if TYPE_CHECKING:
    from tests.support.trials import Trial
    from trustedlake.ports import Host


@dataclass
class Killed:
    """A process that has ended: a Host that was alive, and is not any more."""

    last: Owner

    def owner(self) -> Owner:
        return self.last

    def is_dead(self, owner: Owner) -> bool:
        return owner != self.last


@pytest.fixture(scope="module")
def killed() -> Killed:
    code = "from trustedlake.adapters.local.host import LocalHost; print(LocalHost().owner().model_dump_json())"
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    return Killed(Owner.model_validate_json(done.stdout))


def run_cut_at(trial: Trial, host: Host, operation: str, key_part: str) -> None:
    """A run that is killed just before this operation on a key that contains `key_part`."""

    def crash(before: Operation) -> None:
        if before.name == operation and key_part in before.key:
            raise Crash

    with compose.home(compose.Place(lake=str(trial.lake)), engine=trial.engine) as home:
        tools = replace(home.tools, store=FaultyStore(home.tools.store, before=crash), host=host)
        with pytest.raises(Crash):
            replace(home, tools=tools).to_trusted(compose.Asked(("tmdb_movies",)), Options(max_rejected=0.5))


class TestState:
    CUTS = (("move", "Quarantine/"), ("put", LEDGER), ("delete", "_trustedlake/journal/"))

    @pytest.mark.parametrize("cut", CUTS, ids=lambda cut: cut[0])
    def test_an_unfinished_publish_is_named_and_fix_finishes_it(
        self, lake: Trial, killed: Killed, cut: tuple[str, str]
    ) -> None:
        lake.put(f"{DAY}/filmes_003.json", films(1, start=50))
        run_cut_at(lake, killed, *cut)
        before = lake.snapshot()
        left = audit(lake)
        assert [(kind, where) for kind, where, _ in found(left)] == [
            ("publish cut", "_trustedlake/journal/tmdb_movies.json")
        ]
        assert left.tables == ()
        assert lake.snapshot() == before
        fixed = audit(lake, fix=True)
        assert found(fixed) == []
        assert len(fixed.fixed) == (cut[0] != "delete")
        assert only(fixed).counts.trusted == 11
        assert found(audit(lake)) == []
        assert lake.run(entity="movies", max_rejected=0.5).tables[0].status == "unchanged"

    def test_the_audit_exits_4_during_a_publish_and_fixes_nothing(self, lake: Trial) -> None:
        lake.put(f"{DAY}/filmes_003.json", films(1, start=50))
        run_cut_at(lake, LocalHost(), "put", LEDGER)
        before = lake.snapshot()
        for fix in (False, True):
            with pytest.raises(RetriableError, match="tmdb_movies is being published by process") as raised:
                audit(lake, fix=fix)
            assert raised.value.exit_code == 4
        assert lake.snapshot() == before

    def test_staging_of_a_dead_run_is_named_and_fix_removes_it_but_not_that_of_a_live_run(
        self, lake: Trial, killed: Killed
    ) -> None:
        lake.put(f"{DAY}/filmes_003.json", films(1, start=50))
        run_cut_at(lake, killed, "put", "_trustedlake/journal/")
        ((kind, staging, _),) = found(audit(lake))
        assert kind == "staging left"
        assert (lake.lake / staging).is_dir()
        fixed = audit(lake, fix=True)
        assert (found(fixed), fixed.fixed) == ([], (f"removed {staging}",))
        assert not (lake.lake / "_trustedlake/staging").exists()
        run_cut_at(lake, LocalHost(), "put", "_trustedlake/journal/")
        assert found(audit(lake, fix=True)) == []
        assert (lake.lake / "_trustedlake/staging").is_dir()

    def test_an_audit_without_published_tables_is_never_clean(self, trial: Trial) -> None:
        trial.put(ONE, films(2))
        with pytest.raises(InputError, match="nothing is published of tmdb_movies, tmdb_series"):
            audit(trial)
        trial.put(ONE, "[")
        assert trial.run(entity="movies").exit_code == 3
        with pytest.raises(InputError, match="nothing is published of tmdb_movies") as refused:
            audit(trial)
        assert "trustedlake quarantine" in refused.value.hint

    def test_only_the_requested_table_is_audited(self, lake: Trial) -> None:
        delete_a_row(lake)
        with pytest.raises(InputError, match="nothing is published of local_movies"):
            audit(lake, source="csv", entity="movies")
        assert found(audit(lake, source="tmdb", entity="movies")) != []
