"""The tables through which `query` shows the state of a lake: their grain and columns."""

from __future__ import annotations

from typing import NamedTuple

import pyarrow as pa

from trustedlake.core.table_schema import LINEAGE, QUARANTINE, TableColumn, without_zones

_TABLE = TableColumn("table_name", "string", "Name of the table.")
_PARTITION = TableColumn("partition", "string", "`ano=2025/mes=06/dia=17`; empty for a table without partitions.")
_DAY = TableColumn("day", "date", "The day that the partition's name tells; null if it tells none.")
_COUNTS = (
    TableColumn("framed", "bigint", "Records in the raw files."),
    TableColumn("trusted", "bigint", "Records that are rows of Trusted."),
    TableColumn("rejected", "bigint", "Records that broke a rule."),
    TableColumn("duplicates", "bigint", "Records with the key of another one that was kept."),
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
        TableColumn("run_id", "string", "Name of the run, as `trustedlake report` takes it."),
        TableColumn("started", "timestamp", "When the run began (UTC)."),
        TableColumn("finished", "timestamp", "When it ended (UTC)."),
        TableColumn("duration_s", "double", "Seconds that the run took, all tables together."),
        TableColumn("command", "string", "What was called."),
        TableColumn("trustedlake", "string", "Version of the program."),
        TableColumn("run_exit_code", "int", "What the run ended with."),
        _TABLE,
        TableColumn("status", "string", "`published`, `unchanged`, `refused` or `failed`."),
        TableColumn("exit_code", "int", "What this table alone would have ended with."),
        TableColumn("engine", "string", "Engine that judged; empty where none had to."),
        TableColumn("table_s", "double", "Seconds that this table took."),
        TableColumn("published", "bigint", "Partitions that the run published."),
        TableColumn("refused", "bigint", "Partitions that it refused."),
        TableColumn("unchanged", "bigint", "Partitions that it left alone."),
        *_COUNTS,
        TableColumn("warnings", "bigint", "Warnings that it told."),
        TableColumn("message", "string", "Why the table failed; empty if it did not."),
    ),
)
"""The counts cover everything that the table has published after the run."""

PARTITIONS = StateTable(
    "_partitions",
    "a partition of a table",
    (
        _TABLE,
        _PARTITION,
        _DAY,
        TableColumn("published", "boolean", "Whether something of it is published."),
        TableColumn("refused", "boolean", "Whether its newest raw files were refused; it keeps what it had."),
        TableColumn(
            "refused_since", "timestamp", "Since when they are (UTC); null if they are not, or it isn't known."
        ),
        TableColumn("gate", "string", "What refused them: `unreadable`, `rejected`, `empty`, `strict`; else null."),
        TableColumn("message", "string", "Why they were refused; else null."),
        *_COUNTS,
        TableColumn("rejected_share", "double", "Rejected ones among its own records, 0 to 1; null without records."),
        TableColumn("files", "bigint", "Raw files behind what is published."),
        TableColumn("bytes", "bigint", "Bytes of its Parquet, Quarantine too."),
        TableColumn("contract", "int", "Version of the contract that judged; 0 if nothing is published."),
        TableColumn("open_warnings", "bigint", "Warnings that nobody accepted."),
    ),
)

FILES = StateTable(
    "_files",
    "a file in Raw, Trusted, Quarantine or `failed`",
    (
        TableColumn("table_name", "string", "Name of the table; null for a raw file that no table takes."),
        TableColumn("partition", "string", "Its partition; null where that isn't known."),
        TableColumn("day", "date", _DAY.comment),
        TableColumn(
            "zone", "string", "`raw`, `trusted`, `quarantine`, or `failed`: laid aside by a refused partition."
        ),
        TableColumn(
            "state",
            "string",
            "Of a raw file `published`, `refused`, `pending` (no run has taken it), `ignored` (by its name), `untaken`"
            " (no table takes it), `gone` (its rows are published); of others `published` or `refused`.",
        ),
        TableColumn("path", "string", "In the lake, or its whole address."),
        TableColumn("size", "bigint", "Bytes; null where that isn't known."),
        TableColumn("records", "bigint", "Records of a raw file, rows of another; null where that isn't known."),
        TableColumn("sha256", "string", "Checksum of its bytes; null where that isn't known."),
        TableColumn("problem", "string", "Why it can't be read; null if it can."),
    ),
)

CORRECTED_BY = TableColumn(
    "corrected_by", "string", "Of a rejected record: path#index of the published row that has its key now; else null."
)
"""A column that takes long to find: it is looked up in the published files."""

QUARANTINED = StateTable(
    "_quarantine",
    "a refused record",
    (
        _TABLE,
        _PARTITION,
        _DAY,
        TableColumn("failed", "boolean", "Whether its partition was refused, so that nothing of it was published."),
        *LINEAGE,
        *QUARANTINE[len(LINEAGE) :],
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
        TableColumn("since", "timestamp", "When it was first told (UTC)."),
        TableColumn("message", "string", "What is wrong, with the evidence."),
        TableColumn("path", "string", "Raw file that it was seen in; empty if it is of several."),
        TableColumn("accepted", "boolean", "Whether somebody accepted it."),
        TableColumn("why", "string", "Why it was accepted; empty while it is open."),
    ),
)

STATE_TABLES = (RUNS, PARTITIONS, QUARANTINED, FILES, WARNINGS)
"""All state tables."""
