"""What a key means, in English, Portuguese or Spanish: the words of films and series, and words of any data."""

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


_COMMON = {
    "account": "conta cuenta",
    "active": "ativo ativa activo activa enabled",
    "address": "endereco direccion domicilio",
    "age": "idade edad",
    "amount": "quantia montante importe monto",
    "average": "media medio promedio mean avg",
    "balance": "saldo",
    "bank": "banco",
    "birth": "nascimento nacimiento",
    "brand": "marca",
    "card": "cartao tarjeta",
    "category": "categoria",
    "city": "cidade ciudad",
    "class": "turma classe clase",
    "code": "codigo cod",
    "color": "cor colour",
    "comment": "comentario observacao observacion obs note remark",
    "company": "empresa",
    "cost": "custo costo coste",
    "count": "contagem conteo recuento",
    "country": "pais",
    "course": "curso",
    "created": "criado criada criacao creado creada creacion creation",
    "currency": "moeda moneda",
    "customer": "cliente client",
    "date": "data fecha dt",
    "day": "dia",
    "delivery": "entrega",
    "department": "departamento",
    "description": "descricao descripcion desc",
    "destination": "destino",
    "discount": "desconto descuento",
    "distance": "distancia",
    "district": "bairro barrio neighborhood neighbourhood",
    "duration": "duracao duracion",
    "email": "mail correo",
    "employee": "funcionario empregado empleado",
    "end": "fim fin termino",
    "first": "primeiro primeira primero primera",
    "gender": "sexo genero sex",
    "grade": "nota",
    "group": "grupo",
    "height": "altura",
    "hour": "hora",
    "id": "identificador identifier codigo cod",
    "image": "imagem imagen photo foto",
    "invoice": "fatura factura",
    "item": "articulo artigo",
    "key": "chave clave",
    "language": "idioma lingua lengua",
    "last": "ultimo ultima",
    "latitude": "lat",
    "length": "comprimento longitud",
    "level": "nivel",
    "longitude": "lon lng longitud",
    "maximum": "maximo maxima max",
    "message": "mensagem mensaje",
    "minimum": "minimo minima min",
    "model": "modelo",
    "month": "mes",
    "name": "nome nombre",
    "number": "numero num nr",
    "order": "pedido orden",
    "owner": "dono proprietario propietario dueno",
    "patient": "paciente",
    "payment": "pagamento pago",
    "percent": "porcentagem porcentaje percentual percentage pct",
    "phone": "telefone telefono fone tel telephone celular",
    "price": "preco precio",
    "product": "produto producto",
    "purchase": "compra",
    "quantity": "quantidade cantidad qtd qtde qty",
    "rate": "taxa tasa",
    "rating": "avaliacao calificacion",
    "reason": "motivo",
    "region": "regiao",
    "result": "resultado",
    "sale": "venda venta",
    "school": "escola escuela",
    "score": "pontuacao puntuacion nota",
    "seller": "vendedor",
    "size": "tamanho tamano",
    "source": "fonte fuente origem origen",
    "start": "inicio comeco comienzo begin",
    "state": "estado uf",
    "status": "situacao situacion estado",
    "stock": "estoque existencias inventory inventario",
    "store": "loja tienda shop",
    "street": "rua calle logradouro",
    "student": "aluno estudante alumno estudiante",
    "supplier": "fornecedor proveedor vendor",
    "surname": "sobrenome apellido",
    "tax": "imposto impuesto",
    "teacher": "professor profesor",
    "temperature": "temperatura temp",
    "text": "texto",
    "time": "hora tempo tiempo",
    "title": "titulo",
    "total": "",
    "type": "tipo",
    "unit": "unidade unidad unitario unitaria",
    "updated": "atualizado atualizada atualizacao actualizado actualizada actualizacion",
    "user": "usuario",
    "value": "valor",
    "vehicle": "veiculo vehiculo",
    "week": "semana",
    "weight": "peso",
    "width": "largura ancho",
    "year": "ano",
    "zip": "cep postcode",
}
"""Words of any data; one word may have several meanings: `estado` is a state or a status."""

_PREPOSITIONS = word_set("de da do das dos del la el los las the of")


def _meanings() -> dict[str, frozenset[str]]:
    found: dict[str, set[str]] = {}
    for canon, words in _COMMON.items():
        for word in (canon, *words.split()):
            found.setdefault(word, set()).add(canon)
    return {word: frozenset(canons) for word, canons in found.items()}


_MEANINGS = _meanings()


def _known(word: str) -> frozenset[str]:
    """Return the meanings of a word, singular or plural; empty if it is not a word of any data."""
    bare = (word, word.removesuffix("s"), word.removesuffix("es"), f"{word.removesuffix('ies')}y")
    return next((_MEANINGS[one] for one in bare if one in _MEANINGS), frozenset())


def mean_the_same(one: str, other: str) -> bool:
    """Whether two keys mean the same, whatever their language and the order of their words.

    Words of any data decide, if both keys consist of such words; else the words of films and series.
    """
    mine, theirs = ([word for word in words_of(key) if word not in _PREPOSITIONS] for key in (one, other))
    if all(map(_known, (*mine, *theirs))):
        return bool(mine) and _match([_known(word) for word in mine], [_known(word) for word in theirs])
    own = [_known(word) or frozenset({word}) for word in mine]
    return _match(own, [_known(word) or frozenset({word}) for word in theirs]) or (
        bool(meaning(one)) and meaning(one) == meaning(other)
    )


def _match(words: list[frozenset[str]], others: list[frozenset[str]]) -> bool:
    """Whether each word has a partner with a common meaning."""
    left = list(others)
    for word in words:
        partner = next((one for one in left if one & word), None)
        if partner is None:
            return False
        left.remove(partner)
    return not left
