"""State files of a lake from somebody else: valid ones, and values that make them lead elsewhere."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from tests.support.publishing import AFTER, PATHS, Run, ledger_of, stage
from trustedlake.models.claim_holder import Owner
from trustedlake.models.journal import Journal

if TYPE_CHECKING:
    from collections.abc import Sequence

    from trustedlake.ports import ObjectStore

RAW = f"{PATHS.inputs[0]}/2025/06/17/a.json"
HERS = {
    RAW: b"[]",
    "precious/gold.txt": b"gold",
    "Trusted/TMDB/Parquet/Series/part-00000.parquet": b"of another table",
    "Trusted/TMDB/Parquet/Movies2/part-00000.parquet": b"of a neighbour",
    "_trustedlake/ledger/tmdb_series.json": b"{}",
    "_trustedlake/runs/run0.json": b"{}",
}
"""What is in the lake and does not belong to the table."""

ELSEWHERE = [
    "Raw",
    PATHS.inputs[0],
    RAW,
    "precious",
    "precious/gold.txt",
    "../home/.profile",
    "../../etc/cron.d/x",
    "/etc/cron.d/x",
    "s3://other/x",
    "",
    ".",
    "..",
    "/",
    "Trusted",
    PATHS.trusted,
    f"{PATHS.trusted}/",
    f"{PATHS.trusted}/../../../../Raw/TMDB/JSON/Movies/2025/06/17/a.json",
    f"{PATHS.trusted}/./x",
    f"{PATHS.trusted}//etc/x",
    f"{PATHS.trusted}/..",
    f"{PATHS.trusted}/a\\..\\..\\x",
    f"{PATHS.trusted}/x\0y",
    f"{PATHS.trusted}2/part-00000.parquet",
    "Trusted/TMDB/Parquet/Series/part-00000.parquet",
    "trusted/TMDB/Parquet/Movies/x",
    "_trustedlake",
    "_trustedlake/ledger/tmdb_series.json",
    "_trustedlake/ledger/tmdb_movies.json",
    "_trustedlake/runs/run0.json",
    "_trustedlake/staging",
    "_trustedlake/staging/../../Raw",
    "_trustedlake/staging/run0/tmdb_series",
    "C:\\Users\\x",
    "~/.profile",
    "lake/Raw/x",
]
"""Keys that no ledger and no journal of the table may make anyone write, move or delete."""

DEAD = Owner(token="t", host="h", boot="b", pid=1, started="s")


def journal_in(store: ObjectStore) -> dict[str, Any]:
    """A cut publish, all of it in order, as the document in the lake; its files are staged."""
    publication = stage(Run(store, _Nobody(), "run1"), AFTER, ledger_of({}))
    now = store.now()
    journal = Journal(
        table=PATHS.table,
        run_id="run1",
        owner=DEAD,
        since=now - timedelta(days=2),
        deadline=now - timedelta(days=1),
        staging=PATHS.staging("run1"),
        moves=publication.moves,
        deletes=publication.deletes,
        ledger_before=None,
        ledger_after=publication.ledger,
    )
    document: dict[str, Any] = json.loads(journal.model_dump_json())
    return document


def changed(document: dict[str, Any], place: Sequence[str | int], value: object) -> dict[str, Any]:
    """A copy of the document with another value at that place."""
    copy: dict[str, Any] = json.loads(json.dumps(document))
    inner: Any = copy
    for step in place[:-1]:
        inner = inner[step]
    inner[place[-1]] = value
    return copy


class _Nobody:
    def owner(self) -> Owner:
        return DEAD

    def is_dead(self, owner: Owner) -> bool:
        return owner == DEAD
