"""How a bucket is reached, and which choices exclude each other."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from trustedlake.entrypoints.lake.bucket_address import BucketFolder
from trustedlake.entrypoints.lake.open_store import choose_storage
from trustedlake.errors import ConfigError

if TYPE_CHECKING:
    from trustedlake.entrypoints.lake.address import Folder
    from trustedlake.models.choices import EngineName, StorageName

BUCKET = BucketFolder("films", "lake")
FOLDER = Path("/lake")
CLUSTER = "spark://master:7077"


@pytest.mark.parametrize(
    ("asked", "root", "engine", "master", "way", "why"),
    [
        ("auto", BUCKET, "auto", None, "staged", ""),
        ("auto", BUCKET, "auto", "local[*]", "staged", ""),
        ("auto", BUCKET, "auto", CLUSTER, "direct", "since it runs on spark://master:7077"),
        ("auto", BUCKET, "spark", "yarn", "direct", "since it runs on yarn"),
        ("auto", BUCKET, "sail", "yarn", "staged", ""),
        ("staged", BUCKET, "sail", "yarn", "staged", ""),
        ("staged", BUCKET, "auto", "local[2]", "staged", ""),
        ("direct", BUCKET, "auto", None, "direct", "the bucket itself"),
        ("direct", BUCKET, "spark", "local[2]", "direct", "the bucket itself"),
        ("direct", BUCKET, "auto", "k8s://https://api", "direct", "the bucket itself"),
        ("auto", FOLDER, "auto", None, "staged", ""),
        ("staged", FOLDER, "auto", "local", "staged", ""),
        ("auto", FOLDER, "sail", CLUSTER, "staged", ""),
    ],
)
def test_the_storage_is_chosen_by_option_address_and_engine(
    *, asked: StorageName, root: Folder, engine: EngineName, master: str | None, way: str, why: str
) -> None:
    chosen, reason = choose_storage(asked, root, engine=engine, master=master)
    assert chosen == way
    assert why in reason
    assert bool(why) == bool(reason)


@pytest.mark.parametrize(
    ("asked", "root", "engine", "master", "says", "hint"),
    [
        ("direct", FOLDER, "auto", None, "is for a lake in a bucket", "s3://bucket/prefix"),
        ("direct", BUCKET, "sail", None, "--engine is sail", "leave one"),
        ("auto", FOLDER, "auto", CLUSTER, "the executors of spark://master:7077 can't see", "--lake s3://"),
        ("staged", FOLDER, "spark", "yarn", "the executors of yarn can't see", "--lake s3://"),
        ("staged", BUCKET, "auto", CLUSTER, "on this machine", "leave --storage out"),
    ],
)
def test_impossible_combinations_of_storage_and_engine_are_refused(
    *, asked: StorageName, root: Folder, engine: EngineName, master: str | None, says: str, hint: str
) -> None:
    with pytest.raises(ConfigError) as caught:
        choose_storage(asked, root, engine=engine, master=master)
    assert says in caught.value.message
    assert hint in caught.value.hint
