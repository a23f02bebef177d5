"""State as JSON objects in the store: read with their version tags, written by compare-and-set."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, TypeVar

from pydantic import BaseModel, ValidationError, create_model

from trustedlake.errors import InputError, RetriableError, TrustedLakeError
from trustedlake.ports import tag_if_stored

if TYPE_CHECKING:
    from trustedlake.ports import ObjectStore


def sha256_of(store: ObjectStore, key: str) -> str:
    """Return the hexadecimal SHA-256 of an object that was just listed.

    Raises:
        RetriableError: it is gone again, because something else is changing the store.
    """
    try:
        with store.open(key) as stream:
            return hashlib.file_digest(stream, "sha256").hexdigest()  # type: ignore[arg-type]
    except FileNotFoundError as error:
        raise RetriableError(
            f"{store.address(key)} vanished while it was read", hint="run again when nothing else uses the lake"
        ) from error


Document = TypeVar("Document", bound=BaseModel)

_Versioned = create_model("_Versioned", version=(int, 0))


def load(
    store: ObjectStore, key: str, model: type[Document], *, version: int, hint: str
) -> tuple[Document, str] | None:
    """Load the document and its version tag; None if there is none.

    The tag is read before the bytes. If someone writes in between, the tag is the older one, and a
    compare-and-set with it fails as it should. `version` is the newest version that this program understands;
    `hint` says what to do about a damaged document.

    Raises:
        InputError: the document is damaged, or a newer program wrote it.
    """
    info = store.head(key)
    if info is None:
        return None
    try:
        data = store.read(key)
    except FileNotFoundError:
        return None
    if (newer := _version(data)) > version:
        raise NewerVersionError(
            f"{store.address(key)} has version {newer}; this trustedlake understands {version}",
            hint="upgrade trustedlake: a newer one wrote this lake",
        )
    try:
        return model.model_validate_json(data), info.tag
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        place = ".".join(map(str, first["loc"]))
        raise InputError(
            f"{store.address(key)} is damaged: {f'{place}: ' if place else ''}{first['msg']}", hint=hint
        ) from error


class NewerVersionError(InputError):
    """The document has a version that only a newer program understands."""


def write(store: ObjectStore, key: str, document: BaseModel, *, replaces: str | None) -> str:
    """Replace the version `replaces` with the document (None: only if there is no object yet); return its tag.

    If the write fails or the answer is lost, the object is read back: if it has the same bytes, the write succeeded.

    Raises:
        ConflictError: someone else wrote first.
    """
    data = document.model_dump_json().encode()
    try:
        return store.put(key, data, if_match=replaces, if_absent=replaces is None)
    except (TrustedLakeError, OSError):
        tag = tag_if_stored(store, key, data)
        if tag is None:
            raise
        return tag


def _version(data: bytes) -> int:
    try:
        found = _Versioned.model_validate_json(data)
    except ValidationError:
        return 0
    version: int = found.version  # type: ignore[attr-defined]
    return version
