"""The entity as named by folders, if the call doesn't name it."""

from __future__ import annotations

import pytest

from trustedlake.entrypoints.library import named_entity

CASES = [
    ((), None, None),
    (("./lake/Raw/TMDB/JSON/Movies",), None, "movies"),
    (("/raw/Crime", "/raw/War"), "/lake/Trusted/TMDB/Parquet/Series/", "series"),
    (("/raw/Movies",), "/lake/Series", None),
    (("s3://movies/raw/Series/",), None, "series"),
    (("s3a://Movies/raw",), "s3://series/trusted", None),
    (("s3://movies",), "s3://lake/Trusted/Movies", "movies"),
    (("movies/raw",), None, "movies"),
]


@pytest.mark.parametrize(("inputs", "target", "entity"), CASES)
def test_folder_names_give_the_entity_and_bucket_names_do_not(
    inputs: tuple[str, ...], target: str | None, entity: str | None
) -> None:
    assert named_entity(inputs, target) == entity
