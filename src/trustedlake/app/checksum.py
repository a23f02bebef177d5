"""Checksums of stored objects, read in blocks."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from trustedlake.ports import ObjectStore


def sha256_of(store: ObjectStore, key: str) -> str:
    """Hexadecimal SHA-256 of the object. Raises FileNotFoundError."""
    with store.open(key) as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()  # type: ignore[arg-type]
