"""The fixture files, framed one by one, and their expected results."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from trustedlake.core.framing.frames import frame_file
from trustedlake.models.built_in import CONTRACTS

if TYPE_CHECKING:
    import pyarrow as pa

    from trustedlake.core.facts import FileFacts

FIXTURES = Path(__file__).parents[2] / "data" / "fixtures"


def expected(name: str) -> Any:
    """The content of `expected/<name>.json`."""
    return json.loads((FIXTURES / "expected" / f"{name}.json").read_bytes())


def shapes(table: str) -> dict[str, list[Path]]:
    """Name of each shape of a table -> its files."""
    return {
        shape.name: [shape] if shape.is_file() else sorted(shape.iterdir())
        for shape in sorted((FIXTURES / "shapes" / table).iterdir())
    }


def frame(path: Path, table: str, *, dia: str = "17") -> tuple[list[pa.RecordBatch], FileFacts]:
    """The framed rows of a file, and its facts; a partitioned table's rows are of one day."""
    contract = CONTRACTS[table]
    partition = ("2025", "06", dia) if contract.partitioned else ()
    with path.open("rb") as stream:
        batches = frame_file(stream, path=path.name, partition=partition, framing=contract.framing())
        rows: list[pa.RecordBatch] = []
        while True:
            try:
                rows.append(next(batches))
            except StopIteration as end:
                return rows, end.value


def framed_rows(path: Path, table: str) -> list[dict[str, Any]]:
    """The framed rows of a file as dictionaries."""
    return [row for batch in frame(path, table)[0] for row in batch.to_pylist()]
