"""`boolean`: true or false."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trustedlake.types.base import ColumnType, Notation, NotOfTypeError

if TYPE_CHECKING:
    import pyarrow as pa

WORDS = {"true": True, "false": False}


class BooleanType(ColumnType):
    """`true`, `false`, and the column's own words for them, in upper or lower case."""

    names = ("boolean",)
    logical = "boolean"
    can_have_enum = True

    @property
    def arrow(self) -> pa.DataType:
        """See the base."""
        import pyarrow as pa

        return pa.bool_()

    def is_normal(self, texts: pa.Array, options: Notation) -> pa.Array:  # noqa: ARG002 - these words mean the same everywhere
        """See the base."""
        import pyarrow as pa
        import pyarrow.compute as pc

        return pc.is_in(texts, value_set=pa.array(list(WORDS), pa.string()))

    def normal(self, text: str, options: Notation, *, is_number: bool = False) -> str:  # noqa: ARG002
        """See the base."""
        words = {word.casefold(): meaning for word, meaning in options.booleans.items()}
        meaning = WORDS.get(text, words.get(text.casefold()))
        if meaning is None:
            raise NotOfTypeError
        return "true" if meaning else "false"

    def value(self, normal: str) -> bool:
        """See the base."""
        return self.normal(normal, Notation()) == "true"

    def decode(self, texts: pa.Array) -> pa.Array:
        """See the base."""
        import pyarrow.compute as pc

        return pc.equal(pc.if_else(self.is_normal(texts, Notation()), texts, None), "true")

    def cast_element(self, element: str) -> str:
        """See the base."""
        # Compare texts: an engine may read `e = 'true'` as a comparison of booleans.
        return (
            f"CASE WHEN concat('', {element}) = concat('', 'true') THEN true WHEN {element} IS NOT NULL THEN false END"
        )
