"""Tables of foreign files, each with its expected rows: the folders of `tests/tables`.

A folder has a contract file, raw files as they are below a lake, and `expected.json`, which is worked out by hand.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from trustedlake.entrypoints.lake import compose

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    import pyarrow as pa

    from trustedlake.models.contract import Contract

TABLES = Path(__file__).parents[1] / "tables"
NAMES = tuple(sorted(path.parent.name for path in TABLES.glob("*/expected.json")))
COMMAND = str(Path(sys.executable).parent / "trustedlake")
NO_JAVA = {"PATH": "/nonexistent", "JAVA_HOME": "/nonexistent", "TRUSTEDLAKE_ENGINE": "sail"}

Row = dict[str, Any]


class Expected(NamedTuple):
    """What `expected.json` says. A record is named by its address, `path#index`.

    Attributes:
        types: column, and partition column -> type as Spark calls it.
        rows: record -> its row; decimals, dates and timestamps (in UTC) as texts.
        rejected: record -> its reasons, sorted.
        duplicates: record -> the record that was kept instead.
        counts: of the whole table.
    """

    types: dict[str, str]
    rows: dict[str, Row]
    rejected: dict[str, list[str]]
    duplicates: dict[str, str]
    counts: dict[str, int]


class Published(NamedTuple):
    """A lake of all tables after one run.

    Attributes:
        report: table -> what the run's report says of it.
    """

    lake: Path
    report: Mapping[str, dict[str, Any]]

    @property
    def contracts(self) -> dict[str, Contract]:
        """The contracts, as the lake has them."""
        with compose.home(compose.Place(lake=str(self.lake))) as home:
            return {name: home.registry.contract(name) for name in NAMES}


def expected(name: str) -> Expected:
    """What must come out of a table's files."""
    return Expected(**json.loads((TABLES / name / "expected.json").read_text(encoding="utf-8")))


def lay_out(lake: Path) -> None:
    """Make a lake of all tables: contracts and raw files."""
    (lake / "contracts").mkdir(parents=True)
    for name in NAMES:
        shutil.copy(TABLES / name / "contract.odcs.yaml", lake / "contracts" / f"{name}.odcs.yaml")
        shutil.copytree(TABLES / name / "Raw", lake / "Raw", dirs_exist_ok=True)


def run_on_all(command: str, *options: str, lake: Path) -> str:
    """What the installed command prints when it is asked for all ten tables; it must end well, without Java."""
    tables = [word for name in NAMES for word in ("--table", name)]
    environ = dict(os.environ) | NO_JAVA  # noqa: TID251 - handed to a child
    called = [COMMAND, command, *tables, *options, "--lake", str(lake)]
    done = subprocess.run(called, env=environ, capture_output=True, text=True, timeout=240, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def assert_rows(got: Mapping[str, Row], name: str) -> None:
    """Compare rows with those that must come out of a table's files; says which values differ, and in which records."""
    want = expected(name).rows
    wrong = [f"{record}: no row" for record in want.keys() - got.keys()]
    wrong += [f"{record}: a row that is not expected, {got[record]}" for record in got.keys() - want.keys()]
    for record in want.keys() & got.keys():
        here, there = got[record], want[record]
        wrong += [
            f"{record}: {column} is {here.get(column, 'absent')!r}, expected {there.get(column, 'no such column')!r}"
            for column in dict.fromkeys((*there, *here))
            if (column in here, here.get(column)) != (column in there, there.get(column))
        ]
    assert not wrong, "\n".join(sorted(wrong))


def rows_of(table: pa.Table) -> dict[str, Row]:
    """The rows as `expected.json` spells them."""
    return by_record({name: _spelled(value) for name, value in row.items()} for row in table.to_pylist())


def rows_of_json(text: str, types: Mapping[str, str]) -> dict[str, Row]:
    """The rows that `query --json` printed: decimals are numbers there, timestamps in UTC have no zone."""
    rows = json.loads(text, parse_float=Decimal)
    return by_record({name: _typed(value, types.get(name, "")) for name, value in row.items()} for row in rows)


def by_record(rows: Iterable[Row]) -> dict[str, Row]:
    """Rows by the address of their record, which no two may share."""
    found: dict[str, Row] = {}
    for row in rows:
        record = f"{row.pop('file_path')}#{row.pop('record_index')}"
        assert record not in found, f"two rows stand for {record}"
        found[record] = row
    return found


def _spelled(value: Any) -> Any:
    match value:
        case Decimal():
            return f"{value:f}"
        case datetime():
            return _in_utc(value)
        case date():
            return value.isoformat()
        case [tuple(), *_]:  # a map
            return {key: _spelled(one) for key, one in value}
        case list():
            return [_spelled(one) for one in value]
    return value


def _typed(value: Any, kind: str) -> Any:
    if value is None:
        return None
    if kind.startswith("array<"):
        return [_typed(one, kind.removeprefix("array<").removesuffix(">")) for one in value]
    if kind.startswith("decimal"):
        return f"{value:f}"
    if kind == "double":
        return float(value)
    return _in_utc(datetime.fromisoformat(value)) if kind == "timestamp" else value


def _in_utc(moment: datetime) -> str:
    """The moment in UTC; one without a zone is in UTC."""
    zoned = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return zoned.astimezone(UTC).isoformat().replace("+00:00", "Z")
