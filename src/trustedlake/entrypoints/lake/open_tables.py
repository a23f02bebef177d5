"""Open the tables of a lake: where the caller says they are, or where their ledgers say inside the lake."""

from __future__ import annotations

from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from trustedlake.adapters.local.host import LocalHost
from trustedlake.app.auditing.audited import Audited
from trustedlake.app.publishing.checked_keys import StrayError
from trustedlake.app.publishing.ledger_file import read_ledger
from trustedlake.app.trusted.listing import key_of, lineage_path
from trustedlake.app.trusted.run import new_run_id
from trustedlake.entrypoints import interrupt
from trustedlake.entrypoints.lake.address import Folder, Roots, table_paths
from trustedlake.entrypoints.lake.open_store import explained, store_at
from trustedlake.entrypoints.settings import Settings
from trustedlake.errors import ConfigError, InputError, MissingExtraError
from trustedlake.models.lake import are_nested
from trustedlake.terminal import quoted

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from trustedlake.app.auditing.audited import Evidence
    from trustedlake.models.contract import Contract
    from trustedlake.models.lake import TablePaths
    from trustedlake.models.ledger import Ledger
    from trustedlake.ports import Clock, ObjectStore

_EVIDENCE = {"pyarrow", "orjson"}


@contextmanager
def audited_tables(
    roots: Roots, contracts: Sequence[Contract], clock: Clock, *, known: Sequence[Contract], fix: bool
) -> Iterator[tuple[list[Audited], list[Audited]]]:
    """Open the tables to audit, and those to mend; their stores are closed at the end.

    Mending writes, so for tables to mend only the caller says where they are.

    Raises:
        MissingExtraError: pyarrow or orjson is not installed.
        OutsideError: raw or published files are outside the lake, and the caller doesn't name their folders.
    """
    evidence, host, run_id = _evidence(), LocalHost(), new_run_id(clock)
    by_table = {contract.table: contract for contract in contracts}

    def audited(found: list[tuple[ObjectStore, TablePaths]]) -> list[Audited]:
        return [
            Audited(store, host, interrupt.deferred, paths, by_table[paths.table], run_id, evidence, tuple(known))
            for store, paths in found
        ]

    with ExitStack() as stores:
        mended = stores.enter_context(places(roots, contracts, clock, known=known, follow=False)) if fix else []
        found = stores.enter_context(places(roots, contracts, clock, known=known, raw=True))
        yield audited(found), audited(mended)


@contextmanager
def places(
    roots: Roots,
    contracts: Sequence[Contract],
    clock: Clock,
    *,
    known: Sequence[Contract],
    follow: bool = True,
    raw: bool = False,
    elsewhere: bool = False,
) -> Iterator[list[tuple[ObjectStore, TablePaths]]]:
    """Open each table's store, and yield it with the table's folders.

    If the caller names an input or a target, they belong to the table whose ledger was written for them, or to
    the only table asked for. Other tables are in the lake's usual folders, or where their ledgers say.

    Args:
        roots: the lake, and the other folders that the caller names.
        contracts: the tables' contracts.
        clock: for the stores.
        known: the contracts of all tables.
        follow: whether a ledger may name other folders of the lake. Never use it for writing.
        raw: whether the raw files are needed, too.
        elsewhere: whether to treat a table outside the lake as if it were in its usual folders.

    Raises:
        OutsideError: a table is outside the lake, and the caller doesn't name its folders.
        ConfigError: no table was published with the folders that the caller names.
    """
    settings, lake = Settings(), roots.root / roots.lake
    named = bool(roots.inputs or roots.target)
    with ExitStack() as stores:
        home = stores.enter_context(store_at(Roots(lake), settings, clock, contracts=known))
        wide = stores.enter_context(store_at(roots, settings, clock, contracts=known)) if named else home
        found, fits = [], False
        with explained(lake, home):
            tops = home.folders("")
        for contract in contracts:
            usual = table_paths(Roots(lake), contract, tops)
            with explained(lake, home):
                ledger = _ledger(home, usual)
            theirs = table_paths(roots, contract)
            if named and (_was_written_for(ledger, wide, theirs) or len(contracts) == 1):
                found.append((wide, theirs))
                fits = True
                continue
            remembered = Roots(lake)
            if follow:
                with suppress(*([OutsideError] if elsewhere else [])):
                    remembered = _remembered(lake, home, usual, ledger, raw=raw)
            own = (
                stores.enter_context(store_at(remembered, settings, clock, contracts=known))
                if _moved(remembered)
                else home
            )
            found.append((own, table_paths(remembered, contract, tops)))
        if named and not fits:
            raise ConfigError(
                f"no table of {lake} was published with these --input and --target",
                hint="also name the table; or leave both out if the table is in the lake",
            )
        yield found


def _ledger(store: ObjectStore, paths: TablePaths) -> Ledger | None:
    """Read the ledger to compare folders with; a damaged one is reported later, where it is used."""
    with suppress(InputError):
        found = read_ledger(store, paths)
        return found[0] if found and found[0].inputs else None
    return None


def _was_written_for(ledger: Ledger | None, store: ObjectStore, paths: TablePaths) -> bool:
    inputs = [lineage_path(store, paths, root) for root in paths.inputs]
    target = lineage_path(store, paths, paths.trusted)
    return ledger is not None and ledger.target == target and are_nested(ledger.inputs, inputs)


def _moved(roots: Roots) -> bool:
    """Return whether a local lake has its published files in unusual folders; links are refused there, too."""
    return isinstance(roots.root, Path) and roots.target is not None


def _remembered(lake: Folder, store: ObjectStore, usual: TablePaths, ledger: Ledger | None, *, raw: bool) -> Roots:
    """Return the folders of the lake that the ledger was written for; the usual ones without a ledger."""
    if ledger is None or _was_written_for(ledger, store, usual):
        return Roots(lake)
    target = key_of(store, usual, ledger.target)
    inputs = {told: key_of(store, usual, told) for told in ledger.inputs}
    if not target or (raw and None in inputs.values()):
        raise _outside(store, usual, ledger)
    return Roots(lake, inputs=tuple(key for key in inputs.values() if key), target=target)


class OutsideError(StrayError):
    """A ledger names folders that are outside its lake, and the caller doesn't name them."""


def _outside(store: ObjectStore, paths: TablePaths, ledger: Ledger) -> OutsideError:
    flags = [*(f"--input {quoted(told)}" for told in ledger.inputs), f"--target {quoted(ledger.target)}"]
    return OutsideError(
        f"{store.address(paths.ledger)} says that {paths.table} was published from {', '.join(ledger.inputs)}"
        f" to {ledger.target}: not all of that is in this lake, and a ledger can't point outside it",
        hint=f"if these folders are yours, repeat the flags given to to-trusted: {' '.join(flags)}",
    )


def _evidence() -> Evidence:
    try:
        from trustedlake.adapters.auditing.evidence import FileEvidence
    except ModuleNotFoundError as error:
        if error.name not in _EVIDENCE:
            raise
        raise MissingExtraError(str(error.name), extra="spark") from error
    return FileEvidence()
