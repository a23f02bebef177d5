"""Registers in the catalog what a run published, and says so."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from trustedlake.errors import TrustedLakeError
from trustedlake.text import typed

if TYPE_CHECKING:
    from trustedlake.entrypoints.places import Place
    from trustedlake.models.report import RunReport


def require_bucket(lake: str) -> None:
    """Refuse a lake that no catalog reads, before anything is done. Raises ConfigError."""
    from trustedlake.entrypoints import cataloging

    cataloging.require_bucket(lake)


def register(run: RunReport, place: Place, database: str, *, quiet: bool) -> int:
    """Register the run's tables of which something is published; a dry run's are left alone.

    Returns the exit code that this alone gives: what was published stays published if the catalog refuses.
    """
    from trustedlake.entrypoints import cataloging
    from trustedlake.entrypoints.cli import console

    try:
        report = cataloging.register_run(run, place, database)
    except TrustedLakeError as error:
        console.error(
            f"published, but not registered: {error.message}",
            f"{error.hint}; then {typed('catalog', '--apply', lake=place.lake)}",
        )
        return error.exit_code
    if report is not None and not quiet:
        for one in report.tables:
            partitions = f", {one.added} partition(s) added, {one.updated} updated, {one.removed} removed"
            click.echo(f"catalog: {database}.{one.table} {one.status}{partitions if one.location else ', a view'}")
    return 0
