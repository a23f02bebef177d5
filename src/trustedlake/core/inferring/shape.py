"""Detect where the records are in a JSON document, from its first elements."""

from __future__ import annotations

import json
import re
from collections import Counter
from typing import Any

from trustedlake.core.framing.json_text import BLANKS, skip_blanks
from trustedlake.core.inferring.names import word_set, words_of
from trustedlake.models.column import quoted
from trustedlake.models.raw import DEFAULT_RECORDS

_SAMPLE = 50
_DEPTH = 4
_ID_LIKE = re.compile(r"[0-9]+|[a-z]{1,4}[-_]?[0-9]{3,}|[0-9a-f-]{16,}", re.IGNORECASE)
_SIMILAR = 0.5
_META = word_set(
    "page pages total count results size limit offset next previous prev status success ok code message cursor "
    "links meta info version generated updated date dates timestamp time has more per query license source url "
    "self first last total_pages total_results pagina paginas tamanho quantidade proxima anterior gerado em at"
)
"""Words in keys that describe a page, not a record."""
_NAMES = word_set("id title name titulo nome nombre title original codigo")

_decoder = json.JSONDecoder(parse_int=str, parse_float=str)


def find_records(text: str) -> str | None:
    """Return the path to the records of the documents in a text; None if there are no objects.

    `text` is the beginning of a file, which may hold many documents.

    Raises:
        ValueError: it is not JSON.
    """
    found: Counter[str] = Counter()
    position = skip_blanks(text, 0).end()  # type: ignore[union-attr]
    while position < len(text) and found.total() < _SAMPLE:
        try:
            path, end = _document(text, position, is_first=not found)
        except RecursionError:
            return "."
        except ValueError:
            if not found:
                raise
            break  # framing will report a bad line among good ones
        if path is not None:
            found[path] += 1
        if end is None:
            break
        position = skip_blanks(text, end).end()  # type: ignore[union-attr]
    return found.most_common(1)[0][0] if found else None


def _document(text: str, start: int, *, is_first: bool) -> tuple[str | None, int | None]:
    """Return the path to a document's records, and where it ends; None as end if a list was not read completely."""
    if text[start] == "{":
        value, end = _decoder.raw_decode(text, start)
        alone = is_first and skip_blanks(text, end).end() == len(text)  # type: ignore[union-attr]
        return _wrapped(value, 0, alone=alone) or ".", end
    if text[start] != "[":
        raise ValueError("expected an array or an object")
    elements: list[Any] = []
    position = skip_blanks(text, start + 1).end()  # type: ignore[union-attr]
    while text[position : position + 1] != "]":
        value, position = _decoder.raw_decode(text, position)
        elements.append(value)
        if len(elements) >= _SAMPLE:
            return _locate(elements, 0), None
        position = skip_blanks(text, position).end()  # type: ignore[union-attr]
        if text[position : position + 1] == ",":
            position = skip_blanks(text, position + 1).end()  # type: ignore[union-attr]
        elif text[position : position + 1] != "]":
            raise ValueError("the array is not closed")
    return (_locate(elements, 0) if elements else None), position + 1


def _locate(value: Any, depth: int) -> str | None:  # noqa: ANN401 - any JSON
    if isinstance(value, list):
        objects = [one for one in value[:_SAMPLE] if isinstance(one, dict)]
        lists = [one for one in value[:_SAMPLE] if isinstance(one, list)]
        if lists and not objects and depth < _DEPTH:
            inner = _locate([one for some in lists for one in some], depth + 1)
            return None if inner is None else _joined("[]", inner)
        if not objects:
            return None
        alone = len(objects) == 1
        pages = Counter(path for one in objects if (path := _wrapped(one, depth + 1, alone=alone)) is not None)
        if pages and pages.total() == len(objects):
            return _joined("[]", pages.most_common(1)[0][0])
        return "[]"
    return None


def _wrapped(value: dict[str, Any], depth: int, *, alone: bool) -> str | None:
    """Return the path to the records below an object; None if the object itself is a record.

    `alone`: it is the only object on its level; records usually come in series.
    """
    if depth > _DEPTH or not value:
        return None
    if _is_map(value):
        return "{}"
    paths: list[tuple[int, str]] = []
    holders: set[str] = set()
    for key, inner in value.items():
        path: str | None = None
        if isinstance(inner, dict):
            path = _wrapped(inner, depth + 1, alone=alone)
        elif isinstance(inner, list):
            path = _locate(inner, depth + 1) if inner or key.casefold() == "results" else None
            path = "[]" if path is None and not inner and key.casefold() == "results" else path
        if path is not None:
            holders.add(key)
            paths.append((len(json.dumps(inner)), _joined(quoted(key), path)))
    if not paths or _is_record(value, holders, alone=alone):
        return None
    return max(paths)[1]


def _is_record(value: dict[str, Any], holders: set[str], *, alone: bool) -> bool:
    """Whether the object's own values make it a record: a name or an id, or more values than a page has.

    `holders`: the keys whose values may hold records.
    """
    plain = {key for key, inner in value.items() if not isinstance(inner, dict | list)}
    own = {key for key in plain if not set(words_of(key)) <= _META}
    named = {key for key in own if not _NAMES.isdisjoint(words_of(key))}
    if "page" in plain or "total_results" in plain:
        return False
    longest = max((len(inner) for inner in value.values() if isinstance(inner, dict | list)), default=0)
    others = sum(isinstance(inner, dict) and bool(inner) for key, inner in value.items() if key not in holders)
    if not alone and own:
        return True
    return bool(named) or (len(own) + others) * 2 > max(longest, 2)


def _is_map(value: dict[str, Any]) -> bool:
    """Whether an object's values are records and its keys are their ids."""
    if not all(isinstance(one, dict) and one for one in value.values()):
        return False
    if all(map(_ID_LIKE.fullmatch, value)):
        return True
    keys = [set(one) for one in list(value.values())[:_SAMPLE]]
    shared, every = set.intersection(*keys), set.union(*keys)
    return len(value) > 2 and len(shared) >= max(2, _SIMILAR * len(every))  # noqa: PLR2004 - two may be alike by chance


def _joined(head: str, tail: str) -> str:
    return head + tail if tail[0] in "[{" else f"{head}.{tail}"


def contract_records(found: Counter[str]) -> tuple[str, ...]:
    """Return the contract's `records` for files whose records are at these paths; the default if it covers them.

    Records without the wrapper come last, so that a correction can be delivered as the record alone.
    """
    if set(found) <= set(DEFAULT_RECORDS):
        return DEFAULT_RECORDS
    known = sorted(
        found, key=lambda path: (path == ".", path.startswith("{"), -path.count("[") - path.count("{"), path)
    )
    return (*known, *(path for path in ("[]", ".") if path not in found))


def first_mark(text: str) -> str:
    """Return the first character that is not a blank."""
    return text.lstrip("\ufeff" + BLANKS)[:1]
