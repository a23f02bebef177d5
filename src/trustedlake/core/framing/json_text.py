"""Scan JSON objects in their text: the exact text of each member's value, and where the object ends.

The standard library's C scanner does the work. `json.loads` would give neither the exact text of a value
nor where a record begins and ends.
"""

from __future__ import annotations

import json
import re
from json.decoder import scanstring  # type: ignore[attr-defined]
from typing import TYPE_CHECKING, Any, NamedTuple, NoReturn

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

MAX_DEPTH = 100
"""At most this many brackets may be open at once in a record, its own included; above about 125, pysail reads nulls."""

BLANKS = " \t\n\r"
skip_blanks = re.compile(f"[{BLANKS}]*").match
# Possessive, and the closing quote is optional: otherwise a failed match would be retried at every later quote.
_STRING = r'"[^"\\]*+(?:\\.?[^"\\]*+)*+"?'
_TOKEN = re.compile(_STRING + r"|[\[{]|[\]}]", re.DOTALL)
_NO_BRACKET = re.compile(_STRING + r'|[^][{}"]++', re.DOTALL)
_ONE_KIND = str.maketrans("{}", "[]")
_SURROGATE = re.compile("[\ud800-\udfff]")
_SURROGATE_ESCAPE = re.compile(r"\\u[dD][89a-fA-F]")
_ESCAPE = re.compile(
    r"\\(?:u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|(u[dD][89a-fA-F][0-9a-fA-F]{2})|.)", re.DOTALL
)


def _refuse_constant(name: str) -> NoReturn:
    raise _ConstantError(name)


class _ConstantError(ValueError):
    """NaN, Infinity or -Infinity, which are not JSON."""


class Number(str):
    """The text of a JSON number, with all its digits."""

    __slots__ = ()


# Keep numbers as text, so that no digit is lost, however many there are.
_scan_once: Callable[[str, int], tuple[Any, int]] = json.JSONDecoder(  # type: ignore[attr-defined]
    parse_int=Number, parse_float=Number, parse_constant=_refuse_constant
).scan_once


class ScannedObject(NamedTuple):
    """An object in the text.

    Attributes:
        members: key -> text of its value: a string decoded; a number, true or false as written; a nested value's
            JSON; None for null. If a key is repeated, the last value counts.
        nested: parsed arrays and objects among the values: lists and dicts of texts (numbers as `Number`), true, false
            and None. Has no entry if a later equal key has a plain value.
        end: index after the closing bracket.
    """

    members: dict[str, str | None]
    nested: dict[str, Any]
    end: int


def value_end(text: str, start: int) -> int:
    """Return the index after the JSON value that begins at `start`.

    Raises:
        json.JSONDecodeError: there is none.
    """
    try:
        return _scan_once(text, start)[1]
    except StopIteration as stop:
        raise json.JSONDecodeError("Expecting value", text, stop.value) from None
    except RecursionError:
        return nested_end(text, start)
    except _ConstantError as error:
        raise json.JSONDecodeError(f"{error} is not JSON", text, start) from None


def scan_shallow(text: str, start: int) -> tuple[Any, int]:
    """Like the C scanner, but only skip an array or object, so that its depth doesn't matter."""
    if text[start] in "[{":
        return [], nested_end(text, start)
    return _scan_once(text, start)


def scan_object(  # noqa: C901, PLR0912, PLR0915 - one loop without calls to other functions, because it runs for every value in the lake
    text: str, start: int, scan: Callable[[str, int], tuple[Any, int]] = _scan_once
) -> ScannedObject:
    """Scan the object whose `{` is at `start`; `scan` returns a member's value and where it ends.

    Raises:
        json.JSONDecodeError: it is not JSON.
        RecursionError: it is nested too deeply for the C scanner.
    """
    position = start
    try:
        members: dict[str, str | None] = {}
        nested: dict[str, Any] = {}
        position = skip_blanks(text, start + 1).end()  # type: ignore[union-attr]
        if text[position] == "}":
            return ScannedObject(members, nested, position + 1)
        while True:
            if text[position] != '"':
                _fail("Expecting property name enclosed in double quotes", text, position)
            key, position = scanstring(text, position + 1, True)
            if text[position] != ":":
                position = skip_blanks(text, position).end()  # type: ignore[union-attr]
                if text[position] != ":":
                    _fail("Expecting ':' delimiter", text, position)
            position += 1
            if text[position] in BLANKS:
                position += 1
                if text[position] in BLANKS:
                    position = skip_blanks(text, position).end()  # type: ignore[union-attr]
            value, end = scan(text, position)
            kind = value.__class__
            if value is None or kind is str or kind is Number:
                members[key] = value
            elif value is True:
                members[key] = "true"
            elif value is False:
                members[key] = "false"
            else:
                members[key] = text[position:end]
                nested[key] = value
                kind = None
            if nested and kind is not None:
                nested.pop(key, None)
            position = end
            mark = text[position]
            if mark in BLANKS:
                position = skip_blanks(text, position).end()  # type: ignore[union-attr]
                mark = text[position]
            if mark == "}":
                return ScannedObject(members, nested, position + 1)
            if mark != ",":
                _fail("Expecting ',' delimiter", text, position)
            position += 1
            if text[position] in BLANKS:
                position += 1
                if text[position] in BLANKS:
                    position = skip_blanks(text, position).end()  # type: ignore[union-attr]
    except IndexError:
        raise json.JSONDecodeError("The text ends inside an object", text, len(text)) from None
    except StopIteration as stop:
        raise json.JSONDecodeError("Expecting value", text, stop.value) from None
    except _ConstantError as error:
        raise json.JSONDecodeError(f"{error} is not JSON", text, position) from None


def members_of(text: str, start: int) -> Iterator[tuple[str, str]]:
    """Yield key and exact text of every member of the valid object at `start`; repeated keys are not merged."""
    position = skip_blanks(text, start + 1).end()  # type: ignore[union-attr]
    while text[position] == '"':
        key, position = scanstring(text, position + 1, True)
        begin = skip_blanks(text, skip_blanks(text, position).end() + 1).end()  # type: ignore[union-attr]
        end = value_end(text, begin)
        yield without_surrogates(key), text[begin:end]
        position = skip_blanks(text, end).end()  # type: ignore[union-attr]
        if text[position] == ",":
            position = skip_blanks(text, position + 1).end()  # type: ignore[union-attr]


def _fail(message: str, text: str, position: int) -> NoReturn:
    raise json.JSONDecodeError(message, text, position)


def balanced_end(text: str, start: int) -> int | None:
    """Return the index after the bracket that closes the one at `start`, at any depth; None if it never closes.

    Looks only at strings and brackets.
    """
    depth = 0
    for token in _TOKEN.finditer(text, start):
        mark = text[token.start()]
        if mark in "[{":
            depth += 1
        elif mark != '"':
            depth -= 1
            if depth == 0:
                return token.end()
    return None


def nested_end(text: str, start: int) -> int:
    """Return the index after the array or object at `start`, at any depth.

    Raises:
        json.JSONDecodeError: it never ends.
    """
    end = balanced_end(text, start)
    if end is None:
        raise json.JSONDecodeError("The text ends inside a nested value", text, len(text))
    return end


def too_deep(text: str) -> bool:
    """Whether more than MAX_DEPTH brackets are open at once in this valid JSON."""
    if text.count("{") + text.count("[") <= MAX_DEPTH:
        return False
    brackets = _NO_BRACKET.sub("", text).translate(_ONE_KIND)
    for _ in range(MAX_DEPTH):  # each pass removes the innermost level
        brackets = brackets.replace("[]", "")
    return bool(brackets)


def has_surrogate_escape(text: str) -> bool:
    r"""Whether an escape such as `\ud83d` occurs, paired or alone."""
    return "\\u" in text and _SURROGATE_ESCAPE.search(text) is not None


def replace_surrogates(scanned: ScannedObject) -> ScannedObject:
    r"""Replace every lone surrogate by U+FFFD, in keys, strings and nested JSON (there as `\ufffd`).

    UTF-8 text can't contain a lone surrogate, and engines treat the escape differently.
    """
    members = {
        without_surrogates(key): _ESCAPE.sub(_mend, value)
        if key in scanned.nested and value
        else value and _cleaned(value)
        for key, value in scanned.members.items()
    }
    nested = {without_surrogates(key): _deep_clean(value) for key, value in scanned.nested.items()}
    return ScannedObject(members, nested, scanned.end)


def _cleaned(text: str) -> str:
    return text if text.__class__ is Number else without_surrogates(text)


def _deep_clean(value: Any) -> Any:  # noqa: ANN401 - any JSON
    if isinstance(value, dict):
        return {without_surrogates(key): _deep_clean(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_deep_clean(inner) for inner in value]
    return _cleaned(value) if isinstance(value, str) else value


def without_surrogates(text: str) -> str:
    """Replace every lone surrogate by U+FFFD; UTF-8 has none."""
    return _SURROGATE.sub("\ufffd", text)


def _mend(escape: re.Match[str]) -> str:
    return "\\ufffd" if escape[1] else escape[0]
