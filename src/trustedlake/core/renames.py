"""Recognises a column whose key has another name now: the names mean the same, and the values are alike."""

from __future__ import annotations

from difflib import SequenceMatcher
from typing import TYPE_CHECKING

import pyarrow as pa

from trustedlake.core.accepting.rules import keeping
from trustedlake.core.inferring.builtin import meaning
from trustedlake.core.inferring.names import is_nameable, words_of
from trustedlake.types import NotOfTypeError, Options
from trustedlake.types.source_path import parse_source

if TYPE_CHECKING:
    from trustedlake.core.facts import FileFacts
    from trustedlake.models.column import Column

_MOST = 0.9
"""Share of a file's records that have the new key: those that had the old one."""

_ALIKE = 0.8
"""Likeness of two names, 0 to 1, from which on one is taken for a spelling of the other."""

_SAMPLE_CHARS = 80
"""Characters of a sample: one as long may be cut."""


def find_renamed(column: Column, facts: FileFacts) -> str | None:
    """The key that the column's values have in a file that has none of its keys; None if there is none like it.

    Its name must mean the same, be spelt almost the same, or stand in it; its values must fit the column.
    """
    found = [
        (likeness, key)
        for key, records in facts.unknown.items()
        if records >= _MOST * facts.records
        and is_nameable(key)
        and (likeness := _likeness(key, column)) >= _ALIKE
        and _fits(facts.samples.get(key, ""), column)
    ]
    best = sorted(found, reverse=True)
    if len(best) > 1 and best[0][0] == best[1][0]:
        return None  # which of two it is only a person can say
    return best[0][1] if best else None


def synonym_line(key: str) -> str:
    """The line of a contract file by which the column takes its values from that key, too."""
    import json  # noqa: PLC0415 - few contracts need it

    return f"synonyms: [{{synonym: {json.dumps(key, ensure_ascii=False)}}}]"


def _likeness(key: str, column: Column) -> float:
    known = {column.name, *(parse_source(path)[-1].name for path in column.paths)}
    return max(_alike(key, one) for one in known)


def _alike(one: str, other: str) -> float:
    words, others = words_of(one), words_of(other)
    joined, joined_other = "".join(words), "".join(others)
    if joined and joined == joined_other:
        return 1.0
    if meaning(one) and meaning(one) == meaning(other):
        return 0.95
    return SequenceMatcher(None, joined, joined_other).ratio()


def _fits(sample: str, column: Column) -> bool:
    """Whether a value that was seen is one that the column takes."""
    if column.is_list:
        return sample.startswith("[") or column.split is not None
    if sample == "null" or len(sample) >= _SAMPLE_CHARS:
        return column.kind.is_text
    options = Options(
        formats=column.formats, decimal=column.decimal, grouping=column.grouping, booleans=dict(column.booleans)
    )
    try:
        normal = column.kind.normal(sample.strip(), options) if sample.strip() else ""
    except NotOfTypeError:
        return False
    texts = pa.array([normal], pa.string())
    try:
        values = column.kind.decode(texts)
    except pa.ArrowInvalid:  # more digits than a decimal has room for
        return False
    # The certain way may not be sure of a value that is right; then the spelling has decided.
    return bool(normal) and (values[0].as_py() is None or keeping(column, texts, values)[0].as_py())
