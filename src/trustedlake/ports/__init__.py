"""What the use cases need from the world; adapters provide it.

Each port's docstring is the contract that one shared test in `tests/contract` holds all
its implementations to.
"""

from trustedlake.ports.engines import (
    NONE_NEWER,
    Accepted,
    Acceptor,
    Batch,
    Contents,
    Engine,
    Framer,
    Newer,
    RawInput,
    StagedReader,
)
from trustedlake.ports.machine import Clock, Host
from trustedlake.ports.observers import UNOBSERVED, RunObserver
from trustedlake.ports.services import Catalog, MovieSource
from trustedlake.ports.stores import ObjectInfo, ObjectStore

__all__ = [
    "NONE_NEWER",
    "UNOBSERVED",
    "Accepted",
    "Acceptor",
    "Batch",
    "Catalog",
    "Clock",
    "Contents",
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
]
