"""`trustedlake audit`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from trustedlake.entrypoints.cli import options
from trustedlake.wording import some

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rich.console import Console

    from trustedlake.models.audit import AuditReport, Finding, TableAudit


@click.command("audit", short_help="Check the published data against Raw and the ledger.")
@options.tables
@options.source
@options.entity
@options.contracts
@options.lake
@options.inputs
@options.target
@click.option("--fix", is_flag=True, help="First finish an interrupted publish and remove leftover staging files.")
@options.as_json
def command(
    *,
    tables: tuple[str, ...],
    source: str | None,
    entity: str | None,
    contracts: tuple[str, ...],
    lake: str | None,
    inputs: tuple[str, ...],
    target: str | None,
    fix: bool,
    as_json: bool,
) -> int:
    """Compare Raw, Trusted, Quarantine and the ledger, file by file and record by record.

    Raw is read again, with a different JSON parser. Shows what is missing, doubled, unknown or
    changed, and exits 3 if it finds anything; 4 while a publish is under way. Writes nothing without
    --fix, and never touches data.

    \b
    Examples:
      trustedlake audit --lake ./lake
      trustedlake audit --source tmdb --entity movies --json
      trustedlake audit --fix
      trustedlake audit --source tmdb --entity movies --input ../drop --target ./lake/Trusted/films
    """
    from trustedlake.entrypoints.lake import compose

    with compose.home(compose.Place(lake, inputs, target, contracts)) as home:
        report = home.audit(compose.Asked(tables, source, entity), fix=fix)
    if as_json:
        click.echo(report.model_dump_json(indent=2))
    else:
        _show(report)
    return report.exit_code


def _show(report: AuditReport) -> None:
    from trustedlake.entrypoints.cli.console import Text, stdout

    console = stdout()
    for done in report.fixed:
        console.print(Text(f"fixed: {done}", style="green"), soft_wrap=True)
    _findings(console, report.findings)
    for table in report.tables:
        status = (f"{len(table.findings)} finding(s)", "red") if table.findings else ("clean", "green")
        console.print()
        console.print(Text.assemble((table.table, "bold"), "  ", status, f"  {_summary(table)}"), soft_wrap=True)
        _findings(console, table.findings)
        for line in _remarks(table):
            console.print(Text(line, style="dim"), soft_wrap=True)
    if report.untaken_files or report.untaken_records:
        console.print()
    for line in _untaken(report):
        console.print(Text(line, style="yellow"), soft_wrap=True)
    clean = "each record of Raw is where the ledger says, exactly once" if report.tables else "nothing else to audit"
    found = len(report.findings) + sum(len(table.findings) for table in report.tables)
    console.print()
    console.print(Text(f"{found} finding(s) in all" if found else f"clean: {clean}", style="dim"))


def _summary(table: TableAudit) -> str:
    counts = table.counts
    return (
        f"{table.partitions:,} partition(s), {table.files:,} raw file(s), {counts.framed:,} records ="
        f" {counts.trusted:,} trusted + {counts.rejected:,} rejected + {counts.duplicates:,} duplicates"
        + (f" + {counts.elsewhere:,} left to other tables" if counts.elsewhere else "")
    )


def _untaken(report: AuditReport) -> Iterator[str]:
    if report.untaken_files:
        yield f"{len(report.untaken_files):,} file(s) in Raw that no table takes: {some(report.untaken_files)}"
    if report.untaken_records:
        count = sum(report.untaken_records.values())
        yield f"{count:,} record(s) that no table takes, in {some(report.untaken_records)}"


def _findings(console: Console, findings: tuple[Finding, ...]) -> None:
    from trustedlake.entrypoints.cli.console import Text, tell

    for finding in findings:
        line = Text.assemble((f"{finding.kind}: ", "bold red"), (finding.where, "bold"), f": {finding.message}")
        console.print(line, soft_wrap=True)
        tell(console, "  hint: ", "bold cyan", finding.hint)


def _remarks(table: TableAudit) -> Iterator[str]:
    from trustedlake.core.shared_points import shared_points, shared_warnings

    for point in shared_points(table.refused):
        yield f"refused, keeps what it had: {point.where}: {point.told}"
    for shared in shared_warnings(table.warnings):
        yield f"open: {shared.where}: {shared.told}"
    for path, why in table.accepted_unreadable.items():
        yield f"accepted as unreadable: {path}: {why}"
    if table.kept:
        yield f"kept rows of raw files that are gone, only counted: {some(table.kept)}"
    if table.earlier:
        days = some(name or "the table" for name in table.earlier)
        yield f"{len(table.earlier)} partition(s) only counted, judged by another contract (run to-trusted): {days}"
    if table.pending:
        yield f"{len(table.pending)} raw file(s) that no run has processed yet: {some(table.pending)}"
