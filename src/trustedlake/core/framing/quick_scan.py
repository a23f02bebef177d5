"""Find the records of a plain JSON file at C speed: msgspec finds where each record and each value begins and ends.

msgspec checks the grammar of everything it reads, and refuses lone surrogates. Files that are not plain or have a
fault are left to `reader`, which can say what is wrong. Without msgspec, `reader` handles all files.
"""

from __future__ import annotations

import array
import json
from functools import cache
from typing import TYPE_CHECKING, Any, NamedTuple, NoReturn

import pyarrow as pa
import pyarrow.compute as pc

from trustedlake.core.framing.json_text import BLANKS, MAX_DEPTH, too_deep
from trustedlake.core.framing.layout import BATCH_CHARS, BATCH_ROWS
from trustedlake.core.framing.reader import leads_to_records
from trustedlake.core.framing.rows import rows_of
from trustedlake.types.source_path import EACH

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from trustedlake.core.framing.layout import Layout
    from trustedlake.types.source_path import Steps


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
    """Return msgspec's decoder of JSON into this type; never called without msgspec."""
    decode: Callable[[Any], Any] = msgspec.json.Decoder(kind()).decode if IS_THERE else _not_there
    return decode


def _not_there(_: object) -> NoReturn:
    raise RuntimeError("msgspec is not installed")


members_of: Callable[[Any], dict[str, Any]] = _decoder(lambda: dict[str, msgspec.Raw])
elements_of: Callable[[Any], list[Any]] = _decoder(lambda: list[msgspec.Raw])
objects_of: Callable[[Any], list[dict[str, Any]]] = _decoder(lambda: list[dict[str, msgspec.Raw]])
lists_of_lists: Callable[[Any], list[list[Any]]] = _decoder(lambda: list[list[msgspec.Raw]])
lists_of_strings: Callable[[Any], list[list[str | None] | None]] = _decoder(lambda: list[list[str | None] | None])
_strings_of: Callable[[Any], list[str]] = _decoder(lambda: list[str])


@cache
def lists_of_members(key: str) -> Callable[[bytes], list[list[Any]]]:
    """Return a decoder for a list of lists of objects; each object has its member `key` as JSON in `value`, or None."""
    field = msgspec.field(name=key, default=None)
    element = msgspec.defstruct("Element", [("value", msgspec.Raw, field)])
    decode: Callable[[bytes], list[list[Any]]] = msgspec.json.Decoder(list[list[element | None]]).decode  # type: ignore[valid-type]
    return decode


def json_list(values: Sequence[Any]) -> bytes:
    """Join values to a JSON list."""
    return b"[" + b",".join(values) + b"]"


def json_texts(values: Sequence[Any]) -> pa.Array:
    """Return the JSON of values as an array of texts."""
    return pa.StringArray.from_buffers(
        len(values), offsets(map(len, values)).buffers()[1], pa.py_buffer(b"".join(values))
    )


def int32s(numbers: Iterable[int]) -> pa.Array:
    """Return whole numbers as an int32 array."""
    plain = array.array("i", numbers)
    return pa.Array.from_buffers(pa.int32(), len(plain), [None, pa.py_buffer(plain)])


def offsets(lengths: Iterable[int]) -> pa.Array:
    """Return Arrow's offsets for texts or lists of these lengths: each one's start, then the last one's end (int32)."""
    numbers = array.array("i", [0])
    numbers.extend(lengths)
    return pc.cumulative_sum(int32s(numbers))


def is_nested(json: pa.Array) -> pa.Array:
    """Return which JSON texts are arrays or objects (boolean)."""
    return pc.or_(pc.starts_with(json, "["), pc.starts_with(json, "{"))


def plain_texts(json: pa.Array, values: Sequence[Any]) -> pa.Array:
    """Convert JSON to the texts of framing: strings decoded, null as null, everything else as written.

    `values`: the same JSON; strings with escapes are decoded from it.
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


_BLANKS = BLANKS.encode()
_BOM = b"\xef\xbb\xbf"


class Scanned(NamedTuple):
    """The records of a file.

    Attributes:
        shape: see `FileFacts`.
        texts: the exact JSON of each record.
    """

    shape: str
    texts: Sequence[Any]

    def all(self) -> tuple[list[dict[str, Any]], Sequence[Any]]:
        """Return all records and their texts, as `parts` does."""
        return objects_of(json_list(self.texts)), self.texts

    def parts(self) -> Iterator[tuple[list[dict[str, Any]], Sequence[Any]]]:
        """Yield batches of records in order: key -> JSON of its value (last of equal keys), and the records' texts."""
        rows = min(BATCH_ROWS, 1 + BATCH_CHARS * len(self.texts) // max(sum(map(len, self.texts)), 1))
        for start in range(0, len(self.texts), rows):
            texts = self.texts[start : start + rows]
            yield objects_of(json_list(texts)), texts


def scan(content: bytes, layout: Layout, *, lines: bool = False) -> Scanned | None:
    """Find the records of a file, or with `lines` of whole lines of a file; None if `reader` has to do it.

    The content must be UTF-8 (this is not checked).
    """
    if not IS_THERE:
        return None
    content = content.removeprefix(_BOM).strip(_BLANKS)
    try:
        if not lines and content.startswith(b"["):
            found = _array(content, layout)
        elif content.startswith(b"{"):
            found = (_lines if lines or _more_lines(content) else _object)(content, layout)
        else:
            return None
    except FAULTS:
        return None
    if found is None or not all(map(_is_object, found.texts)):
        return None
    return found


def _more_lines(content: bytes) -> bool:
    """Whether the first line is a whole object and more lines follow."""
    end = content.find(b"\n")
    if end < 0:
        return False
    try:
        members_of(content[:end])
    except FAULTS:
        return False
    return True


def _array(content: bytes, layout: Layout) -> Scanned | None:
    texts = elements_of(content)
    rests = [path[1:] for path in layout.records if path and path[0] == EACH]
    return Scanned("array", texts) if _are_records(texts, rests, content) else None


def _object(content: bytes, layout: Layout) -> Scanned | None:
    members = members_of(content)
    path = _path(members, layout.records, layout)
    if path == ():
        return Scanned("object", [content])
    if path is None or path[1:] != (EACH,):
        return None
    return Scanned("page", elements_of(members[path[0].name]))


def _lines(content: bytes, layout: Layout) -> Scanned | None:
    lines = [line for line in (line.strip(_BLANKS) for line in content.split(b"\n")) if line]
    texts = elements_of(json_list(lines))
    # A line may hold two objects, or a part of one, although the list of all lines is valid JSON.
    if list(map(bytes, texts)) != lines or not _are_records(texts, layout.records, content):
        return None
    return Scanned("ndjson", texts)


def _are_records(texts: Sequence[Any], paths: Sequence[Steps], content: bytes) -> bool:
    """Whether each of these objects is itself a record: no other path leads into any of them."""
    if () not in paths or any(path[0].kind == "values" for path in paths[: paths.index(())]):
        return False
    wrappers = {path[0].name for path in paths if path and path[0].kind == "key"}
    if not wrappers or not (
        b"\\u" in content or any(json.dumps(key, ensure_ascii=False).encode() in content for key in wrappers)
    ):
        return True
    return all(wrappers.isdisjoint(one) for some, _ in Scanned("", texts).parts() for one in some)


def _path(members: Mapping[str, Any], paths: Sequence[Steps], layout: Layout) -> Steps | None:
    """Return the path to an object's records; None if `reader` has to decide."""
    for path in paths:
        if not path:
            return path
        if path[0].kind == "values":
            return None
        text = members.get(path[0].name, b"") if path[0] != EACH else b""
        if bytes(text)[:1] in {b"[", b"{"} and leads_to_records(
            members.keys(), bytes(text).decode(), path, layout, can_be_record=() in paths
        ):
            return path
    return None


def _is_object(text: Any) -> bool:  # noqa: ANN401 - bytes or msgspec's
    """Whether a JSON text is an object no deeper than a record may be."""
    plain = bytes(text)
    if plain.count(b"{") + plain.count(b"[") > MAX_DEPTH and too_deep(plain.decode()):
        return False
    return plain.startswith(b"{")
