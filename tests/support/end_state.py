"""What a lake holds when a run has ended, for comparison with one clean run."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import pyarrow.parquet as pq

from trustedlake.adapters.local.disk import TEMPORARY

if TYPE_CHECKING:
    from pathlib import Path

STATE = "_trustedlake"
JOURNAL, STAGING = f"{STATE}/journal/*.json", f"{STATE}/staging/*"
"""Patterns of what a run has in the lake before its end."""


@dataclass(frozen=True)
class EndState:
    """Rows in order of file and index, and what the ledgers and the state folder say.

    Attributes:
        trusted, quarantined: by table folder; every column, but for the quarantine the name of the run.
        counts: by table and partition: the ledger's counts, and the raw files' checksums and records.
        unfinished: journals, and the contents of staging.
    """

    trusted: dict[str, list[dict[str, Any]]]
    quarantined: dict[str, list[dict[str, Any]]]
    counts: dict[str, dict[str, Any]]
    unfinished: list[str]


def end_state(lake: Path) -> EndState:
    """Read everything that a run leaves."""
    places = (lake / STATE / "journal", lake / STATE / "staging")
    # A put that was killed may leave an empty folder, or a half-written file that no listing shows.
    left = [f for place in places for f in place.rglob("*") if f.is_file() and not f.name.startswith(TEMPORARY)]
    return EndState(
        trusted=_rows(lake / "Trusted"),
        quarantined=_rows(lake / "Quarantine"),
        counts={file.stem: _counts(file) for file in sorted((lake / STATE / "ledger").glob("*.json"))},
        unfinished=sorted(str(path.relative_to(lake)) for path in left),
    )


def without_address(state: EndState, address: str) -> EndState:
    """The same, without the address that the names of raw files in a bucket begin with: two lakes can be compared."""
    text = json.dumps(asdict(state), default=str)
    return EndState(**json.loads(text.replace(json.dumps(address)[1:-1] + "/", "")))


def _rows(zone: Path) -> dict[str, list[dict[str, Any]]]:
    """The rows below `<zone>/<source>/Parquet/<entity>`, with their partition."""
    tables: dict[str, list[dict[str, Any]]] = {}
    for file in sorted(zone.rglob("*")):
        if file.is_file():
            folders = file.relative_to(zone).parts[:-1]
            rows = pq.ParquetFile(file).read().to_pylist()
            tables.setdefault("/".join(folders[:3]), []).extend(
                {name: value for name, value in row.items() if name != "run_id"} | {"partition": folders[3:]}
                for row in rows
            )
    return {
        table: sorted(rows, key=lambda row: (row["file_path"], row["record_index"])) for table, rows in tables.items()
    }


def _counts(ledger: Path) -> dict[str, Any]:
    partitions = json.loads(ledger.read_text())["partitions"]
    return {
        name: {
            "counts": entry["counts"],
            "raw": [(raw["path"], raw["sha256"], raw["records"]) for raw in entry["raw"]],
            "rows": [(file["key"], file["rows"]) for file in (*entry["trusted"], *entry["quarantine"])],
        }
        for name, entry in partitions.items()
    }
