"""Whole runs on a lake in a bucket, with the quick engine, beside the same runs on a folder."""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tests.support.buckets import store_in
from tests.support.end_state import end_state, without_address
from tests.support.trials import lanes_of
from trustedlake.app.trusted.job import Options
from trustedlake.entrypoints.lake import compose

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from tests.support.end_state import EndState
    from trustedlake.adapters.s3.store import S3Store
    from trustedlake.app.quarantine import Quarantined
    from trustedlake.models.audit import AuditReport
    from trustedlake.models.report import RunReport
    from trustedlake.ports import Engine


@dataclass(frozen=True)
class BucketTrial:
    """A lake in a bucket, and the engine that runs on it."""

    bucket: str
    prefix: str
    engine: Engine

    @property
    def lake(self) -> str:
        """As `--lake` has it."""
        return f"s3://{self.bucket}/{self.prefix}"

    def end_state(self, folder: Path) -> EndState:
        """What it holds, but for its own address; the folder gets a copy of it."""
        return without_address(end_state(self.get_folder(folder)), self.lake)

    def put_folder(self, folder: Path) -> None:
        """Bring all files of a folder into the lake."""
        with self.store() as store:
            for file in sorted(path for path in folder.rglob("*") if path.is_file()):
                store.put(file.relative_to(folder).as_posix(), file.read_bytes())

    def get_folder(self, folder: Path) -> Path:
        """Bring all objects of the lake into a folder."""
        for key, data in self.snapshot(reports=True).items():
            (folder / key).parent.mkdir(parents=True, exist_ok=True)
            (folder / key).write_bytes(data)
        return folder

    def run(
        self, source: str = "tmdb", entity: str | None = None, *, place: compose.Place | None = None, **options: Any
    ) -> RunReport:
        """Run Raw to Trusted."""
        where = place or compose.Place(lake=self.lake)
        with compose.home(where, engine=self.engine, lanes=lanes_of(self.engine)) as home:
            return home.to_trusted(compose.Asked(source=source, entity=entity), Options(**options))

    def audit(self, *, fix: bool = False, place: compose.Place | None = None) -> AuditReport:
        """What `trustedlake audit` says."""
        with compose.home(place or compose.Place(lake=self.lake), engine=self.engine) as home:
            return home.audit(fix=fix)

    def refused(self) -> list[tuple[Quarantined, bytes]]:
        """What `trustedlake quarantine` shows, each with its exact bytes."""
        return self.refused_of(compose.Place(lake=self.lake))

    def refused_of(self, place: compose.Place) -> list[tuple[Quarantined, bytes]]:
        """The same of a table that is laid out otherwise."""
        with compose.home(place, engine=self.engine) as home:
            return [(record, home.raw_bytes(record.address)) for record in home.refused()]

    def snapshot(self, *, reports: bool = False) -> Mapping[str, bytes]:
        """Every object of the lake, by key; the runs' reports only if asked for."""
        with self.store() as store:
            return {
                info.key: store.read(info.key)
                for info in store.list("")
                if reports or not info.key.startswith("_trustedlake/runs/")
            }

    def store(self) -> closing[S3Store]:
        """The lake's store, to be closed."""
        return closing(store_in(self.bucket, self.prefix))
