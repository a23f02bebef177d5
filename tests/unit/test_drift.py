"""Drift is reported, not swallowed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from trustedlake.app.trusted.column_drift import CASES, SeenColumns, drift, find_gone, gone_sentences, missing_columns
from trustedlake.core.facts import FileFacts
from trustedlake.core.renames import Before
from trustedlake.models.built_in import CONTRACTS
from trustedlake.models.ledger import Ledger, Partition, RawFile

if TYPE_CHECKING:
    from collections.abc import Collection

    from trustedlake.models.column import Column

MOVIES = CONTRACTS["tmdb_movies"]
NONE = SeenColumns(Ledger(table="tmdb_movies"))


def sentences(*files: FileFacts, seen: SeenColumns = NONE, accepted: Collection[str] = ()) -> list[str]:
    """What a run says about the columns that these files lack."""
    gone = find_gone(files, MOVIES, seen.columns, lambda *_: Before())
    return gone_sentences(((one, seen, accepted) for one in gone), MOVIES)


def facts(path: str = "a.json", records: int = 10, **more: Any) -> FileFacts:
    return FileFacts(path=path, size=1, sha256="", shape="array", records=records, **more)


def test_counts_add_up_over_files_and_zeros_are_left_out() -> None:
    told = drift(
        [
            facts(
                absent={"runtime": 10, "title": 0},
                null={"runtime": 0},
                unknown={"adult": 10},
                samples={"adult": "false"},
            ),
            facts("b.json", absent={"runtime": 2}, empty={"imdb_id": 3}, unknown={"adult": 1, "video": 4}),
            facts("c.json", records=0, problem="no records", unframed=5, absent={"runtime": 5}, unknown={"genre": 5}),
        ]
    )
    assert told.absent == {"runtime": 12}
    assert told.null == {}
    assert told.empty == {"imdb_id": 3}
    assert told.unknown == {"adult": 11, "video": 4}
    assert told.samples == {"adult": "false"}


def test_files_with_many_different_keys_are_not_all_searched_for_renamed_keys() -> None:
    asked: list[str] = []

    def before(column: Column, _: object) -> Before:
        asked.append(column.name)
        return Before()

    examples = [{"key": ["1"], "texts": {"x": "1"}}]
    files = [
        facts(f"{n}.json", absent={"runtime": 10}, unknown={"x": 10, f"x{n}": 1}, examples=examples) for n in range(99)
    ]
    gone = find_gone(files, MOVIES, {"runtime"}, before)
    assert len(gone) == len(files)
    assert len(asked) == CASES


def test_a_renamed_key_is_a_warning_instead_of_a_column_full_of_nulls() -> None:
    file = facts(absent={"vote_average": 10}, unknown={"voteAverage": 10})
    assert sentences(file) == ["column vote_average is absent from every record of a.json; unknown there: voteAverage"]
    assert sentences(file, accepted={"drift-vote_average"}) == []


def test_a_column_present_in_some_records_is_no_warning() -> None:
    assert missing_columns(facts(absent={"title": 9}), MOVIES, seen=[]) == ([], [])


def test_a_missing_optional_column_is_a_warning_once_it_was_published() -> None:
    file = facts(absent={"runtime": 10})
    assert missing_columns(file, MOVIES, seen=[]) == ([], ["runtime"])
    assert missing_columns(file, MOVIES, seen=["runtime"]) == (["runtime"], [])


def test_a_file_without_records_gives_no_warning_about_columns() -> None:
    assert missing_columns(facts(records=0, absent={"title": 0}), MOVIES, seen=[]) == ([], [])


def test_records_with_only_the_ten_source_fields_give_no_warning() -> None:
    others = {column.name: 10 for column in MOVIES.columns if not column.expected}
    assert sentences(facts(absent=others)) == []
    assert len(MOVIES.columns) - len(others) == 10


def test_a_file_judged_again_is_not_compared_with_columns_of_other_files() -> None:
    known = RawFile(path="lean.json", size=1, sha256="", tag="", records=10)
    seen = SeenColumns(
        Ledger(table="tmdb_movies", partitions={"": Partition(contract=1, raw=(known,), columns=("runtime",))})
    )
    absent = {"runtime": 10, "vote_average": 10}
    files = [facts(name, absent=absent) for name in ("lean.json", "new.json")]
    assert sentences(*files, seen=seen) == [
        "column vote_average is absent from every record of lean.json and 1 more",
        "column runtime is absent from every record of new.json",
    ]
