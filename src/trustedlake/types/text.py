"""`string` and `json`: texts exactly as they are in Raw."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from trustedlake.types.base import ColumnType, Notation

if TYPE_CHECKING:
    import pyarrow as pa


class TextType(ColumnType):
    """A text, kept unchanged."""

    names: ClassVar[tuple[str, ...]] = ("string",)
    logical = "string"
    is_text = True
    can_have_enum: ClassVar[bool] = True
    has_one_text: ClassVar[bool] = True

    @property
    def duckdb(self) -> str:
        """See the base."""
        return "VARCHAR"

    @property
    def arrow(self) -> pa.DataType:
        """See the base."""
        import pyarrow as pa

        return pa.string()

    def is_arrow(self, found: pa.DataType) -> bool:
        """See the base."""
        import pyarrow.types as pt

        return bool(pt.is_string(found) or pt.is_large_string(found))

    def is_normal(self, texts: pa.Array, options: Notation) -> pa.Array:  # noqa: ARG002 - every text is normal
        """See the base."""
        return texts.is_valid()

    def normal(self, text: str, options: Notation, *, is_number: bool = False) -> str:  # noqa: ARG002
        """See the base."""
        return text

    def value(self, normal: str) -> str:
        """See the base."""
        return normal

    def decode(self, texts: pa.Array) -> pa.Array:
        """See the base."""
        return texts

    def cast_element(self, element: str) -> str:
        """See the base."""
        return element


class JsonType(TextType):
    """The JSON text of any value, kept unchanged; a string loses its quotes."""

    names = ("json",)
    can_be_key = False
    can_have_enum = False
    has_one_text = False

    @property
    def spark(self) -> str:
        """See the base."""
        return "string"
