"""Contract of `tmdb_series`: series as TMDB describes them, one row a series and ingestion date."""

from __future__ import annotations

from trustedlake.models.contract import Column, ColumnType, Contract, RawFormat

TMDB_SERIES = Contract(
    table="tmdb_series",
    version=1,
    format=RawFormat.JSON,
    description="Series from TMDB; one row per series and ingestion date.",
    key="series_id",
    unique_key=True,
    witness=("series_id", "name"),
    partitioned=True,
    columns=(
        Column(
            name="series_id",
            type=ColumnType.BIGINT,
            sources=("series_id", "id", "tmdb_id"),
            required=True,
            minimum=1,
            original=True,
            description="TMDB's number of the series. Source: TMDB /tv/{id}, id",
        ),
        Column(
            name="name",
            type=ColumnType.STRING,
            required=True,
            not_blank=True,
            original=True,
            description="Name in the language asked for. Source: TMDB /tv/{id}",
        ),
        Column(
            name="overview",
            type=ColumnType.STRING,
            original=True,
            description="Summary; may hold line breaks. Source: TMDB /tv/{id}",
        ),
        Column(
            name="first_air_date",
            type=ColumnType.DATE,
            original=True,
            description="First broadcast; empty is null. Source: TMDB /tv/{id}",
        ),
        Column(
            name="last_air_date",
            type=ColumnType.DATE,
            description="Latest broadcast; empty is null. Source: TMDB /tv/{id}",
        ),
        Column(
            name="popularity",
            type=ColumnType.DOUBLE,
            minimum=0,
            original=True,
            description="TMDB's popularity score, without unit. Source: TMDB /tv/{id}",
        ),
        Column(
            name="vote_average",
            type=ColumnType.DOUBLE,
            minimum=0,
            maximum=10,
            original=True,
            description="Mean vote, 0 to 10; 0 also means no vote. Source: TMDB /tv/{id}",
        ),
        Column(
            name="vote_count",
            type=ColumnType.BIGINT,
            minimum=0,
            original=True,
            description="Number of votes. Source: TMDB /tv/{id}",
        ),
        Column(
            name="genres",
            type=ColumnType.STRINGS,
            sources=("genres[].name", "genres"),
            original=True,
            description="Names of the genres. Source: TMDB /tv/{id}",
        ),
        Column(
            name="keywords",
            type=ColumnType.STRINGS,
            sources=("keywords[].name", "keywords", "keywords.results[].name", "keywords.keywords[].name"),
            original=True,
            description="Names of the keywords. Source: TMDB /tv/{id}/keywords",
        ),
        Column(
            name="original_name",
            type=ColumnType.STRING,
            empty_is_null=True,
            description="Name in the original language. Source: TMDB /tv/{id}",
        ),
        Column(
            name="original_language",
            type=ColumnType.STRING,
            empty_is_null=True,
            description="ISO 639-1 code of the original language. Source: TMDB /tv/{id}",
        ),
        Column(
            name="status",
            type=ColumnType.STRING,
            empty_is_null=True,
            description="State of the series (`Ended`, `Returning Series`, ...). Source: TMDB /tv/{id}",
        ),
        Column(
            name="type",
            type=ColumnType.STRING,
            empty_is_null=True,
            description="Kind of series (`Scripted`, `Miniseries`, ...). Source: TMDB /tv/{id}",
        ),
        Column(
            name="number_of_seasons",
            type=ColumnType.INT,
            minimum=0,
            description="Seasons so far. Source: TMDB /tv/{id}",
        ),
        Column(
            name="number_of_episodes",
            type=ColumnType.INT,
            minimum=0,
            description="Episodes so far. Source: TMDB /tv/{id}",
        ),
        Column(
            name="in_production",
            type=ColumnType.BOOLEAN,
            description="Whether new episodes are being made. Source: TMDB /tv/{id}",
        ),
        Column(
            name="genre_ids",
            type=ColumnType.BIGINTS,
            sources=("id_genres", "genre_ids", "genres[].id", "genres"),
            description="TMDB's numbers of the genres. Source: TMDB /tv/{id} or /discover/tv",
        ),
    ),
)
