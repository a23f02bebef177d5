"""What every column type says of itself, and the options a column can give it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar

if TYPE_CHECKING:
    from collections.abc import Hashable, Mapping

    import pyarrow as pa
    from pyspark.sql import Column as Expression

BLANKS = " \t\r\n"
"""Blanks around a value that is not plain text; they count for nothing."""


class NotOfTypeError(ValueError):
    """The text is no value of the type. `rule` is the reason: `type`, or `range` for a number that has no room."""

    def __init__(self, rule: str = "type") -> None:
        super().__init__(rule)
        self.rule = rule


@dataclass(frozen=True, slots=True)
class Notation:
    """How values of a column are written in Raw.

    Attributes:
        formats: of dates and timestamps, tried in order: letters as in `yyyy-MM-dd`, or `iso`, `epoch_ms`, `epoch_s`.
        decimal: the decimal mark of numbers in texts; a JSON number always has a point.
        grouping: the mark between groups of digits in texts; empty if there is none.
        booleans: word -> whether it means true.
    """

    formats: tuple[str, ...] = ()
    decimal: str = "."
    grouping: str = ""
    booleans: Mapping[str, bool] = field(default_factory=dict)

    @classmethod
    def of(cls, plain: Mapping[str, Any]) -> Notation:
        """From plain data, as framing gets it."""
        return cls(**{**plain, "formats": tuple(plain.get("formats", ()))})


def matching(texts: pa.Array, pattern: str) -> pa.Array:
    """Those of the texts that match, null in place of the others."""
    import pyarrow.compute as pc

    return pc.if_else(pc.match_substring_regex(texts, pattern), texts, None)


class ColumnType:
    """A type that a Trusted column can have.

    Framing brings each text into the type's one spelling (`normal`), so that an engine needs no more than a cast
    (`cast`), which every engine does alike.

    Attributes:
        name: as Spark SQL writes it; the contract's name for it.
        is_text: blanks and empty texts are values.
    """

    is_text: ClassVar[bool] = False

    def __init__(self, name: str) -> None:
        self.name = name

    @property
    def spark(self) -> str:
        """The type in Spark's and Glue's DDL."""
        return self.name

    @property
    def duckdb(self) -> str:
        """The type in DuckDB's DDL."""
        return self.name.upper()

    @property
    def arrow(self) -> pa.DataType:
        """The type of the Parquet column."""
        raise NotImplementedError

    def is_arrow(self, found: pa.DataType) -> bool:
        """Whether a Parquet column of this Arrow type holds it: engines differ in details."""
        return bool(found == self.arrow)

    def is_normal(self, texts: pa.Array, options: Notation) -> pa.Array:
        """Which of the texts surely are in the normal spelling already; the others are looked at one by one."""
        raise NotImplementedError

    def normal(self, text: str, options: Notation, *, is_number: bool = False) -> str:
        """The type's own spelling of a text without blanks around it.

        Args:
            text: never empty, unless the type `is_text`.
            options: how the column is written.
            is_number: the text is a JSON number.

        Raises:
            NotOfTypeError: it is no value of the type.
        """
        raise NotImplementedError

    def value(self, normal: str) -> Hashable:
        """What two spellings of one value have in common.

        Raises:
            NotOfTypeError: it is no value of the type.
        """
        raise NotImplementedError

    def decode(self, texts: pa.Array) -> pa.Array:
        """The normal texts as values of the type; null also where it is not certain that every engine has the same."""
        import pyarrow as pa

        return pa.nulls(len(texts), self.arrow)

    def cast(self, text: str) -> Expression:
        """The named text column, normal texts, as the type; null where it is no value of it."""
        raise NotImplementedError

    def cast_element(self, element: str) -> str:
        """The same as a SQL expression, for the element of an array that a lambda calls `element`."""
        raise NotImplementedError
