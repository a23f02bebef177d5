"""Contract of `local_movies`: the pipe-separated film file, one row per (film, artist)."""

from __future__ import annotations

from trustedlake.models.contract import Column, ColumnType, Contract, RawFormat

_SOURCE = "Source: movies.csv"


def _text(name: str, what: str, *sources: str) -> Column:
    return Column(
        name=name,
        type=ColumnType.STRING,
        sources=sources,
        empty_is_null=True,
        original=True,
        description=f"{what} {_SOURCE}",
    )


def _year(name: str, what: str) -> Column:
    return Column(name=name, type=ColumnType.INT, original=True, description=f"{what} {_SOURCE}")


ID = Column(
    name="id",
    type=ColumnType.STRING,
    required=True,
    empty_is_null=True,
    pattern=r"\Att[0-9]+\z",
    original=True,
    description=f"IMDb's id: `tt` and digits; repeats once per artist. {_SOURCE}",
)

LOCAL_MOVIES = Contract(
    table="local_movies",
    version=1,
    format=RawFormat.CSV,
    description="Films and their artists from the course's CSV; one row per (film, artist).",
    key="id",
    unique_key=False,
    witness=("id", "tituloPincipal", "personagem", "nomeArtista"),
    partitioned=False,
    columns=(
        ID,
        _text(
            "tituloPincipal",
            "Main title; the spelling is the source's own, tituloPrincipal is read too.",
            "tituloPincipal",
            "tituloPrincipal",
        ),
        _text("tituloOriginal", "Original title."),
        _year("anoLancamento", "Year of release."),
        Column(
            name="tempoMinutos",
            type=ColumnType.INT,
            minimum=0,
            original=True,
            description=f"Length in minutes. {_SOURCE}",
        ),
        _text("genero", "Genres, a comma list in one field."),
        Column(
            name="notaMedia",
            type=ColumnType.DOUBLE,
            minimum=0,
            maximum=10,
            original=True,
            description=f"Mean vote, 0 to 10. {_SOURCE}",
        ),
        Column(
            name="numeroVotos",
            type=ColumnType.BIGINT,
            minimum=0,
            original=True,
            description=f"Number of votes. {_SOURCE}",
        ),
        _text("generoArtista", "The artist's category (`actor`, `actress`, ...)."),
        _text("personagem", "Role played."),
        _text("nomeArtista", "The artist's name."),
        _year("anoNascimento", "Year the artist was born."),
        _year("anoFalecimento", "Year the artist died."),
        _text("profissao", "Professions, a comma list in one field; empty in the source for some."),
        _text("titulosMaisConhecidos", "Ids of the best known titles, a comma list in one field."),
    ),
)
