"""The reference page of contract files names every field, and its example is a contract."""

from __future__ import annotations

from pathlib import Path

import pytest

from trustedlake.adapters.contracts.column_section import CUSTOM
from trustedlake.adapters.contracts.odcs_check import check
from trustedlake.adapters.contracts.raw_section import FIELDS
from trustedlake.adapters.contracts.table_section import TABLE
from trustedlake.models.contract import MAX_REJECTED, Duplicates
from trustedlake.models.raw import CSV_NULLS, DEFAULT_RECORDS, Dialect

PAGE = (Path(__file__).parents[2] / "docs/reference/contract-file.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("field", [*TABLE, *CUSTOM, *FIELDS, *Duplicates])
def test_every_field_has_a_row_on_the_page(field: str) -> None:
    rows = [line.split(" | ")[0] for line in PAGE.splitlines() if line.startswith("| ")]
    assert any(f"`{field}`" in row for row in rows)


def test_the_example_on_the_page_is_valid() -> None:
    example = PAGE.split("```yaml\n")[1].split("```")[0]
    found = check(example.encode(), "people.odcs.yaml")
    assert (found.problems, found.notes) == ((), ())


def test_the_page_shows_the_defaults_of_the_model() -> None:
    rows = {
        line.split(" | ")[0].strip("|` "): line.rpartition(" | ")[2].rstrip(" |").replace("\\|", "|")
        for line in PAGE.split("## `raw`")[1].split("## Columns")[0].splitlines()
        if line.startswith("| `")
    }
    assert rows["max_rejected"] == str(MAX_REJECTED)
    assert rows["records"] == f"`{list(DEFAULT_RECORDS)}`".replace("'", '"')
    assert rows["nulls"] == f"CSV `[\"{CSV_NULLS[0]}\", '{CSV_NULLS[1]}']`, JSON none"
    plain = Dialect()
    assert rows["delimiter"] == f"`{plain.delimiter}`"
    assert (rows["skip"], rows["encoding"], rows["header"]) == (str(plain.skip), f"`{plain.encoding}`", "`true`")
