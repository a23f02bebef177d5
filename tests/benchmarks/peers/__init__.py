"""What people would use instead, each a script that runs as a whole process: `python -m … movies|csv LAKE`.

All read the same raw files and are asked for the same layout: Parquet, films in folders `ano=/mes=/dia=`. Each knows
what the source's description says: the ten columns and their types, `|`, `\\N`, no quotes.
"""

TRUSTED_MOVIES = "Trusted/TMDB/Parquet/Movies"
TRUSTED_CSV = "Trusted/Local/Parquet/Movies"

INGESTED = r"/(\d{4})/(\d{2})/(\d{2})/[^/]*$"
"""The ingestion date in the path of a raw file."""

CSV_COLUMNS = {
    "id": "VARCHAR",
    "tituloPincipal": "VARCHAR",
    "tituloOriginal": "VARCHAR",
    "anoLancamento": "INTEGER",
    "tempoMinutos": "INTEGER",
    "genero": "VARCHAR",
    "notaMedia": "DOUBLE",
    "numeroVotos": "BIGINT",
    "generoArtista": "VARCHAR",
    "personagem": "VARCHAR",
    "nomeArtista": "VARCHAR",
    "anoNascimento": "INTEGER",
    "anoFalecimento": "INTEGER",
    "profissao": "VARCHAR",
    "titulosMaisConhecidos": "VARCHAR",
}
"""The columns of the pipe-separated file, with SQL's names for their types."""
