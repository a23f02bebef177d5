"""A lake's status and a run's report as a notebook shows them: one small table, and one line elsewhere."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trustedlake.markup import Markup, tag

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from trustedlake.models.ledger import Counts

_COLUMNS = ("table", "", "partitions", "rows", "rejected", "open")


class Summarised:
    """Has a `headline` and `summary` rows; a notebook shows both, and `repr` the headline."""

    @property
    def headline(self) -> str:
        """The whole in one line."""
        raise NotImplementedError

    def summary(self) -> Iterable[Sequence[object]]:
        """One row a table: name, status, partitions, rows, rejected, what is open."""
        raise NotImplementedError

    def __repr__(self) -> str:
        return f"<{type(self).__name__}: {self.headline}>"

    def __str__(self) -> str:
        return repr(self)

    def _repr_html_(self) -> str:
        head = tag("tr", *(tag("th", name) for name in _COLUMNS))
        rows = [tag("tr", *(tag("td", cell) for cell in row)) for row in self.summary()]
        return tag("div", tag("p", tag("b", self.headline)), tag("table", head, *rows) if rows else Markup())


def rejected(counts: Counts) -> str:
    """Rejected records and their share."""
    share = counts.rejected / counts.own if counts.own else 0.0
    return f"{counts.rejected:,} ({share:.1%})"
