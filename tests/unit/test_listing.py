"""Which raw files a run reads, and what it says about the others."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.lakes import MOVIES, job_on, store_of
from trustedlake.app.trusted.listing import Listing, around, list_raw
from trustedlake.errors import InputError

CSV = "Raw/Local/CSV/Movies"


def listing_of(objects: dict[str, str], **options: Any) -> Listing:
    job = job_on(store_of(objects), **options)
    return list_raw(job.store, job.paths, job.raw_files)


def paths_of(listing: Listing) -> list[str]:
    return [listed.file.path for listed in listing.files]


def test_files_that_spark_skips_silently_are_named() -> None:
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


NEVER_DATA = [
    "_a.json",
    ".a.json",
    "a.json~",
    "a.json.bak",
    "A.JSON.BAK",
    "a.tmp",
    "#a.json#",
    "Thumbs.db",
    "thumbs.DB",
    "desktop.ini",
    "Desktop.ini",
    "a.json:Zone.Identifier",
    "a_$folder$",
    "old.bak/a.json",
    "old~/2025/06/18/a.json",
    "folder/",
]
DATA = [
    "a.json",
    "a.json.gz",
    "a_b.json",
    "bak.json",
    "a.bak.json",
    "#a.json",
    "$folder$.json",
    "Thumbs.db.json",
    "~a.json",
]


@pytest.mark.parametrize("name", NEVER_DATA)
def test_ignored_files_are_left_out_and_named(name: str) -> None:
    good, other = f"{MOVIES}/2025/06/17/filmes_001.json", f"{MOVIES}/2025/06/17/{name}"
    listing = listing_of({good: "[]", other: "[]"})
    assert paths_of(listing) == [good]
    assert listing.ignored == (other,)


@pytest.mark.parametrize("name", DATA)
def test_names_similar_to_ignored_ones_are_data(name: str) -> None:
    path = f"{MOVIES}/2025/06/17/{name}"
    listing = listing_of({path: "[]"})
    assert (paths_of(listing), listing.ignored) == ([path], ())


def test_a_folder_above_the_input_may_have_any_name() -> None:
    folder = "_in.bak/.x"
    assert len(listing_of({f"{folder}/2025/06/17/a.json": "[]"}, inputs=[folder]).files) == 1


def test_zero_files_is_never_success() -> None:
    with pytest.raises(InputError, match="no raw file of tmdb_movies") as caught:
        listing_of({"Bruto/TMDB/Movies/2025/06/17/a.json": "[]"})
    assert "--input" in caught.value.hint


def test_the_error_for_zero_files_names_files_in_a_neighbouring_folder() -> None:
    with pytest.raises(
        InputError, match=r"no table takes the 1 file.* there or beside it .Raw/TMDB/XML/Movies"
    ) as caught:
        listing_of({"Raw/TMDB/XML/Movies/2025/06/17/a.json": "[]"})
    assert "contract init --from Raw/TMDB/XML/Movies/2025/06/17/a.json" in caught.value.hint


def test_a_folder_with_only_hidden_files_counts_as_empty() -> None:
    with pytest.raises(InputError, match=r"the names of all 1 are ignored"):
        listing_of({f"{MOVIES}/2025/06/17/_a.json": "[]"})


def test_a_film_file_without_a_date_in_its_path_is_named() -> None:
    with pytest.raises(InputError, match=r"1 raw file.*\{ano:04d\}/\{mes:02d\}/\{dia:02d\}: Raw/.*/filmes_001.json"):
        listing_of({f"{MOVIES}/filmes_001.json": "[]", f"{MOVIES}/2025/06/17/b.json": "[]"})


def test_the_ingestion_date_comes_from_the_folders_not_from_the_year_of_the_film() -> None:
    listing = listing_of({f"{MOVIES}/2025/1/20/1894/film.json": "{}"})
    assert [listed.partition for listed in listing.files] == ["ano=2025/mes=01/dia=20"]


def test_theme_folders_are_read_but_not_the_folder_of_another_table() -> None:
    theme, course = "Raw/TMDB/JSON/War_Movies/2025/06/17/a.json", "Raw/TMDB/JSON/2025/06/17/b.json"
    series = "Raw/TMDB/JSON/Series/2025/06/17/c.json"
    listing = listing_of(dict.fromkeys((theme, course, series), "[]"))
    assert paths_of(listing) == [course, theme]
    assert listing.untaken == ()


def test_files_that_no_table_takes_are_named() -> None:
    people = f"{MOVIES.replace('Movies', 'people')}/a.json"
    listing = listing_of({f"{MOVIES}/2025/06/17/a.json": "[]", people: "[]"})
    assert listing.untaken == (people,)


AROUND = [
    ("tmdb_movies", "Raw/TMDB/XML/2025/06/17/a.xml", True),
    ("tmdb_movies", "Raw/TMDB/JSON-2026/a/b/c.json", True),
    ("tmdb_movies", "Raw/TMDB/_XML/a.xml", False),
    ("tmdb_movies", "Raw/TMDB/XML.bak/a.xml", False),
    ("tmdb_movies", "Raw/TMDB/XML/2025/.hidden/a.xml", False),
    ("tmdb_movies", "Raw/TMDB/notes.txt", True),
    ("tmdb_movies", "Raw/TMDB/Thumbs.db", False),
    ("tmdb_movies", "Raw/notes.txt", True),
    ("tmdb_movies", "Raw/.DS_Store", False),
    ("tmdb_movies", "Raw/Sensors/a.csv", False),
    ("tmdb_movies", "Raw/Local/notes.txt", False),
    ("tmdb_movies", "notes.txt", False),
    ("tmdb_movies", "Trusted/TMDB/XML/a.xml", False),
    ("local_movies", "Raw/Local/CSV/Series/2025/06/17/series.csv", False),
    ("local_movies", "Raw/Local/CSV/People/2025/06/17/people.csv", True),
    ("local_movies", "Raw/Local/CSV/movies.csv", True),
    ("local_movies", "Raw/Local/movies.csv", True),
    ("local_movies", "raw/local/csv/People/people.csv", False),
    ("local_movies", "Raw/Local/TSV/a.tsv", False),
]
OWN = {"tmdb_movies": f"{MOVIES}/2025/06/17/a.json", "local_movies": f"{CSV}/2025/06/17/movies.csv"}


@pytest.mark.parametrize(("table", "path", "is_told"), AROUND)
def test_a_run_names_what_no_table_takes_around_its_folders(table: str, path: str, *, is_told: bool) -> None:
    """Only `status` and other commands about the whole lake name files deeper in folders of other tables."""
    job = job_on(store_of({OWN[table]: "[]", path: "[]"}), table=table)
    assert paths_of(list_raw(job.store, job.paths, job.raw_files)) == [OWN[table]]
    assert around(job.store, [(job.paths, job.raw_files)]) == ([path] if is_told else [])


def test_with_an_explicit_input_nothing_around_it_is_named() -> None:
    there = {"Raw/TMDB/JSON/2025/06/17/a.json": "[]", "Raw/TMDB/XML/a.xml": "", "Raw/a.xml": ""}
    job = job_on(store_of(there), inputs=["Raw/TMDB/JSON"])
    assert around(job.store, [(job.paths, job.raw_files)]) == []


def test_several_theme_folders_are_listed_together_sorted_by_bytes() -> None:
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
        return listing_of({f"{CSV}/{name}": "id|x" for name in names}, table="local_movies")

    def test_every_csv_delivery_counts_whatever_its_name(self) -> None:
        names = ["2025/05/15/movies.csv", "2025/06/01/movies.csv", "2025/06/01/movies_b.csv", "movies.csv"]
        assert paths_of(self.listed(*names)) == [f"{CSV}/{name}" for name in names]

    def test_a_csv_table_is_one_partition(self) -> None:
        assert {one.partition for one in self.listed("2025/05/15/a.csv", "2025/06/01/b.csv").files} == {""}
