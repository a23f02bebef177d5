"""Breaks the package on purpose, in ways that would lose, double or hide something; a test must catch each.

`python -m tests.mutations` makes each change in a copy of the package and runs the test that is named for it;
`--write` writes the list as a page.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

import click

REPO = Path(__file__).parents[1]
PACKAGE = REPO / "src" / "trustedlake"
PAGE = REPO / "docs" / "explanation" / "mutations.md"
LONGEST_S = 300

_INTRO = """\
# What happens if somebody breaks it

<!-- Written by `python -m tests.mutations --write`; don't edit. -->

A test that never failed proves little. Each line is a change for the worse, in the core or in the publish, that would
lose, double or hide something, and the test that fails when it is made. `python -m tests.mutations` makes them all
again, one after another, in a copy of the package; `make test-all` does so, too.

"""

_ORDER = "tests/unit/publishing/test_publish.py::test_the_steps_of_a_publish_have_a_fixed_order[memory]"
_VERDICT = "tests/spark/test_verdict.py"
_REFUSALS = "tests/unit/publishing/test_publish_refusals.py"


@dataclass(frozen=True)
class Mutation:
    """One change for the worse.

    Attributes:
        what: what is done wrong, for the page.
        file: below the package.
        old, new: text that occurs once in the file, and what stands in its place.
        test: the test that fails then, as pytest names it.
    """

    what: str
    file: str
    old: str
    new: str
    test: str


class Outcome(StrEnum):
    """The result of a mutation's test."""

    CAUGHT = "caught"
    SURVIVED = "survived"
    BROKEN = "the test did not run"


MUTATIONS = (
    Mutation(
        "a file that the partition no longer has is not deleted",
        "app/publishing/publish.py",
        "            delete_file(store, delete)\n",
        "            pass\n",
        "tests/unit/publishing/test_publish.py::test_a_publish_writes_the_planned_files_and_a_second_one_changes_nothing[memory]",
    ),
    Mutation(
        "a file is moved before there is a journal",
        "app/publishing/publish.py",
        "        claim = Claim.create(writer, _journal(writer, publication, ledger_before))\n"
        "        _check(writer, claim)\n",
        "        move_file(writer.store, publication.moves[-1])\n"
        "        claim = Claim.create(writer, _journal(writer, publication, ledger_before))\n",
        _ORDER,
    ),
    Mutation(
        "the ledger is written before the moves",
        "app/publishing/publish.py",
        "    tags: dict[str, str] = {}\n",
        "    tags: dict[str, str] = {}\n"
        "    write_ledger(store, writer.paths, journal.ledger_after, before=journal.ledger_before)\n",
        _ORDER,
    ),
    Mutation(
        "the folders are not flushed before the ledger is written",
        "app/publishing/publish.py",
        '    store.sync(sorted({key.rpartition("/")[0] for key in touched}))\n',
        "",
        _ORDER,
    ),
    Mutation(
        "a state file is renamed into place before its bytes are on the disk",
        "adapters/local/disk.py",
        "            os.fsync(out.fileno())\n",
        "",
        "tests/contract/test_local_store.py::test_every_created_name_is_flushed_to_the_disk",
    ),
    Mutation(
        "the ledger is not looked at again once the journal is there",
        "app/publishing/publish.py",
        "        fresh = (ledger.tag if ledger else None) == journal.ledger_before\n",
        "        fresh = True\n",
        f"{_REFUSALS}::test_an_outdated_plan_changes_nothing[memory-_change_ledger]",
    ),
    Mutation(
        "a writer does not look at its claim before each step",
        "app/publishing/claim.py",
        "        self.hold()\n        try:\n            yield\n",
        "        try:\n            yield\n",
        "tests/unit/publishing/test_publish_sleepers.py::test_an_owner_whose_publish_was_taken_over_writes_nothing_more",
    ),
    Mutation(
        "the journal of a live writer is taken over",
        "app/publishing/claim.py",
        "    return store.now() < deadline and not host.is_dead(owner)\n",
        "    return host.is_dead(owner)\n",
        "tests/unit/publishing/test_publish_races.py::test_a_live_owner_is_left_alone_and_named[memory]",
    ),
    Mutation(
        "the staging folder of a publish under way is swept",
        "app/publishing/sweep.py",
        "            if not _take(writer, staging) or staging in _named(writer):\n",
        "            if not _take(writer, staging):\n",
        "tests/unit/publishing/test_publish_races.py::test_sweeping_during_a_publish_harms_nothing_at_any_point",
    ),
    Mutation(
        "a file is replaced without a look at what it replaces",
        "adapters/local/local_store.py",
        "            _check(new, replaces)\n",
        "",
        f"{_REFUSALS}::test_a_file_changed_during_the_publish_stops_it_until_the_file_is_moved_out[local]",
    ),
    Mutation(
        "a journal is obeyed wherever it leads",
        "app/publishing/checked_keys.py",
        '        bounds.require(bounds.is_below(delete.key, _homes(paths)), delete.key, "a file to delete")\n',
        "        pass\n",
        "tests/unit/test_checked_keys.py::test_a_journal_that_leads_elsewhere_is_refused_and_touches_nothing[memory-deletes.0.key]",
    ),
    Mutation(
        "a folder is opened through a link",
        "adapters/local/nofollow.py",
        "            return os.open(name, _FOLDER | os.O_NOFOLLOW, dir_fd=handle)\n",
        "            return os.open(name, _FOLDER, dir_fd=handle)\n",
        "tests/contract/test_local_links.py::test_a_link_at_any_level_is_not_followed[_trustedlake/staging-discard]",
    ),
    Mutation(
        "the proof finds an imbalance, and the run goes on",
        "app/trusted/proof.py",
        "    if wrong:\n",
        "    if not wrong and wrong:\n",
        "tests/runs/test_faulty_engines.py::test_the_proof_catches_an_engine_that[drops a file]",
    ),
    Mutation(
        "the witness leaves the record's place in the file out",
        "core/framing/witness.py",
        "    return _rest(pc.multiply(crcs, spread))\n",
        "    return crcs\n",
        "tests/unit/test_explode_witness.py::test_swapping_two_records_changes_the_witness",
    ),
    Mutation(
        "text after the last document of a file is ignored",
        "core/framing/reader.py",
        '                self.shape = "ndjson" if self._lines else "documents"\n'
        "            position = _skip(text, end)\n",
        '                self.shape = "ndjson" if self._lines else "documents"\n'
        "            position = _skip(text, end) if self._lines else len(text)\n",
        "tests/unit/test_reader.py::test_fault_of_the_old_job_garbage_behind_the_array_was_ignored",
    ),
    Mutation(
        "a fraction is cut off: 10.7 becomes 10",
        "types/integer.py",
        r"(?:\.0*+)?",
        r"(?:\.[0-9]*+)?",
        "tests/unit/test_types.py::test_a_text_has_one_normal_spelling_or_is_no_value_of_the_type",
    ),
    Mutation(
        "a list that another column takes is a mistake",
        "core/framing/column_reader.py",
        "        return not (self._wrong - self._right).isdisjoint(owns)\n",
        "        return not self._wrong.isdisjoint(owns)\n",
        "tests/unit/test_column_reader.py::test_columns_read_from_the_same_list_stay_parallel",
    ),
    Mutation(
        "a source that loses to another one is lost",
        "core/framing/column_reader.py",
        "        return Reading(normal, None, [(source.label, str(text)) for source, text in losers])\n",
        "        return Reading(normal)\n",
        "tests/unit/test_column_reader.py::test_a_column_gets_its_text_from_the_record",
    ),
    Mutation(
        "the greatest allowed value is out of range (`>=` for `>`)",
        "core/rules.py",
        "        above = value > F.lit(column.maximum)",
        "        above = value >= F.lit(column.maximum)",
        f"{_VERDICT}::test_a_rejected_record_has_the_reasons_of_framing_then_all_others_in_contract_order[pysail]",
    ),
    Mutation(
        "a null is compared without care: a record without its key is accepted",
        "core/judging/verdict.py",
        """f"coalesce(contains(concat(',', {PROBLEM}), ',{name}|'), false)\"""",
        """f"contains(concat(',', {PROBLEM}), ',{name}|')\"""",
        f"{_VERDICT}::test_a_rejected_record_has_the_reasons_of_framing_then_all_others_in_contract_order[pysail]",
    ),
    Mutation(
        "neighbouring rows count as equal, whatever their keys",
        "core/judging/verdict.py",
        "eqNullSafe(value) for value in same)",
        "eqNullSafe(value) for value in same[1:])",
        f"{_VERDICT}::test_duplicates_are_found_among_thousands_of_keys[pysail]",
    ),
    Mutation(
        "of several records of one film the first wins",
        "core/judging/verdict.py",
        'F.desc("file_path"), F.desc("record_index")',
        'F.asc("file_path"), F.asc("record_index")',
        f"{_VERDICT}::test_the_last_record_of_a_key_in_a_partition_wins_by_file_and_index[pysail]",
    ),
    Mutation(
        "a partition with exactly the allowed share of rejected records is refused (`>=` for `>`)",
        "app/trusted/gate.py",
        "share > max_rejected",
        "share >= max_rejected",
        "tests/unit/test_gate.py::test_a_partition_with_too_large_a_share_of_rejected_records_is_refused",
    ),
    Mutation(
        "a run goes on although Trusted has files that no run published",
        "app/trusted/to_trusted.py",
        "    if plan.unknown and not job.options.full_refresh:\n",
        "    if not plan and not job.options.full_refresh:\n",
        "tests/runs/test_other_hands.py::test_a_lake_of_the_old_job_stops_the_run_and_a_full_refresh_takes_it_over",
    ),
    Mutation(
        "a query may open other files",
        "adapters/duckdb/query.py",
        '    "enable_external_access = false",\n',
        "",
        "tests/unit/test_query_break_out.py::"
        "test_the_settings_refuse_attempts_without_checking_the_query[FROM 'secret.csv']",
    ),
    Mutation(
        "a query reads files that a publish is replacing",
        "app/querying.py",
        "!= file.size:",
        "is None and file.size < 0:",
        "tests/unit/test_query.py::test_a_file_that_differs_from_the_ledger_is_an_error",
    ),
    Mutation(
        "of two who register at a time the second overwrites the first",
        "adapters/aws/glue_catalog.py",
        ", VersionId=version",
        "",
        "tests/contract/test_catalog.py::test_the_second_writer_starts_from_what_the_first_wrote[update_table]",
    ),
    Mutation(
        "registering drops columns that others added",
        "core/cataloging/compare.py",
        "(*ours.columns, *others)",
        "ours.columns",
        "tests/contract/test_catalog.py::test_registering_updates_differences_and_keeps_what_other_tools_added",
    ),
    Mutation(
        "no raw file at all is a success",
        "app/trusted/listing.py",
        "    if not listed:\n",
        "    if not listed and ignored:\n",
        "tests/unit/test_listing.py::test_zero_files_is_never_success",
    ),
    Mutation(
        "a JSON number is read as a text, where texts have a decimal comma",
        "core/framing/rows.py",
        "for is_number, mask in ((True, pc.and_(unsure, numbers))",
        "for is_number, mask in ((False, pc.and_(unsure, numbers))",
        "tests/unit/test_whole_columns.py::test_whole_json_columns_read_like_single_records[decimal with a comma]",
    ),
    Mutation(
        "a number and a text that look alike count as one value, where texts have a decimal comma",
        "core/framing/rows.py",
        "odd.append(rows_of(pc.and_(pc.xor(numbers, theirs), column.is_valid())))",
        "pass",
        "tests/unit/test_whole_columns.py::test_whole_json_columns_read_like_single_records[double with a comma]",
    ),
    Mutation(
        "two objects on one line count as two records",
        "core/framing/quick_scan.py",
        "list(map(bytes, texts)) != lines or ",
        "",
        "tests/unit/test_quick_framing.py::test_both_framers_agree_on_each_shape"
        "[two objects on a line, and one without a comma on two]",
    ),
    Mutation(
        "a list of another shape is read as no list in the whole-column reader",
        "core/framing/quick_table.py",
        "[*self._odd, rows_of(pc.and_(self.open, self.wrong))]",
        "self._odd",
        "tests/unit/test_quick_framing.py::test_both_framers_agree_on_every_value_under_every_key[films]",
    ),
    Mutation(
        "a record that is too deep is taken as it is",
        "core/framing/quick_scan.py",
        "> MAX_DEPTH and",
        "> 10**9 and",
        "tests/unit/test_quick_framing.py::test_both_framers_agree_on_each_shape[a record that is too deep]",
    ),
    Mutation(
        "the accept lane takes a value at a bound that it breaks",
        "core/rules.py",
        "compare = pc.greater_equal if is_least else pc.less_equal",
        "compare = pc.greater_equal if is_least else pc.less",
        "tests/unit/test_accept_lane.py::test_values_up_to_the_edge_of_a_rule_are_accepted_and_values_beyond_are_left",
    ),
    Mutation(
        "the accept lane takes one of two records with one key",
        "core/accept_lane.py",
        "pc.or_(pa.concat_arrays([none, equal]), pa.concat_arrays([equal, none]))",
        "pa.concat_arrays([none, equal])",
        "tests/unit/test_accept_lane.py::test_all_records_that_share_a_key_in_a_partition_are_left",
    ),
    Mutation(
        "the accept lane takes a record in which framing found a problem",
        "core/accept_lane.py",
        'framed.column("problem").combine_chunks().is_null()',
        "yes",
        "tests/unit/test_accept_lane.py::test_records_with_framing_problems_or_undecodable_values_are_left",
    ),
    Mutation(
        "the accept lane reads whole numbers leniently",
        "types/integer.py",
        'r"\\A(?:0|-?[1-9][0-9]{0,8})\\z"',
        'r"-?[0-9]{1,9}"',
        "tests/unit/test_accept_lane.py::test_a_text_is_decoded_to_its_value_or_to_nothing",
    ),
)


def try_out(mutation: Mutation) -> Outcome:
    """Make the change in a copy of the package and run its test on that."""
    with tempfile.TemporaryDirectory(prefix="trustedlake-mutation-") as folder:
        copy = Path(folder) / PACKAGE.name
        shutil.copytree(PACKAGE, copy, ignore=shutil.ignore_patterns("__pycache__"))
        file = copy / mutation.file
        file.write_text(mutated(file.read_text(encoding="utf-8"), mutation), encoding="utf-8")
        command = [sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", mutation.test]
        environ = dict(os.environ) | {"PYTHONPATH": folder, "PYTHONDONTWRITEBYTECODE": "1"}  # noqa: TID251 - handed to a child
        done = subprocess.run(command, cwd=REPO, env=environ, capture_output=True, timeout=LONGEST_S, check=False)
    return {0: Outcome.SURVIVED, 1: Outcome.CAUGHT}.get(done.returncode, Outcome.BROKEN)


def mutated(text: str, mutation: Mutation) -> str:
    """The text with the change. Raises ValueError unless the old text occurs in it exactly once."""
    if text.count(mutation.old) != 1:
        raise ValueError(f"{mutation.file}: the text to change occurs {text.count(mutation.old)} times, not once")
    return text.replace(mutation.old, mutation.new)


def page() -> str:
    """The list, in Markdown."""
    rows = "\n".join(f"| {one.what} | `{one.file}` | `{one.test}` |" for one in MUTATIONS)
    return f"{_INTRO}| what is done wrong | in | caught by |\n|---|---|---|\n{rows}\n"


@click.command()
@click.option("--write", is_flag=True, help=f"Write {PAGE.relative_to(REPO)} instead.")
def main(*, write: bool) -> None:
    """Make each mutation and run its test; exit 1 if one is not caught."""
    if write:
        PAGE.write_text(page(), encoding="utf-8")
        return
    outcomes = []
    for mutation in MUTATIONS:
        outcomes.append(try_out(mutation))
        click.echo(f"{outcomes[-1]:<10}  {mutation.what}  ({mutation.test})")
    caught = outcomes.count(Outcome.CAUGHT)
    click.echo(f"{caught} of {len(MUTATIONS)} caught")
    sys.exit(caught != len(MUTATIONS))


if __name__ == "__main__":
    main()
