"""How a bucket is reached: `staged` by this machine, or `direct` by Spark itself."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Literal

from trustedlake.errors import ConfigError

if TYPE_CHECKING:
    from trustedlake.entrypoints.engines import EngineName
    from trustedlake.entrypoints.places import Folder

StorageName = Literal["auto", "staged", "direct"]

_DIRECT = "reading and writing the bucket itself"


def choose_storage(
    asked: StorageName, root: Folder, *, engine: EngineName, master: str | None
) -> tuple[Literal["staged", "direct"], str]:
    """The way to this lake, and why it is that one; `master` is spark-submit's, None where it started nothing.

    Raises:
        ConfigError: what was asked for can't be had together.
    """
    cluster = master is not None and not master.startswith("local") and engine != "sail"
    if isinstance(root, Path):
        return _folder(asked, root, cluster=master if cluster else None)
    if asked == "staged" and cluster:
        raise ConfigError(
            f"--storage staged keeps what Spark reads on this machine, where the executors of {master} can't see it",
            hint="leave --storage out, or run on --master 'local[*]'",
        )
    if asked == "direct" and engine == "sail":
        raise ConfigError(
            "--storage direct means that Spark reads and writes the bucket, and --engine says sail",
            hint="leave one of the two out",
        )
    if asked == "direct":
        return "direct", _DIRECT
    if cluster:
        return "direct", f"{_DIRECT}, since it runs on {master}"
    return "staged", ""


def _folder(asked: StorageName, root: Path, *, cluster: str | None) -> tuple[Literal["staged"], str]:
    if asked == "direct":
        raise ConfigError(
            f"--storage direct is for a lake in a bucket, and {root} is a folder",
            hint="leave --storage out, or name the lake s3://bucket/prefix",
        )
    if cluster is not None:
        raise ConfigError(
            f"the lake {root} is a folder of this machine, which the executors of {cluster} can't see",
            hint="name a lake in a bucket with --lake s3://bucket/prefix, or run on --master 'local[*]'",
        )
    return "staged", ""
