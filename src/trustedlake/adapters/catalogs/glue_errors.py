"""What the Glue Data Catalog refuses, as our errors."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from botocore import exceptions as boto

from trustedlake.adapters.stores.s3_errors import refusal
from trustedlake.errors import ConflictError, FatalRemoteError, RetriableError, TrustedLakeError

if TYPE_CHECKING:
    from collections.abc import Iterator

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
    """Turn what boto3 raises into our errors; `where` is what was asked about."""
    try:
        yield
    except boto.ClientError as error:
        raise _refused(where, error) from error
    except boto.BotoCoreError as error:
        raise _as_ours(where, error) from error


def code_of(error: boto.ClientError) -> str:
    """Glue's name of the error."""
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
        return RetriableError(f"{where}: the catalog is busy or ill: {words}", hint="wait, then run again")
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
