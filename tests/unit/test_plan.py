"""What a run has to do, from Raw, the ledger and the published files."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest

from tests.support.lakes import DAY, MOVIES, job_on, published, raw_file, store_of
from trustedlake.app.trusted.listing import list_raw
from trustedlake.app.trusted.plan import Plan, make_plan
from trustedlake.errors import InputError
from trustedlake.models.built_in import CONTRACTS
from trustedlake.models.ledger import AcceptedUnreadable, Counts, Ledger, Refusal

if TYPE_CHECKING:
    from trustedlake.adapters.memory_store import MemoryStore

ONE = f"{MOVIES}/2025/06/17/filmes_001.json"
TWO = f"{MOVIES}/2025/06/17/filmes_002.json"
NEXT = f"{MOVIES}/2025/06/18/filmes_001.json"
NEXT_DAY = "ano=2025/mes=06/dia=18"
FINAL = f"Trusted/TMDB/Parquet/Movies/{DAY}/part-00000.parquet"


def plan_of(store: MemoryStore, ledger: Ledger, **options: Any) -> Plan:
    job = job_on(store, **options)
    return make_plan(job, list_raw(job.store, job.paths, job.raw_files), ledger)


def whys(plan: Plan) -> dict[str, str]:
    return {part.name: part.why for part in plan.judge}


def test_a_new_day_is_judged_and_the_published_day_is_left_unchanged() -> None:
    store = store_of({ONE: "[1]"})
    ledger = published(store, {DAY: [ONE]})
    store.put(NEXT, b"[2]")
    plan = plan_of(store, ledger)
    assert whys(plan) == {NEXT_DAY: "new"}
    assert plan.unchanged == (DAY,)
    assert not plan.idle


def test_a_plan_without_changes_is_idle() -> None:
    store = store_of({ONE: "[1]"})
    plan = plan_of(store, published(store, {DAY: [ONE]}))
    assert plan.idle
    assert plan.unchanged == (DAY,)


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({ONE: "[9]"}, "changed"),  # same size, other bytes
        ({ONE: "[1, 2]"}, "changed"),
        ({TWO: "[2]"}, "changed"),
        ({ONE: "[1]"}, ""),  # written again with the same bytes: only the tag differs
        ({FINAL: "rows of " + DAY.replace("17", "99")}, "damaged"),
        ({FINAL: "rows of " + DAY}, ""),  # copied: only the tag differs
    ],
)
def test_the_plan_says_why_a_partition_is_judged_again(change: dict[str, str], why: str) -> None:
    store = store_of({ONE: "[1]"})
    ledger = published(store, {DAY: [ONE]})
    for key, text in change.items():
        store.put(key, text.encode())
    plan = plan_of(store, ledger)
    assert whys(plan).get(DAY, "") == why


def test_a_published_file_deleted_by_hand_is_rebuilt() -> None:
    store = store_of({ONE: "[1]"})
    ledger = published(store, {DAY: [ONE]})
    store.delete(FINAL)
    assert whys(plan_of(store, ledger)) == {DAY: "damaged"}


@pytest.mark.parametrize(
    ("version", "fingerprint", "why"),
    [
        (1, CONTRACTS["tmdb_movies"].fingerprint, ""),
        (1, "of another", "contract"),
        (9, CONTRACTS["tmdb_movies"].fingerprint, ""),  # the same rows come out, whatever it is called
        (1, "", ""),  # an earlier program noted the version alone
        (0, "", "contract"),
    ],
)
def test_a_day_published_with_another_contract_is_judged_again(version: int, fingerprint: str, why: str) -> None:
    store = store_of({ONE: "[1]"})
    ledger = published(store, {DAY: [ONE]})
    old = ledger.partitions[DAY].model_copy(update={"contract": version, "fingerprint": fingerprint})
    assert whys(plan_of(store, ledger.model_copy(update={"partitions": {DAY: old}}))).get(DAY, "") == why


def test_full_refresh_judges_everything_again() -> None:
    store = store_of({ONE: "[1]", NEXT: "[2]"})
    ledger = published(store, {DAY: [ONE], NEXT_DAY: [NEXT]})
    assert whys(plan_of(store, ledger, full_refresh=True)) == {DAY: "full refresh", NEXT_DAY: "full refresh"}


class TestVanished:
    def ledger_and_store(self) -> tuple[MemoryStore, Ledger]:
        store = store_of({ONE: "[1]", TWO: "[2]", NEXT: "[3]"})
        ledger = published(store, {DAY: [ONE, TWO], NEXT_DAY: [NEXT]})
        return store, ledger

    def test_a_vanished_raw_file_stops_the_run_and_asks_what_to_do(self) -> None:
        store, ledger = self.ledger_and_store()
        store.delete(NEXT)
        with pytest.raises(InputError, match=r"1 raw file\(s\) of tmdb_movies vanished.*18/filmes_001.json") as caught:
            plan_of(store, ledger)
        assert "--vanished keep" in caught.value.hint
        assert "--vanished drop" in caught.value.hint

    def test_keep_leaves_the_rows(self) -> None:
        store, ledger = self.ledger_and_store()
        store.delete(NEXT)
        plan = plan_of(store, ledger, vanished="keep")
        assert plan.idle
        assert plan.kept == (NEXT,)

    def test_the_run_does_not_ask_again_about_kept_files(self) -> None:
        store, ledger = self.ledger_and_store()
        store.delete(NEXT)
        plan = plan_of(store, ledger.model_copy(update={"kept": (NEXT,)}))
        assert plan.idle
        assert plan.kept == (NEXT,)

    def test_drop_removes_a_partition_whose_files_are_all_gone(self) -> None:
        store, ledger = self.ledger_and_store()
        store.delete(NEXT)
        plan = plan_of(store, ledger, vanished="drop")
        assert plan.remove == (NEXT_DAY,)
        assert plan.dropped == (NEXT,)

    def test_drop_judges_a_partition_again_if_one_of_its_files_vanished(self) -> None:
        store, ledger = self.ledger_and_store()
        store.delete(TWO)
        plan = plan_of(store, ledger, vanished="drop")
        assert whys(plan) == {DAY: "changed"}
        assert [listed.file.path for listed in plan.judge[0].files] == [ONE]

    @pytest.mark.parametrize(
        ("change", "what"),
        [
            ({ONE: "[1, 1]"}, rf"1 raw file\(s\) are new or changed \({ONE}\)"),
            ({f"{MOVIES}/2025/06/17/new.json": "[1]"}, r"1 raw file\(s\) are new or changed \(.*new\.json\)"),
            ({FINAL: "other rows"}, "published files are missing or were changed"),
        ],
    )
    def test_a_changed_partition_with_kept_rows_is_held_back(self, change: dict[str, str], what: str) -> None:
        store, ledger = self.ledger_and_store()
        store.delete(TWO)
        store.put(NEXT, b"[3, 3]")
        for key, text in change.items():
            store.put(key, text.encode())
        plan = plan_of(store, ledger, vanished="keep")
        assert whys(plan) == {NEXT_DAY: "changed"}, "the other days go on"
        (held,) = plan.held
        assert held.name == DAY
        assert re.match(what, held.message)
        assert TWO in held.message
        assert f"restore {TWO}" in held.hint
        assert whys(plan_of(store, ledger, vanished="drop")).keys() == {DAY, NEXT_DAY}

    def test_a_new_contract_holds_back_a_partition_with_kept_rows(self) -> None:
        store, ledger = self.ledger_and_store()
        store.delete(TWO)
        old = ledger.partitions[DAY].model_copy(update={"fingerprint": "of another"})
        plan = plan_of(store, ledger.model_copy(update={"partitions": {DAY: old}}), vanished="keep")
        assert [held.message.partition(",")[0] for held in plan.held] == ["the contract has a newer version"]

    def test_with_the_input_narrowed_to_a_day_other_files_do_not_count_as_vanished(self) -> None:
        store, ledger = self.ledger_and_store()
        plan = plan_of(store, ledger, inputs=[f"{MOVIES}/2025/06/17"])
        assert plan.idle
        assert set(plan.unchanged) == {DAY, NEXT_DAY}

    def test_a_partition_is_judged_with_all_files_even_if_the_input_leaves_some_out(self) -> None:
        crime, war = "Raw/TMDB/JSON/Crime_Movies/2025/06/17/a.json", "Raw/TMDB/JSON/War_Movies/2025/06/17/b.json"
        store = store_of({crime: "[1]", war: "[2]"})
        ledger = published(store, {DAY: [crime, war]})
        store.put(crime, b"[1, 3]")
        plan = plan_of(store, ledger, inputs=["Raw/TMDB/JSON/Crime_Movies"])
        assert [listed.file.path for listed in plan.judge[0].files] == [crime, war]


class TestRefused:
    def refused(self, **changes: Any) -> tuple[MemoryStore, Ledger]:
        store = store_of({ONE: "oops"})
        refusal = Refusal(
            gate="unreadable",
            max_rejected=0.05,
            message="unreadable",
            counts=Counts(),
            contract=1,
            raw=(raw_file(store, ONE),),
            problems={ONE: "no JSON"},
        )
        ledger = published(store, {})
        partition = {DAY: published(store, {DAY: []}).partitions[DAY].model_copy(update={"refusal": refusal})}
        return store, ledger.model_copy(update={"partitions": partition, **changes})

    def test_the_same_files_are_refused_again_without_reading_them(self) -> None:
        store, ledger = self.refused()
        plan = plan_of(store, ledger)
        assert plan.refused == (DAY,)
        assert plan.idle

    @pytest.mark.parametrize(
        "options", [{"max_rejected": 0.5}, {"strict": True}, {"accept_unreadable": frozenset([ONE])}]
    )
    def test_a_refused_partition_is_judged_again_with_other_options(self, options: dict[str, object]) -> None:
        store, ledger = self.refused()
        assert whys(plan_of(store, ledger, **options)) == {DAY: "refused before"}

    def test_a_refused_partition_is_judged_again_with_changed_files(self) -> None:
        store, ledger = self.refused()
        store.put(ONE, b"[1]")
        assert whys(plan_of(store, ledger)) == {DAY: "refused before"}

    def test_an_accepted_file_stays_accepted_only_with_the_same_bytes(self) -> None:
        other = AcceptedUnreadable(path=ONE, sha256="0" * 64, reason="was another file")
        store, ledger = self.refused(accepted={ONE: other})
        assert plan_of(store, ledger).refused == (DAY,)


def test_files_unknown_to_the_ledger_are_found_in_trusted_and_quarantine() -> None:
    store = store_of(
        {
            ONE: "[1]",
            "Trusted/TMDB/Parquet/Movies/ano=2025/mes=6/dia=17/part-0.snappy.parquet": "x",
            "Trusted/TMDB/Parquet/Movies/_SUCCESS": "",
            "Trusted/TMDB/Parquet/Movies/.part.crc": "",
            f"Quarantine/TMDB/Parquet/Movies/{DAY}/mine.parquet": "y",
        }
    )
    plan = plan_of(store, Ledger(table="tmdb_movies"))
    assert [info.key.rpartition("/")[2] for info in plan.unknown] == ["part-0.snappy.parquet", "mine.parquet"]


@pytest.mark.parametrize(
    ("name", "content", "unknown"),
    [
        (f"{DAY.partition('/')[0]}_$folder$", "", False),
        (f"{DAY}_$folder$", "", False),
        (f"{DAY}/part-00000.parquet_$folder$", "", False),
        ("Thumbs.db", "no rows", False),
        ("desktop.ini", "[x]", False),
        (f"{DAY}/notes.txt~", "no rows", False),
        (f"{DAY}/.part-00000.parquet.crc", "", False),
        (f"{DAY}/part-00000.parquet.bak", "PAR1 rows", True),  # engines read it, whatever it is called
        (f"{DAY}/part-00000.parquet~", "PAR1 rows", True),
        (f"{DAY}/notes.txt", "", True),
    ],
)
@pytest.mark.parametrize("zone", ["Trusted", "Quarantine"])
def test_ignored_names_are_unknown_files_only_if_they_contain_rows(
    zone: str, name: str, content: str, unknown: bool
) -> None:
    store = store_of({ONE: "[1]"})
    ledger = published(store, {DAY: [ONE]})
    key = f"{zone}/TMDB/Parquet/Movies/{name}"
    store.put(key, content.encode())
    plan = plan_of(store, ledger)
    assert [info.key for info in plan.unknown] == ([key] if unknown else [])
    assert [info.key for info in plan.ignored] == ([] if unknown or "/.part" in key else [key])
