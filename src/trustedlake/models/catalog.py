"""Tables as a catalog stores them: columns with the catalog's types, and the location of the files."""

from __future__ import annotations

from enum import StrEnum

from trustedlake.models.base import Frozen

CATALOG_VERSION = 1


class CatalogColumn(Frozen):
    """A column or partition key.

    Attributes:
        name: in lower case if the catalog supports only that.
        type: as Hive, Athena and Spark write it: `bigint`, `array<string>`, `map<string,string>`.
    """

    name: str
    type: str
    comment: str = ""


class CatalogTable(Frozen):
    """A table of external Parquet files, or a view.

    Attributes:
        partition_keys: strings, in the order of the folders; empty for a table without partitions.
        location: folder of the files, with a slash at its end; empty for a view.
        sql: a view's SELECT, as Athena writes it; empty for a table.
    """

    name: str
    description: str
    columns: tuple[CatalogColumn, ...]
    partition_keys: tuple[CatalogColumn, ...] = ()
    location: str
    sql: str = ""
    parameters: dict[str, str] = {}


class CatalogPartition(Frozen):
    """A registered partition.

    Attributes:
        values: values of the partition keys, in their order: `("2025", "06", "17")`.
        location: its folder, with a slash at its end.
        parameters: parameters that the catalog stores with it.
    """

    values: tuple[str, ...]
    location: str
    columns: tuple[CatalogColumn, ...] = ()
    parameters: dict[str, str] = {}


class Registered(Frozen):
    """A table as the catalog has it now.

    Attributes:
        version: changes whenever the table's entry is written.
    """

    table: CatalogTable
    version: str


class RegistrationStatus(StrEnum):
    """What registering did to a table's entry."""

    CREATED = "created"
    UPDATED = "updated"
    UNCHANGED = "unchanged"


class Registration(Frozen):
    """What registering one table or view did, with numbers of partitions.

    Attributes:
        location: folder of its files; empty for a view.
    """

    table: str
    location: str
    status: RegistrationStatus
    added: int = 0
    updated: int = 0
    removed: int = 0

    def and_then(self, other: Registration) -> Registration:
        """Combine this registration and a later one into one."""
        return other.model_copy(
            update={
                "status": self.status if other.status is RegistrationStatus.UNCHANGED else other.status,
                "added": self.added + other.added,
                "updated": self.updated + other.updated,
                "removed": self.removed + other.removed,
            }
        )


class ApplyReport(Frozen):
    """What `catalog --apply` did."""

    version: int = CATALOG_VERSION
    exit_code: int = 0
    database: str
    tables: tuple[Registration, ...]


class DifferenceKind(StrEnum):
    """How contract, catalog and files can differ."""

    TABLE_MISSING = "table missing"
    LOCATION = "other location"
    COLUMN_MISSING = "column missing"
    COLUMN_TYPE = "column of another type"
    COLUMN_UNKNOWN = "column unknown"
    PARTITION_KEYS = "other partition keys"
    VIEW_MISSING = "view missing"
    VIEW = "other view"
    TWIN_PARTITION = "twin partition"
    WITHOUT_FILES = "partition without files"
    WITHOUT_PARTITION = "files without partition"
    OUTSIDE_PROJECTION = "outside the projection"
    PARTITION_LOCATION = "partition elsewhere"
    FILE_MISSING = "file missing"
    FILE_UNREADABLE = "file unreadable"


class Difference(Frozen):
    """One difference.

    Attributes:
        where: the table, the partition or the file's key.
        message: what is expected, and what was found.
        hint: what to do about it.
    """

    kind: DifferenceKind
    table: str
    where: str
    message: str
    hint: str


class CheckReport(Frozen):
    """What `catalog --check` found.

    Attributes:
        exit_code: 3 if there is any difference, else 0.
        tables: the tables that were compared.
    """

    version: int = CATALOG_VERSION
    exit_code: int
    database: str
    tables: tuple[str, ...]
    differences: tuple[Difference, ...] = ()
