"""`date` and `timestamp`: days, and moments in UTC to the microsecond."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING

from trustedlake.types.base import ColumnType, Notation, NotOfTypeError, matching

if TYPE_CHECKING:
    import pyarrow as pa

ISO = "iso"
EPOCH_MS, EPOCH_S = "epoch_ms", "epoch_s"
PLAIN_DATE = "yyyy-MM-dd"
NUMERIC_FORMATS = {EPOCH_MS: 1_000, EPOCH_S: 1_000_000}
"""Format that is a whole number -> its unit in microseconds."""

_LETTERS = {
    "yyyy": r"(?P<year>[0-9]{4})",
    "yy": r"(?P<short>[0-9]{2})",
    "MM": r"(?P<month>[0-9]{2})",
    "M": r"(?P<month>[0-9]{1,2})",
    "dd": r"(?P<day>[0-9]{2})",
    "d": r"(?P<day>[0-9]{1,2})",
    "HH": r"(?P<hour>[0-9]{2})",
    "H": r"(?P<hour>[0-9]{1,2})",
    "mm": r"(?P<minute>[0-9]{2})",
    "ss": r"(?P<second>[0-9]{2})",
    "SSSSSS": r"(?P<fraction>[0-9]{6})",
    "SSS": r"(?P<fraction>[0-9]{3})",
    "XXX": r"(?P<zone>Z|[+-][0-9]{2}:[0-9]{2})",
}
_TOKEN = re.compile(r"'([^']*)'|([A-Za-z])\2*|.", re.DOTALL)
_ISO_MOMENT = re.compile(
    r"(?P<year>[0-9]{4})-(?P<month>[0-9]{2})-(?P<day>[0-9]{2})"
    r"(?:[T ](?P<hour>[0-9]{2}):(?P<minute>[0-9]{2})(?::(?P<second>[0-9]{2})(?:[.,](?P<fraction>[0-9]{1,9}))?)?"
    r" ?(?P<zone>Z|[+-][0-9]{2}:?(?:[0-9]{2})?)?)?"
)
_INTEGER = re.compile(r"-?[0-9]{1,18}")
_CERTAIN_DATE = r"\A[1-9][0-9]{3}-[0-9]{2}-[0-9]{2}\z"
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
DAY = 86_400_000_000
"""A day in microseconds."""

_CENTURY = 2_000
_END_OF_CENTURY_S = 4_102_444_800
"""Seconds from 1970 to 2100."""


class BadFormatError(ValueError):
    """A format that can't be used: it has unknown letters, or lacks a part of the date, or names one twice."""


@lru_cache
def pattern_of(format_: str) -> re.Pattern[str]:
    """Return the regular expression of a format such as `dd/MM/yyyy HH:mm`.

    Raises:
        BadFormatError: a letter is unknown, or year, month or day is missing.
    """
    if format_ == ISO:
        return _ISO_MOMENT
    parts = []
    for token in _TOKEN.finditer(format_):
        text = token[0]
        if token[1] is not None:
            parts.append(re.escape(token[1] or "'"))
        elif token[2] is None:
            parts.append(re.escape(text))
        elif text in _LETTERS:
            parts.append(_LETTERS[text])
        else:
            raise BadFormatError(f"{format_!r}: unknown letters {text!r}; use {', '.join(_LETTERS)}")
    try:
        pattern = re.compile("".join(parts))
    except re.error as error:
        raise BadFormatError(f"{format_!r} has one part of the date twice") from error
    names = pattern.groupindex.keys()
    if not ({"year", "month", "day"} <= names or {"short", "month", "day"} <= names):
        raise BadFormatError(f"{format_!r} must contain year, month and day")
    return pattern


def check_format(format_: str) -> None:
    """Raise BadFormatError if a column can't have this format."""
    if format_ not in NUMERIC_FORMATS:
        pattern_of(format_)


def micros(text: str, formats: tuple[str, ...], *, of_days: bool = False) -> int:
    """Return microseconds since 1970 in UTC; a moment without a zone is in UTC.

    `of_days`: the texts are dates. Refuse milliseconds that would be a day between 1870 and 2100 if read as seconds.

    Raises:
        NotOfTypeError: the text has none of the formats, or is not a date in the years 1 to 9999.
    """
    for format_ in formats:
        if format_ in NUMERIC_FORMATS:
            if _INTEGER.fullmatch(text):
                if of_days and format_ == EPOCH_MS and 0 < abs(int(text)) < _END_OF_CENTURY_S:
                    raise NotOfTypeError
                return _in_range(int(text) * NUMERIC_FORMATS[format_])
        elif match := pattern_of(format_).fullmatch(text):
            return _moment(match.groupdict())
    raise NotOfTypeError


def _moment(parts: dict[str, str | None]) -> int:
    def number(name: str) -> int:
        return int(parts.get(name) or 0)

    year = number("year") if parts.get("year") else _CENTURY + number("short")
    try:
        moment = datetime(
            year, number("month"), number("day"), number("hour"), number("minute"), number("second"), tzinfo=UTC
        )
        offset = _offset(parts.get("zone"))
    except ValueError:
        raise NotOfTypeError from None
    fraction = (parts.get("fraction") or "").ljust(6, "0")
    if fraction[6:].strip("0"):
        raise NotOfTypeError  # finer than a microsecond; don't round
    whole = (moment - _EPOCH) // timedelta(microseconds=1)
    return _in_range(whole + int(fraction[:6]) - offset)


def _offset(zone: str | None) -> int:
    """Return by how many microseconds a zone is ahead of UTC."""
    if not zone or zone == "Z":
        return 0
    digits = zone[1:].replace(":", "").ljust(4, "0")
    hours, minutes = int(digits[:2]), int(digits[2:])
    if hours > 18 or minutes > 59:  # noqa: PLR2004 - the largest offset of a zone
        raise NotOfTypeError
    return (-1 if zone[0] == "-" else 1) * (hours * 60 + minutes) * 60_000_000


_FIRST = (datetime(1, 1, 1, tzinfo=UTC) - _EPOCH) // timedelta(microseconds=1)
_LAST = (datetime(9999, 12, 31, tzinfo=UTC) - _EPOCH) // timedelta(microseconds=1) + DAY - 1


def _in_range(moment: int) -> int:
    if not _FIRST <= moment <= _LAST:
        raise NotOfTypeError
    return moment


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


class DateType(ColumnType):
    """Days in the years 1 to 9999; the normal text is ISO 8601. A moment counts as a day only at midnight UTC.

    A number of milliseconds at midnight may also be seconds: `1555200000` is 1970-01-19 or 2019-04-14. Such a number is
    rejected, because either guess may be wrong.
    """

    names = ("date",)
    logical = "date"
    can_have_enum = True
    formats = (PLAIN_DATE,)

    @property
    def arrow(self) -> pa.DataType:
        """See the base."""
        import pyarrow as pa

        return pa.date32()

    def is_normal(self, texts: pa.Array, options: Notation) -> pa.Array:
        """See the base."""
        if {ISO, PLAIN_DATE}.isdisjoint(options.formats or self.formats):
            return super().is_normal(texts, options)
        return self.decode(texts).is_valid()  # a text may look like a date without being one

    def normal(self, text: str, options: Notation, *, is_number: bool = False) -> str:  # noqa: ARG002
        """See the base."""
        days, rest = divmod(micros(text, options.formats or self.formats, of_days=True), DAY)
        if rest:
            raise NotOfTypeError
        return date.fromordinal(date(1970, 1, 1).toordinal() + days).isoformat()

    def value(self, normal: str) -> str:
        """See the base."""
        return self.normal(normal, Notation())

    def decode(self, texts: pa.Array) -> pa.Array:
        """See the base."""
        import pyarrow as pa

        some = matching(texts, _CERTAIN_DATE)
        try:
            return some.cast(self.arrow)
        except pa.ArrowInvalid:  # there is an impossible date, for example February 30
            words = some.dictionary_encode()
            days = pa.array([_day(text) for text in words.dictionary.to_pylist()], self.arrow)
            return pa.DictionaryArray.from_arrays(words.indices, days).dictionary_decode()

    def cast_element(self, element: str) -> str:
        """See the base."""
        # Python and pyarrow have no year 0.
        return f"CASE WHEN NOT startswith({element}, '0000') THEN try_cast({element} AS DATE) END"


class TimestampType(ColumnType):
    """Moments in UTC to the microsecond; the normal text is the number of microseconds since 1970.

    The normal text is not a date with a time, because engines would read it in their own time zone.
    """

    names = ("timestamp",)
    logical = "timestamp"
    formats = (ISO,)

    @property
    def duckdb(self) -> str:
        """See the base."""
        return "TIMESTAMP WITH TIME ZONE"

    @property
    def arrow(self) -> pa.DataType:
        """See the base."""
        import pyarrow as pa

        return pa.timestamp("us", tz="UTC")

    def is_arrow(self, found: pa.DataType) -> bool:
        """See the base."""
        import pyarrow.types as pt

        return bool(pt.is_timestamp(found) and found.unit == "us")

    def normal(self, text: str, options: Notation, *, is_number: bool = False) -> str:  # noqa: ARG002
        """See the base."""
        return str(micros(text, options.formats or self.formats))

    def value(self, normal: str) -> int:
        """See the base."""
        return int(normal)

    def decode(self, texts: pa.Array) -> pa.Array:
        """See the base."""
        import pyarrow as pa

        return matching(texts, r"\A-?[0-9]{1,18}\z").cast(pa.int64()).cast(self.arrow)

    def cast_element(self, element: str) -> str:
        """See the base."""
        return f"timestamp_micros(try_cast({element} AS BIGINT))"
