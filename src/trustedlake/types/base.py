"""The base class of all column types, and the options that a column can give its type."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar

if TYPE_CHECKING:
    from collections.abc import Hashable, Mapping

    import pyarrow as pa
    from pyspark.sql import Column as Expression

BLANKS = " \t\r\n"
"""Blanks around a value; they are ignored, except in plain text."""


class NotOfTypeError(ValueError):
    """The text is not a value of the type. `rule` is the reason: `type`, or `range` if a number is too large."""

    def __init__(self, rule: str = "type") -> None:
        super().__init__(rule)
        self.rule = rule


@dataclass(frozen=True, slots=True)
class Notation:
    """How values of a column are written in Raw.

    Attributes:
        formats: formats of dates and timestamps, tried in order: letters as in `yyyy-MM-dd`, or `iso`, `epoch_ms`,
            `epoch_s`.
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
        """Build it from the plain data that framing gets."""
        return cls(**{**plain, "formats": tuple(plain.get("formats", ()))})


def matching(texts: pa.Array, pattern: str) -> pa.Array:
    """Keep the texts that match; the others become null."""
    import pyarrow.compute as pc

    return pc.if_else(pc.match_substring_regex(texts, pattern), texts, None)


class ColumnType:
    """A type that a Trusted column can have.

    Framing converts each text to the type's one normal spelling (`normal`). So an engine needs only a cast
    (`cast`), and every engine casts a normal text alike.

    What else depends on the kind of a type is derived from these attributes.

    Attributes:
        name: the type's name in contracts and in Spark SQL.
        names: the names of this class's types. A column that only says `logical` has the first of the first class.
        logical: its `logicalType` in contract files.
        is_text: blanks and empty texts are values.
        is_number: it has a decimal mark and groups of digits.
        is_list: its values have elements.
        can_be_key: a column of the primary key can have it.
        can_have_enum: a column can list its values.
        has_one_text: a value has the same text on every engine, so that the proof can compare it.
        formats: how dates and timestamps are written if a column names no formats; other types have none.
    """

    names: ClassVar[tuple[str, ...]]
    logical: ClassVar[str]
    is_text: ClassVar[bool] = False
    is_number: ClassVar[bool] = False
    is_list: ClassVar[bool] = False
    can_be_key: ClassVar[bool] = True
    can_have_enum: ClassVar[bool] = False
    has_one_text: ClassVar[bool] = False
    formats: ClassVar[tuple[str, ...]] = ()

    def __init__(self, name: str) -> None:
        self.name = name

    @classmethod
    def named(cls, name: str) -> ColumnType | None:
        """Return the type of that name; None if this class has none.

        Raises:
            ValueError: the name belongs to this class, but there is no such type.
        """
        return cls(name) if name in cls.names else None

    @property
    def scalar(self) -> ColumnType:
        """The type of a value, or of each element if it is a list."""
        return self

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
        """Whether a Parquet column of this Arrow type holds the type; engines write slightly different Arrow types."""
        return bool(found == self.arrow)

    def is_normal(self, texts: pa.Array, options: Notation) -> pa.Array:  # noqa: ARG002 - subclasses need it
        """Return which texts certainly have the normal spelling already; the others are checked one by one."""
        import pyarrow as pa

        return pa.repeat(pa.scalar(value=False), len(texts))

    def normal(self, text: str, options: Notation, *, is_number: bool = False) -> str:
        """Convert a text without surrounding blanks to the type's normal spelling.

        Args:
            text: never empty, unless the type `is_text`.
            options: how the column is written in Raw.
            is_number: the text is a JSON number.

        Raises:
            NotOfTypeError: the text is not a value of the type.
        """
        raise NotImplementedError

    def value(self, normal: str) -> Hashable:
        """Return a value that is equal for all normal texts of the same value.

        Raises:
            NotOfTypeError: the text is not a value of the type.
        """
        raise NotImplementedError

    def decode(self, texts: pa.Array) -> pa.Array:
        """Decode normal texts; null for an invalid text, and where engines might read the text differently."""
        import pyarrow as pa

        return pa.nulls(len(texts), self.arrow)

    def cast(self, text: str) -> Expression:
        """Cast the named column of normal texts to the type; null if a text is invalid."""
        from pyspark.sql import functions as F

        return F.expr(self.cast_element(f"`{text}`"))

    def cast_element(self, element: str) -> str:
        """Return the same cast as a SQL expression for `element`, the element of an array in a lambda."""
        raise NotImplementedError
