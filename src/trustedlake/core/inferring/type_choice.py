"""Choose the type of one path's values: it must fit 99 % of them; report the others."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from trustedlake.core.inferring.names import counted, shown, word_set, words_of
from trustedlake.core.inferring.value_kinds import HARD_NULLS
from trustedlake.types.moments import EPOCH_MS, EPOCH_S, ISO, PLAIN_DATE

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from trustedlake.core.inferring.value_kinds import FormatCount, Group, Place, Values

HOLDS = 0.99
"""Share of the values that a type must fit."""
_NEARLY = 0.8

_DATE_WORDS = word_set(
    "date data fecha day dia dt time timestamp hora ts created updated modified at since when inicio fim start "
    "end criado atualizado nascimento birthday epoch moment instante"
)
_MONEY_WORDS = word_set(
    "price preco precio amount valor value total subtotal cost custo costo fare tarifa fee taxa tax salary "
    "salario receita revenue payment pagamento tip discount desconto frete freight money saldo balance"
)
_LIST_WORDS = word_set(
    "genre genres genero generos keyword keywords tag tags country countries pais paises language languages "
    "idioma idiomas cast elenco categories categorias companies produtoras atores actors skills professions"
)
_ID_WORDS = word_set("id ids code codigo cod uuid key chave year ano anio number numero no num qty quantity")
_WORDS_OF_TRUTH = tuple(
    (frozenset(true.split()), frozenset(false.split()))
    for true, false in (
        ("true t", "false f"), ("sim s", "não nao n"), ("yes y", "no n"), ("sí si s", "no n"),
        ("verdadeiro v", "falso f"), ("verdadero v", "falso f"), ("on", "off"),
    )
)  # fmt: skip
_EXACT_DIGITS = 15
"""Number of significant digits that a double always keeps."""
_MOST_FRACTION = 4
_LONG_DIGITS = 18
_LISTS_WITH_MARK = 0.3
_AMOUNTS = 0.5
_LISTS_REPEAT = 0.5
_ENOUGH = 20

_YEARS = (1500, 2200)


_EPOCHS = {EPOCH_MS: (1e11, 4.2e12), EPOCH_S: (1e8, 4.2e9)}


@dataclass(slots=True)
class Choice:
    """A type and how its values are written.

    Attributes:
        odd: number of values that don't fit the type.
        odd_samples: the first of them, with their places.
        notes: what is uncertain.
        nulls: words among the values that mean null.
    """

    type: str
    formats: tuple[str, ...] = ()
    decimal: str = "."
    grouping: str = ""
    booleans: dict[str, bool] = field(default_factory=dict)
    split: str | None = None
    odd: int = 0
    odd_samples: list[tuple[str, Place]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    nulls: tuple[str, ...] = ()


def is_dated(key: str) -> bool:
    """Whether the name of a key suggests dates or times."""
    return not _DATE_WORDS.isdisjoint(words_of(key))


def choose(values: Values, key: str, *, month_first: bool = False) -> Choice:
    """Choose the type of the values under `key`; `month_first` decides how to read ambiguous dates (`03/04/2025`)."""
    choice = choose_loosely(values, key, HOLDS, month_first=month_first)
    if choice.type == "string":
        nearly = choose_loosely(values, key, _NEARLY, month_first=month_first)
        if nearly.odd:
            written = f" ({', '.join(nearly.formats)})" if nearly.formats else ""
            choice.notes.append(f"nearly {nearly.type}{written}; {_told(nearly)}; kept as text")
    return choice


def choose_loosely(values: Values, key: str, least: float, *, month_first: bool = False) -> Choice:
    """Choose a type that fits at least the share `least` of the values."""
    filled = values.filled
    if not filled:
        return Choice("string", nulls=tuple(values.nulls), notes=["no value in any record: the type is a guess"])
    enough = filled * least
    finders: tuple[Callable[[], Choice | None], ...] = (
        lambda: _boolean(values, enough),
        lambda: _moment(values, enough, month_first=month_first),
        lambda: _number(values, key, enough),
    )
    for find in finders:
        choice = find()
        if choice is not None:
            choice.nulls = tuple(values.nulls)
            if choice.odd:
                choice.notes.append(_told(choice))
            return choice
    return _text(values, key)


def _told(choice: Choice) -> str:
    first = ", ".join(f"{shown(text)!r} at {shown(place[0])}#{place[1]}" for text, place in choice.odd_samples[:3])
    return f"not {choice.type}: {counted(choice.odd, 'value')}, {first}"


def _odd(values: Values, fits: Callable[[str], bool]) -> list[tuple[str, Place]]:
    """Return the first values whose shapes don't fit."""
    samples = [one for group in values.groups.values() if not fits(group.shape) for one in group.samples]
    return [one for one in (*samples, *values.samples) if one[0] not in values.nulls][:3]


def _boolean(values: Values, least: float) -> Choice | None:
    if not values.words:
        return None
    folded: Counter[str] = Counter()
    for word, count in values.words.items():
        folded[word.casefold()] += count
    for true, false in _WORDS_OF_TRUTH:
        count = sum(folded[word] for word in true | false)
        found = {word for word in true | false if folded[word]}
        sure = (found & true and found & false) or (len(found) == 1 and len(next(iter(found))) > 2)  # noqa: PLR2004
        if not sure or count < least:
            continue
        words = {
            word: word.casefold() in true
            for word in values.words
            if word.casefold() in found and word not in {"true", "false"}
        }
        notes = [] if found <= {"true", "false"} else ["boolean words; check which means what"] if _short(found) else []
        samples = [one for one in values.samples if one[0].casefold() not in found and one[0] not in values.nulls]
        return Choice("boolean", booleans=words, odd=values.filled - count, odd_samples=samples, notes=notes)
    return None


def _short(found: Iterable[str]) -> bool:
    return all(len(word) == 1 for word in found)


def _by_format(values: Values) -> dict[str, list[tuple[Group, FormatCount]]]:
    """Return the formats that some values may have, with their counters."""
    by_format: dict[str, list[tuple[Group, FormatCount]]] = {}
    for group in values.groups.values():
        for check in group.checks:
            by_format.setdefault(check.format, []).append((group, check))
    among_dates = not by_format.keys() <= _EPOCHS.keys()
    for format_ in _EPOCHS:
        if not _are_epochs(format_, by_format.get(format_, []), among_dates=among_dates):
            by_format.pop(format_, None)
    return by_format


def _moment(values: Values, least: float, *, month_first: bool) -> Choice | None:
    by_format = _by_format(values)
    if not by_format:
        return None
    chosen: dict[str, list[tuple[Group, FormatCount]]] = {}
    notes: list[str] = []
    taken: set[str] = set()
    order = sorted(
        by_format,
        key=lambda one: (-sum(c.count for _, c in by_format[one]), one.startswith("M") is not month_first, one),
    )
    for format_ in order:
        pairs = [pair for pair in by_format[format_] if pair[0].shape not in taken and pair[1].count]
        if not pairs:
            continue
        twin = next((o for o in order if o != format_ and sorted(o) == sorted(format_) and o not in chosen), None)
        if twin and all(_count(by_format[twin], group) == check.count for group, check in pairs):
            notes.append(f"every value may also be {twin}: check which comes first, day or month")
        chosen[format_] = pairs
        taken |= {group.shape for group, _ in pairs}
    pairs = [pair for some in chosen.values() for pair in some]
    count = sum(check.count for _, check in pairs)
    if count < least:
        return None
    has_time = any(format_ not in {PLAIN_DATE, *_EPOCHS} and ("H" in format_ or format_ == ISO) for format_ in chosen)
    is_day = not has_time and all(check.days == check.count for _, check in pairs)
    formats = [format_ for format_ in chosen if format_ != PLAIN_DATE or is_day or ISO not in chosen]
    formats.sort(key=lambda one: (one not in {PLAIN_DATE, ISO}, one in _EPOCHS))
    if not is_day and formats[0] == PLAIN_DATE and len(formats) > 1:
        formats[0] = ISO  # `iso` also accepts days
    odd = [one for _, check in pairs for one in check.failures] + _odd(values, lambda shape: shape in taken)
    return Choice(
        "date" if is_day else "timestamp", tuple(formats), odd=values.filled - count, odd_samples=odd[:3], notes=notes
    )


def _count(pairs: list[tuple[Group, FormatCount]], group: Group) -> int:
    return sum(check.count for other, check in pairs if other is group)


def _are_epochs(format_: str, pairs: list[tuple[Group, FormatCount]], *, among_dates: bool) -> bool:
    """Whether whole numbers may be moments of this or the last century; small ones only if all are whole days."""
    low, high = _EPOCHS[format_]
    least = min((group.least for group, _ in pairs), default=0.0)
    most = max((group.most for group, _ in pairs), default=0.0)
    all_days = all(check.days == check.count for _, check in pairs)
    return (
        -high <= least and most <= high and (least >= low or (all_days and (among_dates or max(-least, most) >= low)))
    )


def _number(values: Values, key: str, least: float) -> Choice | None:
    shapes = values.groups
    if not shapes:
        return None
    best: Choice | None = None
    fitting: list[Group] = []
    for decimal, grouping, pattern in _WRITTEN:
        fits = [group for group in shapes.values() if pattern.fullmatch(group.shape)]
        # A JSON number always has a decimal point, however the texts are written.
        fits += [g for g in shapes.values() if g not in fits and g.count == g.json_numbers and g.is_number]
        count = sum(group.count for group in fits)
        odd = values.filled - count
        if count >= least and (best is None or odd < best.odd):
            best, fitting = Choice("double", decimal=decimal, grouping=grouping, odd=odd), fits
    if best is None:
        return None
    best.odd_samples = _odd(values, lambda shape: any(group.shape == shape for group in fitting))
    if sum(group.leading_zeros for group in fitting if group.json_numbers < group.count):
        return Choice("string", notes=["digits with leading zeros: kept as text"])
    if best.decimal == "," and not best.grouping and _is_grouped(fitting):
        best.decimal, best.grouping = ".", ","
        best.notes.append("the comma is read as a thousands separator: `1,234` is 1234")
    _settle(best, fitting, key)
    if best.decimal != "." or best.grouping:
        _note_marks(best, fitting)
    return best


def _is_grouped(groups: list[Group]) -> bool:
    """Whether commas separate thousands, and exactly the numbers below a thousand have none."""
    marked = [group.shape for group in groups if "," in group.shape]
    bare = [group.shape.lstrip("+-") for group in groups if "," not in group.shape]
    thousands = all(re.fullmatch(r"[-+]?9{1,3},999", one) for one in marked)
    return thousands and bool(bare) and all(one.strip("9") == "" and len(one) <= 3 for one in bare)  # noqa: PLR2004


_WRITTEN = tuple(
    (decimal, grouping, re.compile(pattern))
    for decimal, grouping, pattern in (
        (".", "", r"[-+]?(?:9+(?:\.9*)?|\.9+)(?:[eE][-+]?9+)?"),
        (",", "", r"[-+]?9+(?:,9+)?"),
        (",", ".", r"[-+]?9{1,3}(?:\.999)*(?:,9+)?|[-+]?9+(?:,9+)?"),
        (".", ",", r"[-+]?9{1,3}(?:,999)*(?:\.9+)?|[-+]?9+(?:\.9+)?"),
    )
)
"""Decimal mark, grouping mark, and the shapes of such numbers; the notation that fits most values wins."""


def _settle(choice: Choice, groups: list[Group], key: str) -> None:
    """Decide between whole number, double and decimal."""
    words = set(words_of(key))
    whole = fraction = digits = exponent = zeros = count = 0
    least, most = float("inf"), float("-inf")
    for group in groups:
        number = _plain(group.shape, choice, is_json=group.count == group.json_numbers)
        exponent += group.count if "e" in number.lower() else 0
        before, _, after = number.lstrip("+-").partition(".")
        whole, fraction = max(whole, len(before)), max(fraction, len(after))
        digits = max(digits, group.digits if group.is_number else len(before) + len(after))
        zeros += group.zero_fractions if group.is_number else (0 if after else group.count)
        count += group.count
        least, most = min(least, group.least), max(most, group.most)
    if not exponent and not fraction:
        if whole <= _LONG_DIGITS:
            choice.type = "bigint"
            return
        choice.type = "decimal(38,0)" if whole <= 38 else "string"  # noqa: PLR2004 - the most that a decimal has
        choice.notes.append("whole numbers of more than 18 digits")
        return
    is_whole = zeros == count and not exponent
    if is_whole and (not _ID_WORDS.isdisjoint(words) or (_YEARS[0] <= least and most <= _YEARS[1])):
        choice.type = "bigint"
        choice.notes.append("whole numbers written with `.0`")
        return
    if not exponent and digits > _EXACT_DIGITS and whole + fraction <= 38 and min(whole, fraction) >= 1:  # noqa: PLR2004
        if not _MONEY_WORDS.isdisjoint(words) and fraction <= _MOST_FRACTION:
            choice.type = f"decimal(38,{fraction})"
            choice.notes.append("more digits than a double keeps, and the name says money: exact")
        return
    if not exponent and not is_whole and not _MONEY_WORDS.isdisjoint(words) and fraction <= 2 and whole <= 16:  # noqa: PLR2004
        choice.type = "decimal(18,2)"
        choice.notes.append(
            "the name says money, and no value has more than two digits behind the mark: exact decimals"
        )


def _plain(shape: str, choice: Choice, *, is_json: bool) -> str:
    if is_json:
        return shape
    bare = shape.replace(choice.grouping, "") if choice.grouping else shape
    return bare.replace(choice.decimal, ".")


def _note_marks(choice: Choice, groups: list[Group]) -> None:
    marked = [group.shape for group in groups if "," in group.shape or choice.grouping == "."]
    if choice.decimal == "," and not choice.grouping and all(re.fullmatch(r"[-+]?9{1,3},999", one) for one in marked):
        choice.notes.append("the comma is read as the decimal mark; if `1,234` means 1234, set `grouping`")


def _text(values: Values, key: str) -> Choice:
    choice = Choice("string")
    if is_dated(key) and values.samples and any(any(one.isdigit() for one in text) for text, _ in values.samples):
        choice.notes.append(f"dates? No known format fits {shown(values.samples[0][0])!r}: kept as text")
    lists = values.lists
    mark = next((mark for mark, _ in lists.marked.most_common(1)), None)
    if mark and not lists.long and lists.parts:
        named = not _LIST_WORDS.isdisjoint(words_of(key))
        marked = lists.marked[mark] >= _LISTS_WITH_MARK * values.filled and lists.marked[mark] >= _ENOUGH
        repeats = len(lists.vocabulary) <= _LISTS_REPEAT * lists.parts
        if mark == "," and not named and lists.amounts >= _AMOUNTS * lists.marked[mark]:
            choice.notes.append("amounts with words or a currency? Kept as text: a number has digits and marks only")
        elif named or (marked and repeats):
            choice.split = mark
            choice.type = "array<string>"
            choice.notes.append(f"texts with {mark!r} in them are read as lists; remove `split` to keep them as text")
    words = [word for word in values.nulls if word.casefold() in HARD_NULLS]
    choice.nulls = tuple(words)
    soft = [f"{shown(word)!r} ({values.nulls[word][0]} times)" for word in values.nulls if word not in words]
    if soft:
        choice.notes.append(f"{', '.join(soft)}: text or no value? Add it to `nulls` to read it as null")
    return choice
