"""The Glue Data Catalog as the port `Catalog`; AWS errors become our errors."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from botocore import exceptions as boto
from botocore.config import Config

from trustedlake.adapters.aws.aws_session import aws_session
from trustedlake.adapters.aws.entry_format import partition_input, partition_of, table_input, table_of
from trustedlake.adapters.s3.s3_errors import invalid_setting, refusal
from trustedlake.errors import ConflictError, FatalRemoteError, RetriableError, TrustedLakeError
from trustedlake.models.catalog import Registered

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from trustedlake.models.catalog import CatalogPartition, CatalogTable


NOT_FOUND = "EntityNotFoundException"
EXISTS = "AlreadyExistsException"

_CHANGED = {"ConcurrentModificationException", "VersionMismatchException", EXISTS}
BUSY = {
    "InternalServiceException",
    "OperationTimeoutException",
    "ResourceNotReadyException",
    "ThrottlingException",
    "Throttling",
    "ConcurrentRunsExceededException",
}
_KEYS = {"UnrecognizedClientException", "InvalidSignatureException", "ExpiredTokenException", "ExpiredToken"}
_DENIED = {"AccessDeniedException", "AccessDenied"}
_RIGHTS = (
    "allow glue:GetDatabase, CreateDatabase, GetTable, CreateTable, UpdateTable, GetPartitions, BatchCreatePartition,"
    " BatchUpdatePartition and BatchDeletePartition on the catalog, the database and its tables;"
    " with Lake Formation, grant the role the database too"
)
_SERVER_ERROR = 500


@contextmanager
def refusals(where: str) -> Iterator[None]:
    """Turn what boto3 raises into our errors; `where` names the database or table in the message."""
    try:
        yield
    except boto.ClientError as error:
        raise _refused(where, error) from error
    except boto.BotoCoreError as error:
        raise _as_ours(where, error) from error


def code_of(error: boto.ClientError) -> str:
    """Return Glue's code for the error."""
    return str(error.response.get("Error", {}).get("Code", ""))


def _refused(where: str, error: boto.ClientError) -> TrustedLakeError:
    code, about = code_of(error), error.response.get("ResponseMetadata", {})
    said: dict[str, Any] = error.response.get("Error", {})
    words = f"{code}: {said.get('Message') or 'no reason given'}"
    if code in _CHANGED:
        return ConflictError(
            f"{where}: someone else wrote it first", hint="run again: it starts from what is there now"
        )
    if code in BUSY or int(about.get("HTTPStatusCode", 0)) >= _SERVER_ERROR:
        return RetriableError(
            f"{where}: the catalog is busy or has an internal error: {words}", hint="wait, then run again"
        )
    if code in _DENIED:
        return FatalRemoteError(f"{where}: {error.operation_name} is denied: {words}", hint=_RIGHTS)
    if code in _KEYS:
        return FatalRemoteError(f"{where}: the credentials are wrong or expired: {words}", hint="sign in again")
    return FatalRemoteError(
        f"{where}: {error.operation_name} is refused: {words}", hint="Glue's API reference explains the code"
    )


def _as_ours(where: str, error: boto.BotoCoreError) -> TrustedLakeError:
    ours = refusal(where, "", error)
    if isinstance(ours, TrustedLakeError):
        return ours
    return RetriableError(f"{where}: {error}", hint="run again")


WRITTEN_AT_ONCE = 100
"""Partitions per call that creates or updates; Glue's limit."""

DELETED_AT_ONCE = 25
"""Partitions per call that deletes; Glue's limit."""


def glue_client() -> Any:  # noqa: ANN401 - boto3 creates its classes at run time
    """Return a client with credentials, region and endpoint from the usual AWS places.

    Raises:
        ConfigError: there is no such profile, no region, or the endpoint is not a URL.
    """
    retries = {"mode": "standard", "total_max_attempts": 5}
    with refusals("glue"):
        try:
            return aws_session().client("glue", config=Config(retries=retries, user_agent_extra="trustedlake"))
        except ValueError as error:
            raise invalid_setting("glue", error) from None


class GlueCatalog:
    """Port `Catalog` on one Glue database.

    Args:
        client: a boto3 client for Glue.
        database: its name, in lower case.
    """

    def __init__(self, client: Any, database: str) -> None:  # noqa: ANN401 - boto3 creates its classes at run time
        self._client = client
        self._database = database

    def ensure_database(self) -> None:
        """Create the database if there is none."""
        with refusals(self._database):
            try:
                self._client.get_database(Name=self._database)
            except boto.ClientError as error:
                if code_of(error) != NOT_FOUND:
                    raise
                self._create_database()

    def table(self, name: str) -> Registered | None:
        """Return the table as it is registered now; None if it isn't."""
        entry = self._entry(name)
        return Registered(table=table_of(entry), version=str(entry.get("VersionId", ""))) if entry else None

    def create(self, table: CatalogTable) -> None:
        """Register a table. Raises ConflictError if it exists already."""
        with refusals(self._named(table.name)):
            self._client.create_table(DatabaseName=self._database, TableInput=table_input(table, {}, self._database))

    def replace(self, table: CatalogTable, *, version: str) -> None:
        """Update the table's entry if it has this version. Raises ConflictError if it has another one."""
        entry, where = self._entry(table.name), self._named(table.name)
        if entry is None or str(entry.get("VersionId", "")) != version:
            raise ConflictError(f"{where}: someone else wrote it first", hint="run again")
        taken = self._client.meta.service_model.shape_for("TableInput").members
        before = {key: value for key, value in entry.items() if key in taken}
        with refusals(where):
            wanted = table_input(table, before, self._database)
            self._client.update_table(DatabaseName=self._database, TableInput=wanted, VersionId=version)

    def partitions(self, table: str) -> Sequence[CatalogPartition]:
        """Return all registered partitions, read page by page."""
        found: list[CatalogPartition] = []
        more: dict[str, str] = {}
        with refusals(self._named(table)):
            while True:
                try:
                    page = self._client.get_partitions(DatabaseName=self._database, TableName=table, **more)
                except boto.ClientError as error:
                    if code_of(error) != NOT_FOUND:
                        raise
                    return found
                found += [partition_of(entry) for entry in page["Partitions"]]
                if not page.get("NextToken"):
                    return found
                more = {"NextToken": page["NextToken"]}

    def add(self, table: str, partitions: Sequence[CatalogPartition]) -> None:
        """Register partitions, a hundred at a time."""
        for some in _batches(partitions, WRITTEN_AT_ONCE):
            self._batch(table, "batch_create_partition", EXISTS, PartitionInputList=[partition_input(p) for p in some])

    def change(self, table: str, partitions: Sequence[CatalogPartition]) -> None:
        """Update registered partitions, a hundred at a time."""
        for some in _batches(partitions, WRITTEN_AT_ONCE):
            entries = [{"PartitionValueList": list(p.values), "PartitionInput": partition_input(p)} for p in some]
            self._batch(table, "batch_update_partition", NOT_FOUND, Entries=entries)

    def remove(self, table: str, partitions: Sequence[CatalogPartition]) -> None:
        """Remove partitions from the catalog, twenty-five at a time."""
        for some in _batches(partitions, DELETED_AT_ONCE):
            values = [{"Values": list(p.values)} for p in some]
            self._batch(table, "batch_delete_partition", NOT_FOUND, PartitionsToDelete=values)

    def _batch(self, table: str, operation: str, harmless: str, **parameters: object) -> None:
        """Make the call. Glue lists errors for single partitions; ignore those with the code `harmless`."""
        where = self._named(table)
        with refusals(where):
            answer = getattr(self._client, operation)(DatabaseName=self._database, TableName=table, **parameters)
        for error in answer.get("Errors", ()):
            detail = error.get("ErrorDetail", {})
            if detail.get("ErrorCode") != harmless:
                values = "/".join(error.get("PartitionValues") or error.get("PartitionValueList") or ["a partition"])
                kind = RetriableError if detail.get("ErrorCode") in BUSY else FatalRemoteError
                raise kind(
                    f"{where}: {values}: {detail.get('ErrorCode')}: {detail.get('ErrorMessage')}",
                    hint="run again; what was registered before stays",
                )

    def _entry(self, name: str) -> dict[str, Any] | None:
        with refusals(self._named(name)):
            try:
                entry: dict[str, Any] = self._client.get_table(DatabaseName=self._database, Name=name)["Table"]
            except boto.ClientError as error:
                if code_of(error) != NOT_FOUND:
                    raise
                return None
        return entry

    def _create_database(self) -> None:
        try:
            self._client.create_database(DatabaseInput={"Name": self._database})
        except boto.ClientError as error:
            if code_of(error) != EXISTS:
                raise

    def _named(self, table: str) -> str:
        return f"{self._database}.{table}"


def _batches(partitions: Sequence[CatalogPartition], size: int) -> list[Sequence[CatalogPartition]]:
    return [partitions[start : start + size] for start in range(0, len(partitions), size)]
