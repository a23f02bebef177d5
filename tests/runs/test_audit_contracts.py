"""The audit of tables with a user's own contracts: clean if nothing is wrong, else each finding is named."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from tests.support.damage import found, only, rewrite
from tests.support.python_contracts import contract, text, whole
from trustedlake.app.trusted.job import Options
from trustedlake.core.auditing import ComparedColumns
from trustedlake.entrypoints.lake import compose
from trustedlake.models.column import Column
from trustedlake.models.contract import Contract, Duplicates
from trustedlake.models.ledger import Counts
from trustedlake.models.raw import Dialect, RawFormat

if TYPE_CHECKING:
    from tests.support.trials import Trial
    from trustedlake.models.audit import AuditReport
    from trustedlake.models.report import RunReport


def publish(trial: Trial, *tables: Contract, **options: Any) -> RunReport:
    """Run the tables; all are known."""
    with compose.home(compose.Place(lake=str(trial.lake)), engine=trial.engine, given=tables) as home:
        report = home.to_trusted(
            compose.Asked(tuple(one.table for one in tables)), Options(max_rejected=0.9, **options)
        )
    assert report.exit_code == 0, [(one.message, one.partitions) for one in report.tables]
    return report


def audit(trial: Trial, *tables: Contract) -> AuditReport:
    """What an audit says of the tables, which are known besides the built-in ones."""
    with compose.home(compose.Place(lake=str(trial.lake)), engine=trial.engine, given=tables) as home:
        return home.audit(compose.Asked(tuple(one.table for one in tables)))


def lines(*records: dict[str, Any]) -> str:
    return "".join(f"{json.dumps(one)}\n" for one in records)


FILMS = contract("filmes", where={"tipo": ("filme", None)}, one_of=("nome",), path=("Raw/misto",))
PEOPLE = contract(
    "pessoas",
    columns=[whole("person_id", "id"), text("birthday", required=True)],
    key=("person_id",),
    one_of=("birthday",),
    path=("Raw/misto",),
)
MIXED = lines(
    {"id": 1, "nome": "A"},
    {"id": 2, "birthday": "1970-01-01"},
    {"id": 3, "nome": "B", "tipo": "serie"},
    {"id": 4, "foto": "x.png"},
    {"id": 5, "nome": "C", "tipo": "filme"},
    {"id": 6, "birthday": None},
)
MODES: dict[str, tuple[Contract, str, str, Counts]] = {
    "key of two columns, one of them a date": (
        contract(
            columns=[whole("id"), Column(name="dia", type="date"), text("nome")], key=("id", "dia"), path=("Raw/a",)
        ),
        "a.json",
        lines(*({"id": n % 3, "dia": f"2024-01-0{1 + n % 2}", "nome": f"{n}"} for n in range(8)), {"id": 1}),
        Counts(framed=9, trusted=6, duplicates=2, rejected=1),
    ),
    "no key, equal rows": (
        contract(columns=[text("t"), whole("n")], path=("Raw/a",)),
        "a.json",
        lines({"t": "x", "n": 1.0}, {"t": "x", "n": "1"}, {"t": "x", "n": 2}, {"t": "", "n": None}),
        Counts(framed=4, trusted=3, duplicates=1),
    ),
    "no key, all rows": (
        contract(columns=[text("t"), whole("n")], duplicates=Duplicates.KEEP, path=("Raw/a",)),
        "a.json",
        lines({"t": "x", "n": 1.0}, {"t": "x", "n": "1"}, {"t": "x", "n": "?"}),
        Counts(framed=3, trusted=2, rejected=1),
    ),
    "nulls filled from duplicates": (
        contract(columns=[whole("id"), text("a"), text("b")], duplicates=Duplicates.MERGE, path=("Raw/a",)),
        "a.json",
        lines({"id": 1, "a": "x"}, {"id": 1, "b": "y"}, {"id": 2, "a": None}),
        Counts(framed=3, trusted=2, duplicates=1),
    ),
    "objects by their names": (
        contract(columns=[text("chave", "@key"), text("nome")], key=("chave",), records=("porId{}",), path=("Raw/a",)),
        "a.json",
        json.dumps({"porId": {"tt1": {"nome": "A"}, "tt2": {"nome": ["B"]}, "tt3": {"nome": "C"}}}),
        Counts(framed=3, trusted=2, rejected=1),
    ),
    "nested texts": (
        contract(columns=[text("t", "a.b", "c[].d"), whole("n", "crew[job=Director].id")], key=("n",), path=("Raw/a",)),
        "a.json",
        lines(
            {"a": {"b": 1.10}, "crew": [{"job": "Director", "id": 7.0}]},
            {"c": [{"d": None}, {"d": "x"}], "crew": [{"job": "Director", "id": "8"}]},
        ),
        Counts(framed=2, trusted=2),
    ),
    "a dialect": (
        contract(
            columns=[whole("id", decimal=",", grouping="."), text("nome")],
            format=RawFormat.CSV,
            dialect=Dialect(delimiter=";", quote='"', skip=1, encoding="latin-1"),
            path=("Raw/a",),
        ),
        "a.csv",
        '# catálogo\nid;nome\n"1.234";"A\nã"\n2,0;B;C\n\n3;"õ"\n3;Z\n',
        Counts(framed=4, trusted=2, rejected=1, duplicates=1),
    ),
}


@pytest.mark.parametrize(("table", "name", "content", "counts"), MODES.values(), ids=MODES.keys())
def test_a_published_table_is_clean_until_a_row_changes(
    trial: Trial, table: Contract, name: str, content: str, counts: Counts
) -> None:
    trial.put(f"Raw/a/{name}", content.encode(table.raw.dialect.encoding))
    assert publish(trial, table).tables[0].counts == counts
    report = audit(trial, table)
    assert found(report) == []
    assert only(report).counts == counts
    first = ComparedColumns.of(table).names[0]
    (file,) = (trial.lake / table.trusted).rglob("*.parquet")
    rewrite(file, lambda rows: [{**rows[0], first: other(rows[0], table)}, *rows[1:]])
    kinds = {kind for kind, _, _ in found(audit(trial, table))}
    assert kinds > {"published file changed"}, "a record is named, too"


def other(row: dict[str, Any], table: Contract) -> Any:
    """Another value of the first column that is compared."""
    first = ComparedColumns.of(table).names[0]
    value = row[first]
    return "other" if table.column(first).type == "string" else (value or 0) + 100


def test_two_tables_share_a_folder_and_records_of_neither_are_counted(trial: Trial) -> None:
    trial.put("Raw/misto/a.json", MIXED)
    publish(trial, FILMS, PEOPLE)
    report = audit(trial, FILMS, PEOPLE)
    assert found(report) == []
    assert {one.table: one.counts for one in report.tables} == {
        "filmes": Counts(framed=6, trusted=2, rejected=1, elsewhere=3),
        "pessoas": Counts(framed=6, trusted=1, rejected=3, elsewhere=2),
    }
    assert report.untaken_records == {"Raw/misto/a.json": 1}, "the series"


def test_a_file_that_no_table_takes_is_named(trial: Trial) -> None:
    table = contract("filmes", path=("Raw/a",), files=("*.json",))
    trial.put("Raw/a/a.json", lines({"id": 1, "nome": "A"}))
    trial.put("Raw/a/notas.txt", "x")
    publish(trial, table)
    report = audit(trial, table)
    assert (found(report), report.untaken_files) == ([], ("Raw/a/notas.txt",))


def test_rows_of_an_older_contract_are_only_counted_until_they_are_judged_again(trial: Trial) -> None:
    table = contract("filmes", path=("Raw/a",))
    trial.put("Raw/a/a.json", lines({"id": 1, "nome": "A", "titulo": "T"}))
    publish(trial, table)
    later = contract("filmes", columns=[whole("id"), text("nome", "titulo", "nome")], path=("Raw/a",))
    report = audit(trial, later)
    assert (found(report), only(report).earlier) == ([], ("",))
    publish(trial, later)
    report = audit(trial, later)
    assert (found(report), only(report).earlier) == ([], ())
