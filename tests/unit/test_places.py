"""Where a lake lies, from what the user said."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from trustedlake.entrypoints.places import Place, entities, resolve, table_paths
from trustedlake.errors import ConfigError, InputError
from trustedlake.models.lake import Entity, Source

if TYPE_CHECKING:
    from pathlib import Path


def test_the_usual_lake(tmp_path: Path) -> None:
    paths = table_paths(resolve(Place(lake=str(tmp_path)), "unused"), Source.TMDB, Entity.MOVIES)
    assert paths.inputs == ("Raw/TMDB/JSON/Movies",)
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
def test_the_lake_is_what_precedes_trusted_in_the_target_in_any_case(
    tmp_path: Path, target: str, quarantine: str
) -> None:
    (tmp_path / "RAW").mkdir()
    roots = resolve(Place(inputs=(str(tmp_path / "RAW"),), target=str(tmp_path / target)), "unused")
    paths = table_paths(roots, Source.TMDB, Entity.MOVIES)
    assert roots.root == tmp_path
    assert (paths.lake, paths.inputs, paths.trusted, paths.quarantine) == ("", ("RAW",), target, quarantine)


def test_an_input_outside_of_the_lake_widens_the_store_and_nothing_else(tmp_path: Path) -> None:
    (tmp_path / "lake").mkdir()
    (tmp_path / "drop").mkdir()
    roots = resolve(Place(lake=str(tmp_path / "lake"), inputs=(str(tmp_path / "drop"),)), "unused")
    paths = table_paths(roots, Source.TMDB, Entity.MOVIES)
    assert roots.root == tmp_path
    assert paths.inputs == ("drop",)
    assert paths.trusted == "lake/Trusted/TMDB/Parquet/Movies"
    assert paths.state == "lake/_trustedlake"


def test_a_target_that_does_not_say_where_the_lake_is_needs_lake(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="does not say where the lake is"):
        resolve(Place(target=str(tmp_path / "out")), "unused")


def test_no_such_lake(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no such lake") as caught:
        resolve(Place(lake=str(tmp_path / "missing")), "unused")
    assert "--lake" in caught.value.hint


def test_no_such_input(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no such input"):
        resolve(Place(lake=str(tmp_path), inputs=(str(tmp_path / "missing"),)), "unused")


def test_a_bucket_is_refused_clearly() -> None:
    with pytest.raises(ConfigError, match="only folders"):
        resolve(Place(lake="s3://bucket/lake"), "unused")


def test_entities_are_those_whose_folder_exists(tmp_path: Path) -> None:
    (tmp_path / "Raw/TMDB/JSON/Series").mkdir(parents=True)
    roots = resolve(Place(lake=str(tmp_path)), "unused")
    assert entities(roots, Source.TMDB, None) == [Entity.SERIES]
    assert entities(roots, Source.TMDB, "movies") == [Entity.MOVIES]
    with pytest.raises(InputError, match="nothing to read"):
        entities(roots, Source.CSV, None)


def test_folders_without_an_entity_are_a_wrong_call(tmp_path: Path) -> None:
    roots = resolve(Place(lake=str(tmp_path), inputs=(str(tmp_path),)), "unused")
    with pytest.raises(ConfigError, match="it is not said which") as caught:
        entities(roots, Source.TMDB, None)
    assert "--entity" in caught.value.hint
