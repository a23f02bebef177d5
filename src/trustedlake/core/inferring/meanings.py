"""What a key means, in English, Portuguese or Spanish: the words of films and series."""

from __future__ import annotations

from trustedlake.core.inferring.names import word_set, words_of

_SAME = {
    "title": "titulo tituloprincipal",
    "name": "nome nombre",
    "original": "originais originales",
    "main": "principal pincipal primary",
    "id": "codigo cod identificador code ids",
    "imdb": "imdbid",
    "release": "lancamento estreno lanzamento lanzamiento released estreia premiere",
    "first": "primeira primera inicio start",
    "last": "ultima ultimo fim final",
    "air": "exibicao emision transmissao aired emissao",
    "end": "termino encerramento fin",
    "date": "data fecha dia",
    "year": "ano anio",
    "vote": "voto votos votes nota rating score avaliacao avaliacoes puntuacion calificacion",
    "average": "media medio promedio mean avg",
    "count": "quantidade numero qtd qtde contagem cantidad total number num",
    "popularity": "popularidade popularidad",
    "overview": "sinopse sinopsis resumo resumen descricao description plot synopsis summary",
    "genre": "genres genero generos",
    "keyword": "keywords palavra palavras chave palabras clave tags tag",
    "collection": "colecao coleccion saga franquia belongs",
    "language": "idioma lingua lengua lang",
    "runtime": "duracao duracion duration minutos minutes tempo length",
    "budget": "orcamento presupuesto",
    "revenue": "receita bilheteria ingresos recaudacion",
    "status": "situacao estado",
    "season": "seasons temporada temporadas",
    "episode": "episodes episodio episodios",
    "artist": "artista actor ator person",
    "character": "personagem personaje papel role",
    "birth": "nascimento nacimiento born",
    "death": "falecimento morte fallecimiento died",
    "profession": "profissao profesion occupation",
    "known": "conhecidos conocidos",
}
_CANON = {word: canon for canon, words in _SAME.items() for word in (canon, *words.split())}
_IDLE = word_set(
    "de da do das dos del la el the of no na in a o e to tmdb movie movies film films filme filmes pelicula "
    "peliculas serie series show tv mais most"
)  # fmt: skip
_EXTRA = {
    "movie_id": ("id",),
    "series_id": ("id",),
    "title": ("title", "name"),
    "name": ("name", "title"),
    "vote_average": ("vote average", "vote", "vote value"),
    "vote_count": ("vote count", "votes count"),
    "release_date": ("date release", "release"),
    "first_air_date": ("date first air", "date first", "first air", "date release"),
    "last_air_date": ("date last air", "date last", "last air"),
    "collection": ("collection", "collection name"),
    "number_of_seasons": ("season count", "season"),
    "number_of_episodes": ("episode count", "episode"),
    "genero": ("genre",),
    "generoArtista": ("genre artist",),
    "tempoMinutos": ("runtime",),
    "keywords": ("keyword",),
}
"""Column -> further meanings, besides that of its own name."""


def meaning(key: str) -> frozenset[str]:
    """Return the meaning of a key, independent of language and word order."""
    words = [_CANON.get(word, _CANON.get(word.rstrip("s"), word)) for word in words_of(key)]
    return frozenset(word for word in words if word not in _IDLE)


def means_column(key: str, column: str) -> bool:
    """Whether a key means a built-in column, in its own words or others."""
    said = meaning(key)
    return bool(said) and any(said == meaning(text) for text in (column, *_EXTRA.get(column, ())))
