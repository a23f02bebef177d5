"""Files -> `contract init` -> framing with the proposed contract: which records get through."""

from __future__ import annotations

from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any

from trustedlake.core.framing.frames import frame_file
from trustedlake.core.framing.layout import text_column
from trustedlake.core.inferring.folder_template import find_template
from trustedlake.entrypoints.wiring.contract_proposal import Proposal, propose_contract

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path


@dataclass
class Loaded:
    """What framing made of the files."""

    proposal: Proposal
    records: int = 0
    rows: list[dict[str, Any]] = field(default_factory=list)
    """The accepted records, as texts in the normal spelling of their types."""
    problems: list[str] = field(default_factory=list)
    unreadable: list[str] = field(default_factory=list)

    @property
    def share(self) -> float:
        return len(self.rows) / self.records if self.records else 0.0

    def column(self, name: str) -> list[Any]:
        return [row[name] for row in self.rows]

    def type_of(self, name: str) -> str:
        return self.proposal.draft.contract.column(name).type


def load(
    sources: Sequence[Path], table: str = "things", *, lake: Path | None = None, path: str | None = None
) -> Loaded:
    """Propose a contract for the files, and frame them with it."""
    proposal = propose_contract([str(one) for one in sources], table, lake=str(lake) if lake else None, path=path)
    return frame(proposal, sources, lake)


def frame(proposal: Proposal, sources: Sequence[Path], lake: Path | None = None) -> Loaded:
    contract = proposal.draft.contract
    framing = contract.framing()
    loaded = Loaded(proposal)
    required = [column.name for column in contract.columns if contract.is_required(column)]
    refused = {one.path for one in proposal.draft.refused}
    for source in sources:
        for file in sorted(source.rglob("*")) if source.is_dir() else [source]:
            home = proposal.lake.absolute()
            shown = file.absolute().relative_to(home).as_posix() if file.absolute().is_relative_to(home) else file.name
            patterns = contract.raw.files or (f"*.{contract.format}", f"*.{contract.format}.gz")
            fits = any(fnmatchcase(file.name, pattern) for pattern in patterns)
            if not file.is_file() or shown in refused or not fits:
                continue
            values = find_template([shown]).values.get(shown, ())
            partition = values if len(values) == len(contract.partition) else ("x",) * len(contract.partition)
            with file.open("rb") as stream:
                frames = frame_file(stream, path=shown, partition=partition, framing=framing)
                while True:
                    try:
                        batch = next(frames)
                    except StopIteration as stop:
                        if stop.value.problem is not None:
                            loaded.unreadable.append(f"{shown}: {stop.value.problem}")
                        break
                    _collect(loaded, batch, required)
    return loaded


def _collect(loaded: Loaded, batch: Any, required: list[str]) -> None:
    names = [column.name for column in loaded.proposal.draft.contract.columns]
    for row in batch.to_pylist():
        loaded.records += 1
        values = {name: row[text_column(name)] for name in names}
        missing = [name for name in required if not values[name]]
        if row["problem"] is not None or missing:
            loaded.problems.append(row["problem"] or f"missing {missing}")
        else:
            loaded.rows.append({**values, "rescued": row["rescued"]})
