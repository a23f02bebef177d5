"""The tables in which `query` shows the state of a lake: their grain and columns."""

from __future__ import annotations

from typing import NamedTuple

import pyarrow as pa

from trustedlake.core.table_schema import LINEAGE_COLUMNS, QUARANTINE, TableColumn, without_zones

_TABLE = TableColumn("table_name", "string", "Name of the table.")
_PARTITION = TableColumn("partition", "string", "`ano=2025/mes=06/dia=17`; empty for a table without partitions.")
_DAY = TableColumn("day", "date", "The day in the partition's name; null if there is none.")
_COUNTS = (
    TableColumn("framed", "bigint", "Records in the raw files."),
    TableColumn("trusted", "bigint", "Records that are rows of Trusted."),
    TableColumn("rejected", "bigint", "Records that broke a rule."),
    TableColumn("duplicates", "bigint", "Records with the same key as a record that was kept."),
    TableColumn("elsewhere", "bigint", "Records that the contract leaves to another table."),
)


class StateTable(NamedTuple):
    """One table.

    Attributes:
        grain: what one row is.
    """

    name: str
    grain: str
    columns: tuple[TableColumn, ...]

    @property
    def schema(self) -> pa.Schema:
        """The table's Arrow schema; times are in UTC."""
        return without_zones(pa.schema([pa.field(column.name, column.arrow) for column in self.columns]))


RUNS = StateTable(
    "_runs",
    "a table in a run",
    (
        TableColumn("run_id", "string", "Name of the run, for `trustedlake report`."),
        TableColumn("started", "timestamp", "When the run began (UTC)."),
        TableColumn("finished", "timestamp", "When it ended (UTC)."),
        TableColumn("duration_s", "double", "Seconds that the run took, all tables together."),
        TableColumn("command", "string", "The command that was called."),
        TableColumn("trustedlake", "string", "Version of the program."),
        TableColumn("run_exit_code", "int", "Exit code of the run."),
        _TABLE,
        TableColumn("status", "string", "`published`, `unchanged`, `refused` or `failed`."),
        TableColumn("exit_code", "int", "Exit code that the run would have had with this table alone."),
        TableColumn("engine", "string", "Engine that judged the records; empty if none was needed."),
        TableColumn("table_s", "double", "Seconds that this table took."),
        TableColumn("published", "bigint", "Partitions that the run published."),
        TableColumn("refused", "bigint", "Partitions that it refused."),
        TableColumn("unchanged", "bigint", "Partitions that it left alone."),
        *_COUNTS,
        TableColumn("warnings", "bigint", "Warnings that the run reported."),
        TableColumn("message", "string", "Why the table failed; empty if it did not."),
    ),
)
"""The counts cover everything of the table that is published once the run is over, not only this run's part."""

PARTITIONS = StateTable(
    "_partitions",
    "a partition of a table",
    (
        _TABLE,
        _PARTITION,
        _DAY,
        TableColumn("published", "boolean", "Whether it has been published."),
        TableColumn(
            "refused", "boolean", "Whether its newest raw files were refused; it keeps what was published before."
        ),
        TableColumn(
            "refused_since", "timestamp", "When it was refused first (UTC); null if it isn't refused, or unknown."
        ),
        TableColumn("gate", "string", "Gate that refused: `unreadable`, `rejected`, `empty`, `strict`; else null."),
        TableColumn("message", "string", "Why it was refused; else null."),
        *_COUNTS,
        TableColumn(
            "rejected_share", "double", "Share of its own records that are rejected, 0 to 1; null if it has none."
        ),
        TableColumn("files", "bigint", "Raw files behind what is published."),
        TableColumn("bytes", "bigint", "Bytes of its Parquet files, Quarantine included."),
        TableColumn("contract", "int", "Version of the contract at the last publish; 0 if nothing is published."),
        TableColumn("open_warnings", "bigint", "Warnings that nobody has accepted."),
    ),
)

FILES = StateTable(
    "_files",
    "a file in Raw, Trusted, Quarantine or `failed`",
    (
        TableColumn("table_name", "string", "Name of the table; null for a raw file that no table takes."),
        TableColumn("partition", "string", "Its partition; null if unknown."),
        TableColumn("day", "date", _DAY.comment),
        TableColumn(
            "zone",
            "string",
            "`raw`, `trusted`, `quarantine`, or `failed`: kept to look at after a refusal.",
        ),
        TableColumn(
            "state",
            "string",
            "Raw files: `published`, `refused`, `pending` (no run has read it yet), `ignored` (by its name), `untaken`"
            " (no table takes it) or `gone` (its rows are still published). Other files: `published` or `refused`.",
        ),
        TableColumn("path", "string", "Path in the lake, or the whole address."),
        TableColumn("size", "bigint", "Bytes; null if unknown."),
        TableColumn("records", "bigint", "Records of a raw file, rows of any other file; null if unknown."),
        TableColumn("sha256", "string", "Checksum of its bytes; null if unknown."),
        TableColumn("problem", "string", "Why the file can't be read; null if it can."),
    ),
)

CORRECTED_BY = TableColumn(
    "corrected_by",
    "string",
    "For a rejected record: path#index of the first published row with its key, in its partition or a later one;"
    " else null.",
)
"""This column takes long to fill, because its values are looked up in the published files."""

QUARANTINED = StateTable(
    "_quarantine",
    "a refused record",
    (
        _TABLE,
        _PARTITION,
        _DAY,
        TableColumn("failed", "boolean", "Whether its partition was refused, so that it was not published."),
        *LINEAGE_COLUMNS,
        *QUARANTINE[len(LINEAGE_COLUMNS) :],
        CORRECTED_BY,
    ),
)

WARNINGS = StateTable(
    "_warnings",
    "a warning, open or accepted",
    (
        _TABLE,
        _PARTITION,
        _DAY,
        TableColumn("id", "string", "Its name in the partition, as `trustedlake accept` takes it."),
        TableColumn("kind", "string", "`drift`, `null`, `lost`, `conflict`, `type`, `overruled`, `quarantine`, ..."),
        TableColumn("since", "timestamp", "When it was first reported (UTC)."),
        TableColumn("message", "string", "What is wrong, with the evidence."),
        TableColumn(
            "path",
            "string",
            "Raw file in which it was seen, the first of several; empty if it is not about single files.",
        ),
        TableColumn("accepted", "boolean", "Whether somebody accepted it."),
        TableColumn("why", "string", "Why it was accepted; empty while it is open."),
    ),
)

STATE_TABLES = (RUNS, PARTITIONS, QUARANTINED, FILES, WARNINGS)
"""All state tables."""
