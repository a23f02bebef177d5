"""The audit's census of raw bytes, compared with framing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.support.framed import frame
from trustedlake.adapters.auditing.evidence import take_census
from trustedlake.core.auditing import ComparedColumns

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from trustedlake.core.auditing import Census
    from trustedlake.models.contract import Contract


def agree(name: str, content: bytes, contract: Contract, folder: Path, others: Sequence[Contract] = ()) -> Census:
    """Frame the content, take its census, and compare both, record by record."""
    file = folder / name
    file.write_bytes(content)
    framed = frame(content, name, contract.framing(others), others=range(len(others)))
    census = take_census(file, contract, others)
    assert (census.problem is None) == (framed.facts.problem is None), (census.problem, framed.facts.problem)
    told = (framed.facts.records, framed.facts.elsewhere, framed.facts.untaken)
    assert (census.records, census.elsewhere, census.untaken) == told
    compared = ComparedColumns.of(contract)
    for row in framed.rows:
        index = row["record_index"]
        assert census.has(index)
        assert census.is_text(index, row["raw"].encode()), row
        # Only trusted rows are compared by their witness, and duplicates by their key.
        if row["problem"] is None:
            witness = compared.witness([row[f"text_{name}"] or "" for name in compared.names])
            assert census.is_witness(index, witness), row
            assert census.key(index) == hash(witness.key), row
    indexes = {row["record_index"] for row in framed.rows}
    seen = bytearray(index in indexes for index in range(len(census)))
    assert list(census.missing(seen)) == []
    return census
