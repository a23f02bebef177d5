"""Spark and pysail come to the same columns and reasons on texts that nobody thought of."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING, Any

from tests.spark.test_schema import MOVIE_CASES
from tests.support.frames import films
from trustedlake.adapters.engines.process_environment import environment
from trustedlake.adapters.engines.sail import CONNECT
from trustedlake.core.judging.schema import to_columns
from trustedlake.models.tables import CONTRACTS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pyspark.sql import SparkSession

    from trustedlake.adapters.engines.sail import SailEngine

MOVIES = CONTRACTS["tmdb_movies"]
CHARACTERS = "0123456789+-.eE, \t\ndfNaInul\"'\\[]{}:/T\u00a0\u0085\u0660é東"
SEEDS = ["2024-03-05", "86400000", "10.0", "-1.5e-3", "1e308", "NaN", "true", '{"id":9,"name":"Heat"}']
RECORDS = 1500


def test_on_mangled_texts(spark: SparkSession, sail_engine: SailEngine) -> None:
    texts = list(_mangled(random.Random(20250617)))

    by_spark = _columns(spark, texts)
    with environment(CONNECT):
        by_sail = _columns(sail_engine.session, texts)

    assert [(texts[i], by_spark[i], by_sail[i]) for i in range(RECORDS) if by_spark[i] != by_sail[i]] == []
    failed = sum(len(row["failed"]) for row in by_spark)
    assert RECORDS < failed < RECORDS * 15  # neither all texts nor none are values


def _columns(session: SparkSession, texts: list[dict[str, str | None]]) -> list[dict[str, Any]]:
    rows = to_columns(films(session, MOVIES, texts), MOVIES).drop("raw").orderBy("record_index").collect()
    return [row.asDict() for row in rows]


def _mangled(chance: random.Random) -> Iterator[dict[str, str | None]]:
    known = [(key, text) for case, _ in MOVIE_CASES for key, text in case.items() if text]
    everything = [text for _, text in known] + SEEDS
    by_key = {key: [text for other, text in known if other == key] or SEEDS for key in MOVIES.text_columns}
    for _ in range(RECORDS):
        pool = by_key if chance.random() < 0.8 else dict.fromkeys(by_key, everything)
        yield {key: _mangle(chance, chance.choice(pool[key])) for key in MOVIES.text_columns}


def _mangle(chance: random.Random, text: str) -> str:
    """The text, with up to three characters inserted, dropped or replaced."""
    for _ in range(chance.randrange(4)):
        place = chance.randrange(len(text) + 1)
        kept = text[place + chance.randrange(2) :]
        text = text[:place] + chance.choice(["", chance.choice(CHARACTERS)]) + kept
    return text
