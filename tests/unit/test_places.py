"""Where a lake is, from what the user gave."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from trustedlake.entrypoints.lake.address import Place, Roots, require_lake, resolve, table_paths
from trustedlake.entrypoints.lake.bucket_address import BucketFolder
from trustedlake.entrypoints.library import to_trusted
from trustedlake.errors import ConfigError, InputError
from trustedlake.models.built_in import CONTRACTS
from trustedlake.terminal import quoted


def test_a_lake_has_its_default_folders(tmp_path: Path) -> None:
    paths = table_paths(resolve(Place(lake=str(tmp_path)), "unused"), CONTRACTS["tmdb_movies"])
    assert paths.inputs == ("Raw/TMDB/JSON",)
    assert paths.trusted == "Trusted/TMDB/Parquet/Movies"
    assert paths.ledger == "_trustedlake/ledger/tmdb_movies.json"


@pytest.mark.parametrize(
    ("target", "quarantine"),
    [
        ("Trusted/tmdb/movies", "Quarantine/tmdb/movies"),
        ("trusted/tmdb", "quarantine/tmdb"),
        ("TRUSTED/x", "QUARANTINE/x"),
    ],
)
def test_the_lake_is_the_folder_above_trusted_in_the_target_in_any_case(
    tmp_path: Path, target: str, quarantine: str
) -> None:
    (tmp_path / "RAW").mkdir()
    roots = resolve(Place(inputs=(str(tmp_path / "RAW"),), target=str(tmp_path / target)), "unused")
    paths = table_paths(roots, CONTRACTS["tmdb_movies"])
    assert roots.root == tmp_path
    assert (paths.lake, paths.inputs, paths.trusted, paths.quarantine) == ("", ("RAW",), target, quarantine)


def test_an_input_outside_the_lake_widens_only_the_store(tmp_path: Path) -> None:
    (tmp_path / "lake").mkdir()
    (tmp_path / "drop").mkdir()
    roots = resolve(Place(lake=str(tmp_path / "lake"), inputs=(str(tmp_path / "drop"),)), "unused")
    paths = table_paths(roots, CONTRACTS["tmdb_movies"])
    assert roots.root == tmp_path
    assert paths.inputs == ("drop",)
    assert paths.trusted == "lake/Trusted/TMDB/Parquet/Movies"
    assert paths.state == "lake/_trustedlake"


def test_a_target_that_does_not_show_the_lake_needs_the_lake_option(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="does not say where the lake is"):
        resolve(Place(target=str(tmp_path / "out")), "unused")


def test_a_missing_lake_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no such lake") as caught:
        resolve(Place(lake=str(tmp_path / "missing")), "unused")
    assert "--lake" in caught.value.hint


def test_a_missing_input_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no such input"):
        resolve(Place(lake=str(tmp_path), inputs=(str(tmp_path / "missing"),)), "unused")


@pytest.mark.parametrize("given", ["s3://bucket/my lake", "s3a://bucket/my lake/", "S3://bucket//my lake"])
def test_a_lake_may_be_a_folder_of_a_bucket(given: str) -> None:
    roots = resolve(Place(lake=given), "unused")
    assert roots == Roots(BucketFolder("bucket", "my lake"))
    assert str(roots.root) == "s3://bucket/my lake"
    assert table_paths(roots, CONTRACTS["tmdb_movies"]).inputs == ("Raw/TMDB/JSON",)


def test_a_lake_may_be_a_whole_bucket() -> None:
    assert resolve(Place(), "s3://bucket") == Roots(BucketFolder("bucket", ""))


def test_lake_inputs_and_target_may_be_folders_of_one_bucket() -> None:
    roots = resolve(Place("s3://b/lake", ("s3://b/drop/movies", "s3a://b/drop"), "s3://b/lake/trusted/m"), "unused")
    assert roots == Roots(BucketFolder("b"), "lake", ("drop/movies", "drop"), "lake/trusted/m")
    paths = table_paths(roots, CONTRACTS["tmdb_movies"])
    assert (paths.quarantine, paths.state) == ("lake/quarantine/m", "lake/_trustedlake")
    roots = resolve(Place(None, ("s3://b/a/RAW",), "s3://b/a/Trusted/tmdb/movies"), "unused")
    assert roots == Roots(BucketFolder("b", "a"), "", ("RAW",), "Trusted/tmdb/movies")


def test_keys_in_a_bucket_are_taken_literally() -> None:
    literal = ("s3://b/lake//Raw", "s3://b/lake/../Raw", "s3://b/lake/a@b +%20=é")
    roots = resolve(Place("s3://b/lake", literal), "unused")
    assert roots == Roots(BucketFolder("b", "lake"), "", ("/Raw", "../Raw", "a@b +%20=é"))
    assert [str(roots.root / key) for key in roots.inputs] == list(literal)


def test_a_bucket_named_like_a_zone_is_not_taken_for_one() -> None:
    with pytest.raises(ConfigError, match="does not say where the lake is"):
        resolve(Place(target="s3://trusted/movies"), "unused")


def test_neighbouring_folders_with_a_common_prefix_share_the_folder_above() -> None:
    assert resolve(Place("s3://b/x/lake", ("s3://b/x/lake2",)), "unused") == Roots(
        BucketFolder("b", "x"), "lake", ("lake2",)
    )


@pytest.mark.parametrize(
    ("place", "says"),
    [
        (Place("s3://a/lake", ("s3://b/raw",)), "a and b are 2 buckets"),
        (Place("s3://a/lake", ("raw",)), "s3://a/lake is in a bucket"),
        (Place("gs://a/lake"), "gs://a/lake is not an address of a bucket"),
        (Place("s3:///lake"), "not an address of a bucket"),
        (Place("https://user:secret@host/lake"), "https://host/lake is not an address of a bucket"),
        (Place("s3://AKIA:secret@bucket/lake"), "s3://bucket/lake is not an address of a bucket"),
        (Place("s3://AKIA:half/of-a-secret@bucket/lake"), "s3://bucket/lake is not an address of a bucket"),
        (Place("s3://my bucket/lake"), "s3://my bucket/lake is not an address of a bucket"),
    ],
)
def test_places_that_no_store_can_hold_are_refused(place: Place, says: str) -> None:
    with pytest.raises(ConfigError, match=says) as caught:
        resolve(place, "unused")
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize(
    ("asked", "meant"),
    [
        ("lake/Raw", "lake"),
        ("lake/Raw/TMDB/JSON/Movies", "lake"),
        ("lake/trusted", "lake"),
        ("lake/_trustedlake", "lake"),
        (".", "lake"),
        ("small", "small/my films"),
        ("small/my films/raw", "small/my films"),
        ("lake", None),
        ("two", None),
        ("two/a", None),
        ("empty", None),
        ("lake/Raw/own lake", None),
    ],
)
def test_the_error_for_a_folder_inside_a_lake_names_the_lake(tmp_path: Path, asked: str, meant: str | None) -> None:
    for folder in (
        "lake/Raw/TMDB/JSON/Movies",
        "lake/trusted",
        "lake/_trustedlake",
        "small/my films/raw",
        "two/a/Raw",
        "two/b/_trustedlake",
        "empty",
        "lake/Raw/own lake/Raw",
    ):
        (tmp_path / folder).mkdir(parents=True)
    place = Place(lake=str(tmp_path / asked))
    if meant is None:
        assert resolve(place, "unused").root == tmp_path / asked
        return
    with pytest.raises(InputError) as refused:
        resolve(place, "unused")
    assert refused.value.hint == f"name the lake itself: --lake {quoted(tmp_path / meant)}"


def test_a_new_lake_may_lie_beside_others_but_not_in_one(tmp_path: Path) -> None:
    (tmp_path / "lake" / "Raw").mkdir(parents=True)
    require_lake(tmp_path, new=True)
    require_lake(tmp_path / "new", new=True)
    with pytest.raises(InputError, match="is inside a lake"):
        require_lake(tmp_path / "lake" / "Raw", new=True)


@pytest.mark.parametrize("asked", ["s3://bucket/lake/Raw", "s3a://bucket/lake/Quarantine"])
def test_a_zone_in_a_bucket_names_the_lake(asked: str) -> None:
    with pytest.raises(InputError) as refused:
        resolve(Place(lake=asked), "unused")
    assert refused.value.hint == "name the lake itself: --lake s3://bucket/lake"


@pytest.mark.parametrize("given", [Path("s3://bucket/lake"), "s3a:/bucket", "s3n:/b/c"])
def test_an_s3_address_with_one_slash_is_refused(given: Path | str) -> None:
    with pytest.raises(ConfigError, match="with one slash"):
        resolve(Place(lake=str(given)), "unused")


def test_the_library_accepts_path_objects(tmp_path: Path) -> None:
    spark: Any = None
    for folders in ({"lake": tmp_path / "none"}, {"lake": tmp_path, "input": [tmp_path / "none"], "entity": "movies"}):
        with pytest.raises(InputError, match="none is not a folder"):
            to_trusted(spark, source="tmdb", **folders)
