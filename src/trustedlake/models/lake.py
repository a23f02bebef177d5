"""Where things lie in a lake: tables, zones and state, as keys relative to the lake."""

from __future__ import annotations

from enum import StrEnum

from pydantic import BaseModel, ConfigDict

STATE = "_trustedlake"
"""Folder of the lake's state; engines that list Trusted never see it."""

WHOLE_TABLE = ""
"""Name of the only partition of a table that is not partitioned."""


_NO_NAMES = {"", ".", ".."}


class Source(StrEnum):
    """Where raw records come from."""

    TMDB = "tmdb"
    CSV = "csv"


class Entity(StrEnum):
    """What a record is about."""

    MOVIES = "movies"
    SERIES = "series"


class TablePaths(BaseModel):
    """The folders of one table, as keys relative to the store's root, without a slash at either end.

    Attributes:
        lake: the lake's folder; empty when the store is rooted at the lake.
        inputs: folders that the raw files are taken from.
        trusted, quarantine: folders of the published Parquet.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    table: str
    lake: str
    inputs: tuple[str, ...]
    trusted: str
    quarantine: str

    @property
    def state(self) -> str:
        """Folder of the lake's state."""
        return join(self.lake, STATE)

    @property
    def input_folders(self) -> tuple[str, ...]:
        """Prefixes of the keys that lie in the inputs."""
        return tuple(f"{root}/" if root else "" for root in self.inputs)

    @property
    def ledger(self) -> str:
        """Key of the table's ledger."""
        return join(self.state, "ledger", f"{self.table}.json")

    @property
    def journal(self) -> str:
        """Key of the table's journal; it exists only while a publish is under way."""
        return join(self.state, "journal", f"{self.table}.json")

    @property
    def failed(self) -> str:
        """Folder of what partitions that failed their gate refused."""
        return join(self.state, "failed", self.table)

    def staging(self, run_id: str) -> str:
        """Folder of what a run has written and not yet published."""
        return join(self.state, "staging", run_id, self.table)

    def replaced(self, run_id: str) -> str:
        """Folder of files that nobody knew and that a full refresh moved out of Trusted."""
        return join(self.state, "replaced", run_id, self.table)


def join(*parts: str) -> str:
    """Join parts of a key with slashes, leaving empty ones out."""
    return "/".join(part for part in parts if part)


def is_plain(key: str) -> bool:
    """Whether a key means one place only, below the folder it is joined to: no `..`, no empty part, not absolute."""
    return "\0" not in key and _NO_NAMES.isdisjoint(key.split("/"))


def table_name(source: Source, entity: Entity) -> str:
    """Name of the table: `tmdb_movies`, `local_series`, ..."""
    return f"{'tmdb' if source is Source.TMDB else 'local'}_{entity}"


def default_paths(source: Source, entity: Entity, lake: str = "") -> TablePaths:
    """The folders of a table in a lake that is laid out as the design says."""
    zone, raw = ("TMDB", "JSON") if source is Source.TMDB else ("Local", "CSV")
    name = entity.capitalize()
    return TablePaths(
        table=table_name(source, entity),
        lake=lake,
        inputs=(join(lake, "Raw", zone, raw, name),),
        trusted=join(lake, "Trusted", zone, "Parquet", name),
        quarantine=join(lake, "Quarantine", zone, "Parquet", name),
    )
