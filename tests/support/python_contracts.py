"""Contracts of tables invented by tests, as models."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from trustedlake.models.column import Column
from trustedlake.models.contract import Contract, Duplicates
from trustedlake.models.raw import Raw, RawFormat

if TYPE_CHECKING:
    from collections.abc import Sequence


def contract(
    table: str = "filmes",
    *,
    columns: Sequence[Column] = (),
    key: tuple[str, ...] = (),
    duplicates: Duplicates | None = None,
    partition: tuple[str, ...] = (),
    **raw: Any,
) -> Contract:
    """A contract of JSON or CSV files, by default of the columns `id` and `nome`, one row per `id`."""
    columns = columns or (Column(name="id", type="bigint", synonyms=("codigo",)), Column(name="nome", type="string"))
    if not key and duplicates in {None, Duplicates.MERGE} and columns[0].name == "id":
        key = ("id",)
    return Contract(
        table=table,
        raw=Raw(**{"path": (f"Raw/{table}",), "format": RawFormat.JSON, **raw}),
        trusted=f"Trusted/{table}",
        key=key,
        partition=partition,
        duplicates=duplicates or (Duplicates.LAST if key else Duplicates.EQUAL),
        columns=tuple(columns),
    )


def text(name: str, *sources: str, **more: Any) -> Column:
    return Column(name=name, type="string", sources=sources, **more)


def whole(name: str, *sources: str, **more: Any) -> Column:
    return Column(name=name, type="bigint", sources=sources, **more)
