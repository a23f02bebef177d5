"""Glue's documented limits on top of moto, which checks none of them.

Names in lower case; every length, size and pattern of the service's own model; pages; a version for each table's
entry, and updates of another version refused.
"""

from __future__ import annotations

import re
import threading
from contextlib import closing
from typing import TYPE_CHECKING, Any

import pytest
from botocore import exceptions as boto
from botocore import xform_name

from trustedlake.adapters.aws.glue_catalog import glue_client

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

PAGE = 100
FOLDED = ("TableInput.Name", "DatabaseInput.Name", "Columns[].Name", "PartitionKeys[].Name")
WRITES = ("create_table", "update_table", "batch_create_partition", "batch_update_partition", "batch_delete_partition")


class StrictGlue:
    """A client of Glue.

    Attributes:
        calls: names of the operations that were called, in order.
        before: operation -> what happens right before it is done, once; for what someone else does at the same time.
    """

    def __init__(self, client: Any) -> None:
        self._client = client
        self._versions: dict[str, int] = {}
        self._lock = threading.Lock()
        self._operations = {xform_name(name): name for name in client.meta.service_model.operation_names}
        self.meta = client.meta
        self.calls: list[str] = []
        self.before: dict[str, Callable[[], None]] = {}

    @property
    def writes(self) -> list[str]:
        return [name for name in self.calls if name in WRITES]

    def __getattr__(self, name: str) -> Callable[..., Any]:
        def call(**given: Any) -> Any:
            self.calls.append(name)
            if happens := self.before.pop(name, None):
                happens()
            operation = self._operations[name]
            check(self.meta.service_model.operation_model(operation).input_shape, given, operation)
            with self._lock:
                return self._answer(name, operation, given)

        return call

    def _answer(self, name: str, operation: str, given: dict[str, Any]) -> Any:
        if name == "get_partitions":
            return self._page(given)
        table = f"{given.get('DatabaseName')}.{given.get('TableInput', {}).get('Name') or given.get('Name')}"
        if name == "update_table" and given.get("VersionId", self._version(table)) != self._version(table):
            raise refused("ConcurrentModificationException", operation)
        answer = getattr(self._client, name)(**given)
        if name in {"create_table", "update_table"}:
            self._versions[table] = self._versions.get(table, -1) + 1
        if name == "get_table":
            answer["Table"]["VersionId"] = self._version(table)
        return answer

    def _version(self, table: str) -> str:
        return str(self._versions.get(table, 0))

    def _page(self, given: dict[str, Any]) -> dict[str, Any]:
        start = int(given.pop("NextToken", "0"))
        found = self._client.get_partitions(**given)["Partitions"]
        more = {"NextToken": str(start + PAGE)} if start + PAGE < len(found) else {}
        return {"Partitions": found[start : start + PAGE], **more}


def check(shape: Any, value: Any, where: str) -> None:
    """Hold a request to the service's model, and to what its guide says of names."""
    if shape.type_name == "structure":
        for name, one in value.items():
            check(shape.members[name], one, f"{where}.{name}")
    elif shape.type_name == "list":
        require(len(value) <= shape.metadata.get("max", 10**9), where, f"{len(value)} members")
        for one in value:
            check(shape.member, one, f"{where}[]")
    elif shape.type_name == "map":
        for key, one in value.items():
            check(shape.key, key, f"{where}.key")
            check(shape.value, one, f"{where}.{key}")
    elif shape.type_name == "string":
        require(shape.metadata.get("min", 0) <= len(value) <= shape.metadata.get("max", 10**9), where, value)
        require(not where.endswith(FOLDED) or value == value.lower(), where, f"{value}: not in lower case")
        if shape.name in {"NameString", "CommentString", "KeyString", "DescriptionString"}:
            require(re.search(r"[\x00-\x08\x0b\x0c\x0e-\x1f]", value) is None, where, value)


def require(holds: bool, where: str, what: str) -> None:
    if not holds:
        raise refused("InvalidInputException", where.partition(".")[0], f"{where}: {what}")


def refused(code: str, operation: str, message: str = "") -> boto.ClientError:
    """The service's refusal."""
    return boto.ClientError({"Error": {"Code": code, "Message": message}, "ResponseMetadata": {}}, operation)


@pytest.fixture
def strict_glue(moto_url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[StrictGlue]:
    """A client of an empty catalog."""
    for name, value in glue_environment(moto_url).items():
        monkeypatch.setenv(name, value)
    monkeypatch.delenv("AWS_PROFILE", raising=False)
    with closing(glue_client()) as client:
        for database in client.get_databases()["DatabaseList"]:
            client.delete_database(Name=database["Name"])
        yield StrictGlue(client)


def glue_environment(endpoint: str) -> dict[str, str]:
    """What the environment must say for boto3 to find the simulated Glue."""
    return {
        "AWS_ENDPOINT_URL_GLUE": endpoint,
        "AWS_ACCESS_KEY_ID": "testing",
        "AWS_SECRET_ACCESS_KEY": "testing",
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_EC2_METADATA_DISABLED": "true",
    }
