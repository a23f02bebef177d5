"""Counters over the scalar values of one path: what the values look like, and where unusual ones are."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field
from math import isinf

from trustedlake.core.framing.json_text import Number
from trustedlake.types import BLANKS, NotOfTypeError
from trustedlake.types.moments import DAY, EPOCH_MS, EPOCH_S, ISO, PLAIN_DATE, micros

HARD_NULLS = frozenset({"n/a", "#n/a", "null", "nan", r"\n", "-", "--", "undefined", "nil", "nat", "<na>"})
"""Words, in lower case, that mean no value in any column."""
SOFT_NULLS = frozenset(
    {"unknown", "none", "na", "nd", "n/d", "desconhecido", "desconhecida", "desconocido", "nenhum", "?",
     "nao informado", "não informado", "sem informação", "sin datos", "not available", "missing", "indefinido"}
)  # fmt: skip
"""Words that mean no value in a column of numbers, dates or booleans, but may be a value in a text column."""
_NULLS = HARD_NULLS | SOFT_NULLS
_NULL_CHARS = max(map(len, _NULLS))

_TYPED_CHARS = 40
_SHAPES = 300
_WORDS = 200
_PLACES = 3
_SAMPLED = 100_000
_TRIED, _REPEATS = 1_000, 0.2
_LIST_PARTS = 20_000
_REMEMBERED = 5_000
_SHAPE = dict.fromkeys(range(ord("0"), ord("9") + 1), "9") | {
    code: "a" for code in (*range(ord("a"), ord("z") + 1), *range(ord("A"), ord("Z") + 1)) if chr(code) not in "eETZ"
}
_DECIMAL = re.compile(r"[-+]?(?:9+\.?9*|\.9+)(?:[eE][-+]?9+)?")
_TIME = r"(?P<join>[T ])(?P<hour>99?):99(?P<second>:99(?P<fraction>[.,]9{1,9})?)?"
_DAY_FIRST = re.compile(rf"(?P<a>99?)(?P<mark>[/.-])(?P<b>99?)(?P=mark)(?P<year>9999|99)(?:{_TIME})?")
_YEAR_FIRST = re.compile(rf"9999(?P<mark>[/.])99(?P=mark)99(?:{_TIME})?")
_ISO = re.compile(r"9999-99-99(?:[T ]99:99(?::99(?:[.,]9{1,9})?)? ?(?:Z|[+-]99:?(?:99)?)?)?")
_COMPACT = {8: "yyyyMMdd", 14: "yyyyMMddHHmmss"}

Place = tuple[str, int]
"""A file and the number of a record in it."""


@dataclass(slots=True)
class FormatCount:
    """How many texts of one shape can be parsed as dates or times in one format."""

    format: str
    count: int = 0
    days: int = 0
    failures: list[tuple[str, Place]] = field(default_factory=list)
    known: dict[str, int | None] = field(default_factory=dict)

    def add(self, text: str, place: Place) -> None:
        """Try one more text; remembers the first results, because days repeat."""
        rest = self.known.get(text, -1)
        if rest == -1:
            try:
                rest = micros(text, (self.format,)) % DAY
            except NotOfTypeError:
                rest = None
            if len(self.known) < _REMEMBERED:
                self.known[text] = rest
        if rest is not None:
            self.count += 1
            self.days += rest == 0
        elif len(self.failures) < _PLACES:
            self.failures.append((text, place))


@dataclass(slots=True)
class Group:
    """Texts of one shape: digits become `9`, letters `a`."""

    shape: str
    checks: list[FormatCount]
    is_number: bool
    count: int = 0
    json_numbers: int = 0
    zero_fractions: int = 0
    digits: int = 0
    leading_zeros: int = 0
    least: float = float("inf")
    most: float = float("-inf")
    samples: list[tuple[str, Place]] = field(default_factory=list)

    def add(self, text: str, place: Place, *, is_json: bool) -> None:
        """Count one more text."""
        self.count += 1
        self.json_numbers += is_json
        if len(self.samples) < _PLACES:
            self.samples.append((text, place))
        for check in self.checks:
            check.add(text, place)
        if self.is_number:
            value = float(text)
            self.least, self.most = min(self.least, value), max(self.most, value)
            bare = text.lstrip("+-")
            self.leading_zeros += bare[:1] == "0" and bare[1:2].isdigit()
            whole, _, fraction = bare.partition(".")
            self.zero_fractions += not fraction.strip("0")
            self.digits = max(self.digits, len((whole + fraction).strip("0")))


@dataclass(slots=True)
class Distinct:
    """Detects repeated values by their hashes; for very many values, it keeps a sample of the values.

    Attributes:
        hopeless: so many values repeat that counting has stopped.
    """

    mask: int = 0
    doubles: int = 0
    seen: int = 0
    hopeless: bool = False
    hashes: set[int] = field(default_factory=set)

    def add(self, value: object) -> None:
        """Add one more value."""
        if self.hopeless:
            return
        mark = hash(value)
        if mark & self.mask:
            return
        self.seen += 1
        if mark in self.hashes:
            self.doubles += 1
            if self.seen > _TRIED and self.share > _REPEATS:
                self.hopeless = True
                self.hashes.clear()
            return
        self.hashes.add(mark)
        if len(self.hashes) > _SAMPLED:
            # Sample by value: equal values are either all in the sample or all out of it.
            self.mask = self.mask * 2 + 1
            self.hashes = {one for one in self.hashes if not one & self.mask}

    @property
    def share(self) -> float:
        """Share of the values that occurred before."""
        return self.doubles / self.seen if self.seen else 0.0


_AMOUNT = re.compile(r"[0-9],[0-9]{1,2}(?![0-9])")
"""A decimal comma, as in `R$ 1.250,00`."""


@dataclass(slots=True)
class Lists:
    """Detects whether texts are really lists: `Drama, Romance`."""

    marked: Counter[str] = field(default_factory=Counter)
    amounts: int = 0
    parts: int = 0
    long: int = 0
    vocabulary: set[str] = field(default_factory=set)

    def add(self, text: str) -> None:
        """Add one more text; after enough texts, ignores the rest."""
        if self.parts > _LIST_PARTS:
            return
        for mark in ",;|":
            if mark in text:
                self.marked[mark] += 1
        self.amounts += text.count(",") == 1 and _AMOUNT.search(text) is not None
        mark = next((mark for mark in ";|," if mark in text), ",")
        for part in text.split(mark):
            bare = part.strip()
            self.parts += 1
            self.long += len(bare) > 30 or bare.count(" ") > 3  # noqa: PLR2004 - a sentence, not a name
            if len(self.vocabulary) < _WORDS * 5:
                self.vocabulary.add(bare)


@dataclass(slots=True)
class Values:
    """The scalar values of one path.

    Attributes:
        dated: the path's name suggests dates or times, so whole numbers may be epochs.
        count: number of values, including empty texts but not nulls.
        empty: number of texts with only blanks.
        nulls: word that may mean null, as written -> how often it occurs, and where first.
        groups: shape -> texts of that shape, for texts that begin like numbers and dates.
        words: other distinct texts, up to a limit -> how often they occur.
        others: number of such other texts.
        samples: the first of them.
    """

    dated: bool = False
    count: int = 0
    empty: int = 0
    json_numbers: int = 0
    nulls: dict[str, tuple[int, Place]] = field(default_factory=dict)
    groups: dict[str, Group] = field(default_factory=dict)
    words: Counter[str] = field(default_factory=Counter)
    others: int = 0
    samples: list[tuple[str, Place]] = field(default_factory=list)
    distinct: Distinct = field(default_factory=Distinct)
    lists: Lists = field(default_factory=Lists)
    longest: int = 0

    def add(self, text: str, place: Place, scope: object = None) -> None:
        """Add one more value; `scope` is the partition in which it should be unique."""
        self.count += 1
        bare = text.strip(BLANKS)
        if not bare:
            self.empty += 1
            return
        if len(bare) <= _NULL_CHARS and bare.casefold() in _NULLS:
            count, first = self.nulls.get(bare, (0, place))
            self.nulls[bare] = count + 1, first
        self.distinct.add((scope, bare))
        is_json = text.__class__ is Number
        self.json_numbers += is_json
        length = len(bare)
        self.longest = max(self.longest, length)
        if length <= _TYPED_CHARS and (bare[0].isdigit() or (bare[0] in "+-." and length > 1)) and bare.isascii():
            shape = bare.translate(_SHAPE)
            group = self.groups.get(shape)
            if group is None and len(self.groups) < _SHAPES:
                group = self.groups[shape] = _group(shape, dated=self.dated)
            if group is not None and group.is_number and "e" in shape.lower() and isinf(float(bare)):
                group = None  # too large for a double
            if group is not None:
                group.add(bare, place, is_json=is_json)
                if not group.is_number and not group.checks:
                    self.lists.add(bare)
                return
        self.others += 1
        if bare in self.words or len(self.words) < _WORDS:
            self.words[bare] += 1
        if len(self.samples) < _PLACES:
            self.samples.append((bare, place))
        self.lists.add(bare)

    @property
    def filled(self) -> int:
        """Number of values that are neither empty nor a word that may mean null."""
        return self.count - self.empty - sum(count for count, _ in self.nulls.values())


def _group(shape: str, *, dated: bool) -> Group:
    return Group(shape, [FormatCount(one) for one in _formats(shape, dated=dated)], bool(_DECIMAL.fullmatch(shape)))


def _formats(shape: str, *, dated: bool) -> list[str]:
    """Return the date and timestamp formats that texts of this shape may have."""
    if _ISO.fullmatch(shape):
        return [PLAIN_DATE] if len(shape) == len(PLAIN_DATE) else [ISO]
    bare = shape.lstrip("+-")
    if not bare.strip("9"):
        if not dated:
            return []
        compact = [_COMPACT[len(bare)]] if shape == bare and len(bare) in _COMPACT else []
        return [*compact, EPOCH_MS, EPOCH_S]
    if match := _YEAR_FIRST.fullmatch(shape):
        return [f"yyyy{match['mark']}MM{match['mark']}dd{_time(match)}"]
    if match := _DAY_FIRST.fullmatch(shape):
        wide = len(match["a"]) == len(match["b"]) == 2  # noqa: PLR2004 - digits
        day, month = ("dd", "MM") if wide else ("d", "M")
        year, mark, time = "y" * len(match["year"]), match["mark"], _time(match)
        return [f"{day}{mark}{month}{mark}{year}{time}", f"{month}{mark}{day}{mark}{year}{time}"]
    return []


def _time(match: re.Match[str]) -> str:
    if match["join"] is None:
        return ""
    join = "'T'" if match["join"] == "T" else " "
    hour = "HH" if len(match["hour"]) == 2 else "H"  # noqa: PLR2004 - digits
    fraction = match["fraction"] or ""
    # There are letters only for three and six digits; with any other number of digits the value stays a text.
    letters = {0: "", 4: f"{fraction[:1]}SSS", 7: f"{fraction[:1]}SSSSSS"}.get(len(fraction), "")
    return f"{join}{hour}:mm{':ss' if match['second'] else ''}{letters}"
