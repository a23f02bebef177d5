"""Contract of `tmdb_movies`: films as TMDB describes them, one row a film and ingestion date."""

from __future__ import annotations

from trustedlake.models.contract import Column, ColumnType, Contract, RawFormat

TMDB_MOVIES = Contract(
    table="tmdb_movies",
    version=1,
    format=RawFormat.JSON,
    description="Films from TMDB; one row per film and ingestion date.",
    key="movie_id",
    unique_key=True,
    witness=("movie_id", "title"),
    partitioned=True,
    columns=(
        Column(
            name="movie_id",
            type=ColumnType.BIGINT,
            sources=("movie_id", "id", "tmdb_id", "ID"),
            required=True,
            minimum=1,
            original=True,
            description="TMDB's number of the film. Source: TMDB /movie/{id}, id",
        ),
        Column(
            name="title",
            type=ColumnType.STRING,
            required=True,
            not_blank=True,
            original=True,
            description="Title in the language asked for. Source: TMDB /movie/{id}",
        ),
        Column(
            name="overview",
            type=ColumnType.STRING,
            original=True,
            description="Summary; may hold line breaks. Source: TMDB /movie/{id}",
        ),
        Column(
            name="release_date",
            type=ColumnType.DATE,
            original=True,
            description="First release; empty is null. ISO date, or epoch milliseconds at midnight UTC"
            " (pandas writes those). Source: TMDB /movie/{id}",
        ),
        Column(
            name="popularity",
            type=ColumnType.DOUBLE,
            minimum=0,
            original=True,
            description="TMDB's popularity score, without unit. Source: TMDB /movie/{id}",
        ),
        Column(
            name="vote_average",
            type=ColumnType.DOUBLE,
            minimum=0,
            maximum=10,
            original=True,
            description="Mean vote, 0 to 10; 0 also means no vote. Source: TMDB /movie/{id}",
        ),
        Column(
            name="vote_count",
            type=ColumnType.BIGINT,
            minimum=0,
            original=True,
            description="Number of votes. Source: TMDB /movie/{id}",
        ),
        Column(
            name="collection",
            type=ColumnType.STRING,
            sources=("collection.name", "collection", "belongs_to_collection.name"),
            original=True,
            description="Name of the collection the film belongs to. Source: TMDB /movie/{id},"
            " belongs_to_collection.name",
        ),
        Column(
            name="genres",
            type=ColumnType.STRINGS,
            sources=("genres[].name", "genres"),
            original=True,
            description="Names of the genres. Source: TMDB /movie/{id}",
        ),
        Column(
            name="keywords",
            type=ColumnType.STRINGS,
            sources=("keywords[].name", "keywords", "keywords.keywords[].name", "keywords.results[].name"),
            original=True,
            description="Names of the keywords. Source: TMDB /movie/{id}/keywords",
        ),
        Column(
            name="imdb_id",
            type=ColumnType.STRING,
            empty_is_null=True,
            description="IMDb's id (`tt` and digits); joins the CSV tables. Source: TMDB /movie/{id}",
        ),
        Column(
            name="original_title",
            type=ColumnType.STRING,
            empty_is_null=True,
            description="Title in the original language. Source: TMDB /movie/{id}",
        ),
        Column(
            name="original_language",
            type=ColumnType.STRING,
            empty_is_null=True,
            description="ISO 639-1 code of the original language. Source: TMDB /movie/{id}",
        ),
        Column(
            name="status",
            type=ColumnType.STRING,
            empty_is_null=True,
            description="State of the release (`Released`, `Planned`, ...). Source: TMDB /movie/{id}",
        ),
        Column(
            name="runtime",
            type=ColumnType.INT,
            minimum=0,
            description="Length in minutes; 0 means unknown. Source: TMDB /movie/{id}",
        ),
        Column(
            name="budget",
            type=ColumnType.BIGINT,
            minimum=0,
            description="Budget in US dollars; 0 means unknown. Source: TMDB /movie/{id}",
        ),
        Column(
            name="revenue",
            type=ColumnType.BIGINT,
            minimum=0,
            description="Revenue in US dollars; 0 means unknown; passes 2^31. Source: TMDB /movie/{id}",
        ),
        Column(
            name="collection_id",
            type=ColumnType.BIGINT,
            sources=("id_collection", "belongs_to_collection.id"),
            description="TMDB's number of the collection. Source: TMDB /movie/{id}, belongs_to_collection.id",
        ),
        Column(
            name="genre_ids",
            type=ColumnType.BIGINTS,
            sources=("id_genres", "genre_ids", "genres[].id", "genres"),
            description="TMDB's numbers of the genres. Source: TMDB /movie/{id} or /discover/movie",
        ),
    ),
)
