"""The registry of tables: built-in ones, the lake's own, those that the call adds; and which of them a call means."""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from trustedlake.adapters.contracts.contract_file import SUFFIXES, built_in_content, read_contracts
from trustedlake.adapters.contracts.yaml_tree import meant
from trustedlake.adapters.local.clock import SystemClock
from trustedlake.entrypoints.lake.address import Roots, folder, local_path
from trustedlake.entrypoints.lake.open_store import bucket_store
from trustedlake.entrypoints.settings import Settings
from trustedlake.errors import ConfigError, InputError
from trustedlake.models.built_in import CONTRACTS, TRUSTED
from trustedlake.models.contract import overlap
from trustedlake.models.lake import join

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from trustedlake.models.contract import Contract
    from trustedlake.ports import Clock, ObjectStore

FOLDER = "contracts"
"""Folder of a lake's own contract files."""

BUILT_IN = "built-in"
MADE = "made by the caller"


class UnreadContract(NamedTuple):
    """A contract file that was not read yet.

    Attributes:
        name: its name for the user.
        read: returns its bytes.
    """

    name: str
    read: Callable[[], bytes]


class RegisteredContract(NamedTuple):
    """A table, and where its contract comes from.

    Attributes:
        contract: the table's contract.
        origin: `built-in`, or the contract file.
        content: bytes of the file.
    """

    contract: Contract
    origin: str
    content: bytes


class Registry:
    """The tables of a lake. A built-in table's file is read only when somebody asks for it.

    Attributes:
        notes: which tables replace others, and which parts of the files are not used to judge records.
    """

    def __init__(self, layers: Sequence[Sequence[UnreadContract]] = ()) -> None:
        """Read the files layer by layer: a table of a later layer replaces one of an earlier layer.

        Raises:
            ContractError: a file is not a contract.
            ConfigError: two files of one layer have the same table, or two tables the same folder in Trusted.
        """
        self.notes: list[str] = []
        self._own: dict[str, RegisteredContract] = {}
        for layer in layers:
            self._add(layer)
        self._refuse_shared_folders()

    @classmethod
    def load(cls, lake: Path | ObjectStore | None = None, extra: Sequence[str] = (), *, prefix: str = "") -> Registry:
        """Load the registry of a lake.

        Args:
            lake: its folder, or the store that holds it; None: no lake.
            extra: contract files, and folders of such; a later one wins.
            prefix: key of the lake in the store.

        Raises:
            ContractError: a file is not a contract.
            ConfigError: a file or folder does not exist, or tables conflict.
        """
        own = _of_folder(lake) if isinstance(lake, Path) else _of_store(lake, prefix) if lake is not None else []
        return cls([own, *(named_files(one) for one in extra)])

    @property
    def tables(self) -> tuple[str, ...]:
        """The names of all tables, the built-in ones first."""
        return tuple(dict.fromkeys((*TRUSTED, *self._own)))

    def registered(self, table: str) -> RegisteredContract:
        """Return a table, and where its contract comes from.

        Raises:
            ConfigError: there is no such table.
        """
        if table in self._own:
            return self._own[table]
        if table in TRUSTED:
            return RegisteredContract(CONTRACTS[table], BUILT_IN, built_in_content(table))
        told = meant(table, self.tables) or f"; there are {', '.join(self.tables)}"
        raise ConfigError(
            f"no table is called {table!r}{told}",
            hint=f"trustedlake contract list shows the tables; a contract file in the lake's {FOLDER}/, or --contracts"
            " FILE, adds one",
        )

    def contract(self, table: str) -> Contract:
        """Return the contract of a table. Raises ConfigError if there is none."""
        if table in TRUSTED and table not in self._own:
            return CONTRACTS[table]
        return self.registered(table).contract

    def named(self, source: str, entity: str | None = None) -> tuple[Contract, ...]:
        """Return the tables that `--source` and `--entity` mean."""
        every = (self.contract(table) for table in self.tables)
        return tuple(one for one in every if one.source == source and entity in {None, one.entity})

    def __iter__(self) -> Iterator[Contract]:
        """Iterate over all contracts."""
        return (self.contract(table) for table in self.tables)

    def add(self, contract: Contract) -> None:
        """Add a contract made in Python; it replaces one of the same table. Raises ConfigError."""
        self._own[contract.table] = RegisteredContract(contract, MADE, b"")
        self._refuse_shared_folders()

    def _add(self, layer: Sequence[UnreadContract]) -> None:
        found: dict[str, RegisteredContract] = {}
        for source in layer:
            content = source.read()
            file = read_contracts(content, source.name)
            self.notes += [note.told(source.name) for note in file.notes]
            for contract in file.contracts:
                twin = next((name for name in found if name.casefold() == contract.table.casefold()), None)
                if twin:
                    raise ConfigError(
                        f"{source.name}: the table {contract.table} is in {found[twin].origin}, too",
                        hint="keep one of the two, or rename a table",
                    )
                found[contract.table] = RegisteredContract(contract, source.name, content)
        for table, one in found.items():
            before = self._own[table].origin if table in self._own else BUILT_IN if table in TRUSTED else None
            if before:
                self.notes.append(f"{one.origin}: replaces the table {table} ({before})")
        self._own |= found

    def _refuse_shared_folders(self) -> None:
        folders: dict[str, str] = dict(TRUSTED)
        folders |= {table: one.contract.trusted for table, one in self._own.items()}
        for table, one in self._own.items():
            for other, taken in folders.items():
                if other != table and other.casefold() == table.casefold():
                    raise ConfigError(
                        f"{one.origin}: the tables {table} and {other} differ only in upper and lower case",
                        hint="rename one",
                    )
                if other != table and overlap(one.contract.trusted, taken):
                    raise ConfigError(
                        f"{one.origin}: {table} would be written to {one.contract.trusted}, where {other} has {taken}",
                        hint=f"give it a folder of its own by trusted.path, as Trusted/{table}; a table named"
                        f" {other} would replace that one",
                    )


@dataclass(frozen=True, slots=True)
class Asked:
    """The tables that a call names.

    Attributes:
        tables: their names.
        source, entity: the other way to name built-in tables.
    """

    tables: tuple[str, ...] = ()
    source: str | None = None
    entity: str | None = None

    def contracts(self, registry: Registry) -> tuple[Contract, ...]:
        """Return their contracts; those of all tables if none is named.

        Raises:
            ConfigError: there is no such table, or it was given both `tables` and `source` or `entity`.
        """
        if self.tables and (self.source or self.entity):
            raise ConfigError(
                "--table names a table, and --source and --entity name others",
                hint="give --table alone, or --source and --entity",
            )
        if self.tables:
            return tuple(registry.contract(table) for table in dict.fromkeys(self.tables))
        chosen = tuple(
            one for one in registry if self.source in {None, one.source} and self.entity in {None, one.entity}
        )
        if not chosen:
            raise ConfigError(
                f"no table has the source {self.source} and the entity {self.entity}",
                hint="trustedlake contract list shows the tables; --table names one",
            )
        return chosen


EVERYTHING = Asked()
"""Every table of the lake."""


def registry_at(
    roots: Roots, settings: Settings, clock: Clock, extra: Sequence[str] = (), given: Iterable[Contract] = ()
) -> Registry:
    """Load the tables of a lake: built-in ones, those of its own contracts, and those that the caller names or made.

    `extra` are contract files and folders of such; if empty, those of the settings are used.

    Raises:
        ConfigError: as in `Registry.load`.
    """
    named, lake = extra or settings.contract_files, roots.root / roots.lake
    if isinstance(lake, Path):
        registry = Registry.load(lake, named)
    else:
        with closing(bucket_store(lake, settings, clock)) as store:
            registry = Registry.load(store, named)
    for contract in given:
        registry.add(contract)
    return registry


def registry_of(lake: str | None, extra: Sequence[str] = ()) -> Registry:
    """Load the registry of the lake that a command names, or else of the settings' lake.

    Raises:
        ConfigError: as in `Registry.load`.
        InputError: there is no such lake.
    """
    settings = Settings()
    root = folder(lake or settings.lake)
    if lake and isinstance(root, Path) and not root.is_dir():
        raise InputError(f"no such lake: {root}", hint="check --lake")
    return registry_at(Roots(root), settings, SystemClock(), extra)


def named_files(name: str, option: str = "--contracts ") -> list[UnreadContract]:
    """List the file, or the contract files of the folder, that the user named in an option."""
    if "://" in name:
        raise ConfigError(
            f"{option}{name}: must be a file or folder of this machine",
            hint=f"put contract files of a bucket into the lake's folder {FOLDER}/",
        )
    path = local_path(name)
    if path.is_file():
        return [UnreadContract(str(path), path.read_bytes)]
    if not path.is_dir():
        raise ConfigError(f"{option}{name}: there is no such file or folder", hint="check the path")
    files = [one for one in sorted(path.iterdir()) if _is_contract(one.name) and one.is_file()]
    if not files:
        raise ConfigError(
            f"{option}{name}: the folder has no contract file", hint=f"their names end in {', '.join(SUFFIXES)}"
        )
    return [UnreadContract(str(file), file.read_bytes) for file in files]


def _is_contract(name: str) -> bool:
    return name.endswith(SUFFIXES) and not name.startswith((".", "_"))


def _of_folder(lake: Path) -> list[UnreadContract]:
    """List the contract files of a local lake; refuse a link that leads out of the lake."""
    sources = []
    folder = lake / FOLDER
    for path in sorted(folder.iterdir()) if folder.is_dir() else ():
        if not _is_contract(path.name) or not path.is_file():
            continue
        if not path.resolve().is_relative_to(lake.resolve()):
            raise ConfigError(
                f"{path}: is a link that leads out of the lake", hint="copy the file, or name it with --contracts"
            )
        sources.append(UnreadContract(str(path), path.read_bytes))
    return sources


def _of_store(store: ObjectStore, prefix: str) -> list[UnreadContract]:
    """List the contract files of a lake in a store."""
    folder = join(prefix, FOLDER)
    keys = [info.key for info in store.list(folder) if info.key.rpartition("/")[0] == folder]
    return [
        UnreadContract(store.address(key), partial(store.read, key))
        for key in keys
        if _is_contract(key.rpartition("/")[2])
    ]
