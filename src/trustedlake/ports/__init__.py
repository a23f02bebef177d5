"""Interfaces to the outside world that the use cases need; adapters implement them.

A port's docstring is a contract: one shared test in `tests/contract` checks all implementations against it.
"""

from trustedlake.ports.engines import (
    COMPRESSION,
    NONE_NEWER,
    Accepted,
    Acceptor,
    Batch,
    Contents,
    EarlierColumn,
    Engine,
    Framer,
    Newer,
    RawInput,
    StagedReader,
)
from trustedlake.ports.observers import UNOBSERVED, RunObserver
from trustedlake.ports.services import Catalog, Clock, Host, MovieSource
from trustedlake.ports.stores import ObjectInfo, ObjectStore, tag_if_stored

__all__ = [
    "COMPRESSION",
    "NONE_NEWER",
    "UNOBSERVED",
    "Accepted",
    "Acceptor",
    "Batch",
    "Catalog",
    "Clock",
    "Contents",
    "EarlierColumn",
    "Engine",
    "Framer",
    "Host",
    "MovieSource",
    "Newer",
    "ObjectInfo",
    "ObjectStore",
    "RawInput",
    "RunObserver",
    "StagedReader",
    "tag_if_stored",
]
