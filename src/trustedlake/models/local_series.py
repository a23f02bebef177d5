"""Contract of `local_series`: the pipe-separated series file, one row per (series, artist)."""

from __future__ import annotations

from trustedlake.models.contract import Column, ColumnType, Contract
from trustedlake.models.local_movies import LOCAL_MOVIES

_FILM_COLUMNS = tuple(
    column.model_copy(update={"description": column.description.replace("movies.csv", "series.csv")})
    for column in LOCAL_MOVIES.columns
)
_AFTER_RELEASE = 1 + [column.name for column in _FILM_COLUMNS].index("anoLancamento")
_END = Column(
    name="anoTermino",
    type=ColumnType.INT,
    original=True,
    description="Year of the last episode. Source: series.csv",
)

LOCAL_SERIES = Contract(
    **LOCAL_MOVIES.model_dump(exclude={"table", "description", "columns"}),
    table="local_series",
    description="Series and their artists from the course's CSV; one row per (series, artist).",
    columns=(*_FILM_COLUMNS[:_AFTER_RELEASE], _END, *_FILM_COLUMNS[_AFTER_RELEASE:]),
)
