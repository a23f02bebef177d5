"""Small lakes in memory, and jobs on them, for use cases that need no engine."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NoReturn

from trustedlake.adapters.local.clock import ManualClock
from trustedlake.adapters.local.host import LocalHost
from trustedlake.adapters.memory_store import MemoryStore
from trustedlake.app.publishing.state_file import sha256_of
from trustedlake.app.trusted.job import Job, Options, Tools
from trustedlake.models.built_in import CONTRACTS
from trustedlake.models.lake import default_paths
from trustedlake.models.ledger import Counts, Ledger, Partition, PublishedFile, RawFile

if TYPE_CHECKING:
    from collections.abc import Mapping

MOVIES = "Raw/TMDB/JSON/Movies"
DAY = "ano=2025/mes=06/dia=17"


class Untouched:
    """A port that must not be used: any use fails the test and says which."""

    def __getattr__(self, name: str) -> NoReturn:
        raise AssertionError(f"{name} was used, but there was nothing to do")


def store_of(objects: Mapping[str, bytes | str]) -> MemoryStore:
    """A store with these objects."""
    store = MemoryStore(ManualClock())
    for key, data in objects.items():
        store.put(key, data.encode() if isinstance(data, str) else data)
    return store


def job_on(store: MemoryStore, *, table: str = "tmdb_movies", **options: Any) -> Job:
    """A job on the store's usual folders; `inputs` replaces those of the table."""
    inputs = options.pop("inputs", None)
    contract = CONTRACTS[table]
    paths = default_paths(contract)
    if inputs:
        paths = paths.model_copy(update={"inputs": tuple(inputs), "named": True})
    nobody: Any = Untouched()
    clock = ManualClock()
    tools = Tools(store=store, engine=nobody, framer=nobody, reader=nobody, host=LocalHost(), clock=clock)
    return Job(tools, paths, contract, Options(**options), "run-1", tuple(CONTRACTS.values()))


def published(store: MemoryStore, raw: Mapping[str, list[str]], *, table: str = "tmdb_movies") -> Ledger:
    """A ledger that says that each partition was published from these raw files; puts the Parquet there."""
    partitions = {}
    for name, paths in raw.items():
        key = f"Trusted/TMDB/Parquet/Movies/{name}/part-00000.parquet"
        tag = store.put(key, f"rows of {name}".encode())
        head = store.head(key)
        assert head is not None
        file = PublishedFile(key=key, size=head.size, rows=1, sha256=sha256_of(store, key), tag=tag)
        partitions[name] = Partition(
            contract=CONTRACTS[table].version,
            fingerprint=CONTRACTS[table].fingerprint,
            counts=Counts(framed=1, trusted=1),
            raw=tuple(raw_file(store, path) for path in paths),
            trusted=(file,),
            columns=("movie_id", "title"),
        )
    return Ledger(table=table, inputs=(MOVIES,), target="Trusted/TMDB/Parquet/Movies", partitions=partitions)


def raw_file(store: MemoryStore, path: str) -> RawFile:
    """The ledger's word on a raw file as it is now."""
    head = store.head(path)
    assert head is not None
    return RawFile(path=path, size=head.size, sha256=sha256_of(store, path), tag=head.tag, records=1)
