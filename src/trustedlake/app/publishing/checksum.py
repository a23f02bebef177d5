"""Checksums of stored objects, read in blocks."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from trustedlake.errors import RetriableError

if TYPE_CHECKING:
    from trustedlake.ports import ObjectStore


def sha256_of(store: ObjectStore, key: str) -> str:
    """Hexadecimal SHA-256 of an object that was just seen.

    Raises:
        RetriableError: it is gone again: someone else is at work.
    """
    try:
        with store.open(key) as stream:
            return hashlib.file_digest(stream, "sha256").hexdigest()  # type: ignore[arg-type]
    except FileNotFoundError as error:
        raise RetriableError(
            f"{store.address(key)} vanished while it was looked at", hint="run again when nothing else is at work"
        ) from error
