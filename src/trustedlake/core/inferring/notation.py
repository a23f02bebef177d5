"""Say with which notation a column could read texts that are not of its type."""

from __future__ import annotations

from dataclasses import replace
from itertools import product
from typing import TYPE_CHECKING

from trustedlake.core.inferring.type_choice import choose_loosely
from trustedlake.core.inferring.value_kinds import Values
from trustedlake.types import BLANKS, NotOfTypeError
from trustedlake.types.numbers import NUMBER, with_point

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from trustedlake.core.facts import FileFacts
    from trustedlake.models.column import Column
    from trustedlake.models.contract import Contract
    from trustedlake.types import Notation

_GROUPING = (".", ",", " ", "'", "\N{NO-BREAK SPACE}", "\N{NARROW NO-BREAK SPACE}")
_OTHER_MARK = {".": ",", ",": "."}
_TEXTS = 100
"""Number of texts to try; a partition may have many files."""

_MOST = 0.5
"""A notation is proposed if it reads more than this share of the texts."""


def misread_advice(facts: Iterable[FileFacts], contract: Contract) -> dict[str, str]:
    """Return column -> advice, for each column with texts that another notation could read."""
    misread: dict[str, list[str]] = {}
    for file in facts:
        for name, texts in file.misread.items():
            misread.setdefault(name, []).extend(texts)
    found = {name: notation_advice(contract.column(name), texts[:_TEXTS]) for name, texts in misread.items()}
    return {name: advice for name, advice in found.items() if advice}


def notation_advice(column: Column, texts: Sequence[str]) -> str:
    """Say what the contract needs to read these texts, which are not of the column's type; empty if nothing helps.

    double, decimal ','   1.250,00    ->  valor: '1.250,00' would be a double with grouping '.' in the contract
    date                  17/06/2025  ->  dia: '17/06/2025' would be a date with formats 'yyyy-MM-dd', 'dd/MM/yyyy' ...
    """
    fitting: list[tuple[str, list[str]]] = []
    for words, notation in _candidates(column, texts):
        read = [text for text in texts if notation != column.notation and _reads(column, text, notation)]
        if len(read) > max(_MOST * len(texts), len(fitting[0][1]) - 1 if fitting else 0):
            fitting = [*(one for one in fitting if len(one[1]) == len(read)), (words, read)]
    if not fitting:
        return ""
    words, read = fitting[0]
    # `03/04/2025` fits two formats, so name both; other notations that read the same texts say more than is needed.
    words = " or ".join(other for other, _ in fitting) if words.startswith("formats") else words
    return f"{column.name}: {read[0]!r} would be a {column.type} with {words} in the contract"


def _reads(column: Column, text: str, notation: Notation) -> bool:
    try:
        column.scalar.normal(text.strip(BLANKS), notation)
    except NotOfTypeError:
        return False
    # `12.101` is a number as it stands, only with too many decimals: never read it as twelve thousand.
    is_fine = notation.formats == column.formats and _is_number(text.strip(BLANKS), column.notation)
    return not is_fine


def _is_number(text: str, notation: Notation) -> bool:
    try:
        return NUMBER.fullmatch(with_point(text, notation)) is not None
    except NotOfTypeError:
        return False


def _candidates(column: Column, texts: Sequence[str]) -> Iterator[tuple[str, Notation]]:
    """Yield what to set in the contract, and the resulting notation; the smallest change comes first."""
    own = column.notation
    for decimal, grouping in product((own.decimal, _OTHER_MARK[own.decimal]), ("", *_GROUPING)):
        if grouping == decimal or (decimal == own.decimal and not grouping):
            continue
        words = [f"decimal {decimal!r}"] if decimal != own.decimal else []
        words += [f"grouping {grouping!r}"] if grouping else ["no grouping"] if own.grouping else []
        yield " and ".join(words), replace(own, decimal=decimal, grouping=grouping)
    values = Values(dated=True)
    for number, text in enumerate(texts):
        values.add(text, ("", number))
    for format_ in dict.fromkeys(check.format for group in values.groups.values() for check in group.checks):
        formats = (*(own.formats or column.scalar.formats), format_)
        yield f"formats {', '.join(map(repr, formats))}", replace(own, formats=formats)
    meanings = choose_loosely(values, column.name, _MOST).booleans
    if meanings:
        meant = {meaning: [word for word, true in meanings.items() if true is meaning] for meaning in (True, False)}
        told = ", ".join(f"{str(meaning).lower()}: [{', '.join(some)}]" for meaning, some in meant.items() if some)
        yield f"booleans {{{told}}}", replace(own, booleans={**own.booleans, **meanings})
