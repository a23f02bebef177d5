"""Which raw files a run takes, and what it says of the others."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.lakes import MOVIES, job_on, store_of
from trustedlake.app.trusted.listing import Listing, list_raw
from trustedlake.errors import InputError
from trustedlake.models.lake import Entity, Source

CSV = "Raw/Local/CSV/Movies"


def listing_of(objects: dict[str, str], **options: Any) -> Listing:
    job = job_on(store_of(objects), **options)
    return list_raw(job.store, job.paths, job.contract)


def paths_of(listing: Listing) -> list[str]:
    return [listed.file.path for listed in listing.files]


def test_files_that_spark_skips_in_silence_are_named() -> None:
    listing = listing_of(
        {
            f"{MOVIES}/2025/06/17/filmes_001.json": "[]",
            f"{MOVIES}/2025/06/17/_draft.json": "[]",
            f"{MOVIES}/2025/06/17/.hidden.json": "[]",
            f"{MOVIES}/_backup/2025/06/17/a.json": "[]",
        }
    )
    assert paths_of(listing) == [f"{MOVIES}/2025/06/17/filmes_001.json"]
    assert listing.ignored == (
        f"{MOVIES}/2025/06/17/.hidden.json",
        f"{MOVIES}/2025/06/17/_draft.json",
        f"{MOVIES}/_backup/2025/06/17/a.json",
    )


def test_zero_files_is_never_success() -> None:
    with pytest.raises(InputError, match="no raw file of tmdb_movies") as caught:
        listing_of({f"{MOVIES}-other/2025/06/17/a.json": "[]"})
    assert "--input" in caught.value.hint


def test_only_hidden_files_is_zero_files() -> None:
    with pytest.raises(InputError, match=r"all 1 begin with '_' or '\.'"):
        listing_of({f"{MOVIES}/2025/06/17/_a.json": "[]"})


def test_a_film_file_without_a_date_in_its_path_is_named() -> None:
    with pytest.raises(InputError, match=r"no ingestion date in their path: Raw/TMDB/JSON/Movies/filmes_001.json"):
        listing_of({f"{MOVIES}/filmes_001.json": "[]", f"{MOVIES}/2025/06/17/b.json": "[]"})


def test_the_ingestion_date_is_the_folders_not_the_films_year() -> None:
    listing = listing_of({f"{MOVIES}/2025/1/20/1894/film.json": "{}"})
    assert [listed.partition for listed in listing.files] == ["ano=2025/mes=01/dia=20"]


def test_theme_folders_are_given_together_and_sorted_by_bytes() -> None:
    folders = ["Raw/TMDB/JSON/War_Movies", "Raw/TMDB/JSON/Crime_Movies"]
    listing = listing_of({f"{folder}/2025/06/17/é.json": "[]" for folder in folders}, inputs=folders)
    assert paths_of(listing) == [
        "Raw/TMDB/JSON/Crime_Movies/2025/06/17/é.json",
        "Raw/TMDB/JSON/War_Movies/2025/06/17/é.json",
    ]


def test_overlapping_inputs_do_not_double_a_file() -> None:
    folders = [MOVIES, f"{MOVIES}/2025"]
    assert len(listing_of({f"{MOVIES}/2025/06/17/a.json": "[]"}, inputs=folders).files) == 1


class TestCsv:
    def listed(self, *names: str) -> Listing:
        return listing_of({f"{CSV}/{name}": "id|x" for name in names}, source=Source.CSV, entity=Entity.MOVIES)

    def test_the_same_name_under_a_later_date_replaces_the_earlier_one(self) -> None:
        listing = self.listed("2025/05/15/movies.csv", "2025/06/01/movies.csv")
        assert paths_of(listing) == [f"{CSV}/2025/06/01/movies.csv"]
        assert listing.superseded == {f"{CSV}/2025/05/15/movies.csv": f"{CSV}/2025/06/01/movies.csv"}

    def test_other_names_add_to_the_table(self) -> None:
        listing = self.listed("2025/05/15/movies.csv", "2025/06/01/movies_b.csv", "undated.csv")
        assert len(listing.files) == 3
        assert listing.superseded == {}

    def test_the_whole_table_is_one_partition(self) -> None:
        assert {one.partition for one in self.listed("2025/05/15/a.csv", "2025/06/01/b.csv").files} == {""}
