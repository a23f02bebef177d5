"""JSON values that msgspec found -> Arrow texts, whole columns at once.

Where msgspec is not installed, as on an executor, nothing here is called.
"""

from __future__ import annotations

import array
from functools import cache
from typing import TYPE_CHECKING, Any, NoReturn

import pyarrow as pa
import pyarrow.compute as pc

from trustedlake.core.framing.rows import rows_of

try:
    import msgspec
except ImportError:
    msgspec = None  # type: ignore[assignment]

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

IS_THERE = msgspec is not None
NULL = b"null"

FAULTS: tuple[type[Exception], ...] = (msgspec.DecodeError, RecursionError) if IS_THERE else (RecursionError,)


def _decoder(kind: Callable[[], Any]) -> Callable[[Any], Any]:
    """What decodes JSON as a kind of values; without msgspec nobody asks for it."""
    decode: Callable[[Any], Any] = msgspec.json.Decoder(kind()).decode if IS_THERE else _not_there
    return decode


def _not_there(_: object) -> NoReturn:
    raise RuntimeError("msgspec is not installed")


members_of: Callable[[Any], dict[str, Any]] = _decoder(lambda: dict[str, msgspec.Raw])
elements_of: Callable[[Any], list[Any]] = _decoder(lambda: list[msgspec.Raw])
objects_of: Callable[[Any], list[dict[str, Any]]] = _decoder(lambda: list[dict[str, msgspec.Raw]])
lists_of_lists: Callable[[Any], list[list[Any]]] = _decoder(lambda: list[list[msgspec.Raw]])
_strings_of: Callable[[Any], list[str]] = _decoder(lambda: list[str])


@cache
def lists_of_members(key: str) -> Callable[[bytes], list[list[Any]]]:
    """Decodes a list of lists of objects: each has the JSON of its member `key` as `value`, None if it has none."""
    field = msgspec.field(name=key, default=None)
    element = msgspec.defstruct("Element", [("value", msgspec.Raw, field)])
    decode: Callable[[bytes], list[list[Any]]] = msgspec.json.Decoder(list[list[element | None]]).decode  # type: ignore[valid-type]
    return decode


def json_list(values: Sequence[Any]) -> bytes:
    """The JSON list of these values."""
    return b"[" + b",".join(values) + b"]"


def json_texts(values: Sequence[Any]) -> pa.Array:
    """The JSON of values as texts."""
    return pa.StringArray.from_buffers(
        len(values), offsets(map(len, values)).buffers()[1], pa.py_buffer(b"".join(values))
    )


def int32s(numbers: Iterable[int]) -> pa.Array:
    """Whole numbers of 32 bits."""
    plain = array.array("i", numbers)
    return pa.Array.from_buffers(pa.int32(), len(plain), [None, pa.py_buffer(plain)])


def offsets(lengths: Iterable[int]) -> pa.Array:
    """Where texts or lists of these lengths begin, one after another, and where the last one ends (int32)."""
    numbers = array.array("i", [0])
    numbers.extend(lengths)
    return pc.cumulative_sum(int32s(numbers))


def is_nested(json: pa.Array) -> pa.Array:
    """Which JSON texts are arrays or objects (boolean)."""
    return pc.or_(pc.starts_with(json, "["), pc.starts_with(json, "{"))


def plain_texts(json: pa.Array, values: Sequence[Any]) -> pa.Array:
    """JSON as framing has texts: strings decoded, null for null, everything else as it stands.

    `values`: the same, of which those with escapes are decoded.
    """
    null = pc.equal(json, NULL.decode())
    quoted = pc.starts_with(json, '"')
    texts = json
    if quoted.true_count:
        bare = pc.binary_slice(json.view(pa.binary()), 1, -1).view(pa.string())
        texts = pc.if_else(quoted, bare, json)
        escaped = pc.and_(quoted, pc.match_substring(json, "\\"))
        if escaped.true_count:
            decoded = _strings_of(json_list([values[row] for row in rows_of(escaped).to_pylist()]))
            texts = pc.replace_with_mask(texts, escaped, pa.array(decoded, pa.string()))
    return pc.if_else(null, None, texts) if null.true_count else texts
