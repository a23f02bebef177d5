"""Finds JSON values in bytes and reads them with orjson: the second parser, which shares no code with framing.

It matches brackets in the bytes, so that each record is parsed, and kept in memory, by itself.
"""

from __future__ import annotations

import re
import secrets
from typing import TYPE_CHECKING, Any, NamedTuple

import orjson

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

MAX_DEPTH = 100
"""Deepest nesting of brackets in a record; the pipeline's rules reject deeper ones."""

ORJSON_DEPTH = 1000
"""Deepest value that we give to orjson, which reads 1024 levels; of deeper values only the brackets are checked."""

NUMBER = f"{secrets.token_hex(8)}:"
"""Prefix that `exact` puts before the digits of a number, to tell it from text. It is random, so no file has it."""

BLANKS = b" \t\n\r"
_BLANKS = re.compile(rb"[ \t\n\r]*")
_STRING = rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"'
_NEXT_BRACKET = re.compile(rb'[^"\[\]{}]*+(?:' + _STRING + rb'[^"\[\]{}]*+)*+([\[\]{}])', re.DOTALL)
_SCALAR = re.compile(_STRING + rb'|[^ \t\n\r,:"\[\]{}]+', re.DOTALL)
_KEY = re.compile(rb"[ \t\n\r]*(" + _STRING + rb")[ \t\n\r]*:[ \t\n\r]*", re.DOTALL)
_PIECE = re.compile(_STRING + rb"|-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?", re.DOTALL)
_ESCAPE = re.compile(
    rb"\\(?:u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|(u[dD][89a-fA-F][0-9a-fA-F]{2})|.)", re.DOTALL
)


class Element(NamedTuple):
    """A record: its exact text and, if it is one readable object of the table's shape, its members.

    `name`: if the records are the values of an object, the name of this record's member.
    """

    text: bytes
    value: Mapping[str, Any] | None
    name: str | None = None


class NotJsonError(ValueError):
    """No JSON value begins here."""


def skip(content: bytes, position: int) -> int:
    """Return the next position that isn't blank."""
    found = _BLANKS.match(content, position)
    return found.end() if found else position


def end_of(content: bytes, start: int) -> tuple[int, int]:
    """Return the index after the value at `start`, and its deepest nesting of brackets.

    This looks only at strings and brackets; `parse` checks whether it is valid JSON.

    Raises:
        NotJsonError: there is no value, or a bracket never closes.
    """
    if content[start : start + 1] not in (b"{", b"["):
        scalar = _SCALAR.match(content, start)
        if scalar is None:
            raise NotJsonError(f"byte {start}: no value begins here")
        return scalar.end(), 0
    depth = deepest = 0
    position = start
    while True:
        found = _NEXT_BRACKET.match(content, position)
        if found is None:
            raise NotJsonError(f"byte {start}: what begins here is still open at the end")
        position = found.end()
        if content[position - 1] in b"{[":
            depth += 1
            deepest = max(deepest, depth)
        else:
            depth -= 1
            if depth == 0:
                return position, deepest


def parse(text: bytes, depth: int) -> Any:  # noqa: ANN401 - any JSON
    """Parse the bytes as one value; if it is too deep for orjson, return an empty dict or list.

    Raises:
        NotJsonError: the bytes are not JSON.
    """
    if depth > ORJSON_DEPTH:
        return {} if text.startswith(b"{") else []
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError:
        return exact(text)


def exact(text: bytes) -> Any:  # noqa: ANN401 - any JSON
    """Parse the value with its numbers as texts (`NUMBER`, then the exact digits) and U+FFFD for lone surrogates.

    Raises:
        NotJsonError: it is not JSON.
    """
    try:
        return orjson.loads(_PIECE.sub(_as_text, text))
    except orjson.JSONDecodeError as error:
        raise NotJsonError(str(error)) from None


def members(text: bytes) -> Iterator[tuple[str, bytes]]:
    """Yield each key of an object, which must be valid JSON, with the exact text of its value."""
    position = skip(text, 1)
    while text[position : position + 1] != b"}":
        key = _KEY.match(text, position)
        if key is None:
            raise NotJsonError(f"byte {position}: no key begins here")
        end, _ = end_of(text, key.end())
        yield exact(key[1]), text[key.end() : end]
        position = skip(text, end)
        if text[position : position + 1] == b",":
            position = skip(text, position + 1)


def mended(text: bytes) -> str:
    """Return the JSON text of an array or object, with U+FFFD for every lone surrogate."""
    return _ESCAPE.sub(_mend, text).decode()


def _as_text(piece: re.Match[bytes]) -> bytes:
    token = piece[0]
    if token.startswith(b'"'):
        return _ESCAPE.sub(_mend, token) if b"\\" in token else token
    return b'"%s%s"' % (NUMBER.encode(), token)


def _mend(escape: re.Match[bytes]) -> bytes:
    return rb"\ufffd" if escape[1] else escape[0]
