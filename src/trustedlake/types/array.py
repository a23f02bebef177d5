"""`array<...>`: lists of values of one scalar type."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trustedlake.types.base import ColumnType

if TYPE_CHECKING:
    import pyarrow as pa
    from pyspark.sql import Column as Expression


class ArrayType(ColumnType):
    """A list; its elements may be null. Framing converts each element to the normal spelling of its type."""

    names = ()
    logical = "array"
    is_list = True
    can_be_key = False

    def __init__(self, element: ColumnType) -> None:
        super().__init__(f"array<{element.name}>")
        self.element = element

    @property
    def scalar(self) -> ColumnType:
        """See the base."""
        return self.element

    @property
    def spark(self) -> str:
        """See the base."""
        return f"array<{self.element.spark}>"

    @property
    def duckdb(self) -> str:
        """See the base."""
        return f"{self.element.duckdb}[]"

    @property
    def arrow(self) -> pa.DataType:
        """See the base."""
        import pyarrow as pa

        return pa.list_(self.element.arrow)

    def is_arrow(self, found: pa.DataType) -> bool:
        """See the base."""
        import pyarrow.types as pt

        # Compare by type alone: engines name the element differently.
        return bool(pt.is_list(found) or pt.is_large_list(found)) and self.element.is_arrow(found.value_type)

    def decode(self, texts: pa.Array) -> pa.Array:
        """See the base; null if an element is not certain."""
        import pyarrow as pa
        import pyarrow.compute as pc

        if self.element.is_text:
            return texts
        found = pc.list_flatten(texts)
        values = self.element.decode(found)
        lengths = pc.fill_null(pc.list_value_length(texts), 0)
        offsets = pa.concat_arrays([pa.array([0], pa.int32()), pc.cumulative_sum(lengths)])
        lost = pc.list_parent_indices(texts).filter(pc.and_(found.is_valid(), values.is_null()))
        without = pc.is_in(pa.array(range(len(texts)), lost.type), value_set=lost)
        return pa.ListArray.from_arrays(offsets, values, mask=pc.or_(without, texts.is_null()))

    def cast(self, text: str) -> Expression:
        """See the base; null if an element is not a value of its type."""
        from pyspark.sql import functions as F

        if self.element.is_text:
            return F.col(text)
        typed = F.expr(f"transform(`{text}`, e -> {self.element.cast_element('e')})")
        lost = F.size(F.filter(text, lambda e: e.isNull())) != F.size(F.filter(typed, lambda e: e.isNull()))
        return F.when(~lost, typed)
