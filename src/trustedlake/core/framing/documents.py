"""What a JSON object at the top of a file is: a record, a page of them, or something that holds no movies."""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING, NamedTuple

from trustedlake.core.framing.json_text import scan_object, scan_shallow

if TYPE_CHECKING:
    from trustedlake.core.framing.json_text import ScannedObject
    from trustedlake.core.framing.layout import Layout

_SHOWN_KEYS = 5
_SHOWN_CHARS = 80


class Kind(Enum):
    """What an object at the top of a file is."""

    RECORD = "object"
    PAGE = "page"
    NO_MOVIE = "no_movie"


class Document(NamedTuple):
    """An object at the top of a file.

    Attributes:
        reason: why it holds no movies.
        hint: what to do about it.
    """

    kind: Kind
    reason: str = ""
    hint: str = ""


def classify(scanned: ScannedObject, layout: Layout) -> Document:
    """Tell a record from a page, an error body, a wrapper and other objects without movies.

    `/tv/{id}/keywords` is `{"id": …, "results": […]}`: with a key of its own and without `page` it is no page.
    """
    keys = scanned.members.keys()
    texts = dict(scanned.nested)
    has_key = not layout.key_keys.isdisjoint(keys)
    if (
        texts.get("results", "").startswith("[")
        and layout.film_keys.isdisjoint(keys)
        and (not has_key or "page" in keys)
    ):
        return Document(Kind.PAGE)
    if not layout.required_keys.isdisjoint(keys):
        return Document(Kind.RECORD)
    return _refuse(scanned, texts, layout)


def _refuse(scanned: ScannedObject, texts: dict[str, str], layout: Layout) -> Document:
    members = scanned.members
    if members.get("success") == "false" or {"status_code", "status_message"} <= members.keys():
        said = (members.get("status_message") or members.get("errors") or "")[:_SHOWN_CHARS]
        return Document(
            Kind.NO_MOVIE,
            f"an error body (status_code {str(members.get('status_code'))[:_SHOWN_CHARS]}: {said!r}), no movies",
            "fetch the file again, or remove it from Raw",
        )
    for name, value in texts.items():
        if name not in layout.text_columns and _first_element_is_film(value, layout):
            return Document(
                Kind.NO_MOVIE,
                f"the movies lie in a list under the key {name[:_SHOWN_CHARS]!r}, which no known shape has",
                f"unwrap it: keep only the list that {name[:_SHOWN_CHARS]!r} holds",
            )
    shown = ", ".join(repr(key[:_SHOWN_CHARS]) for key in list(members)[:_SHOWN_KEYS]) or "none"
    return Document(
        Kind.NO_MOVIE,
        f"a document that holds no movies (its keys: {shown})",
        f"a movie has one of the keys {', '.join(sorted(layout.required_keys))}; move other files out of this folder",
    )


def _first_element_is_film(value: str, layout: Layout) -> bool:
    start = value.find("{")
    if not value.startswith("[") or start < 0 or value[1:start].strip():
        return False
    keys = scan_object(value, start, scan_shallow).members.keys()
    return not layout.key_keys.isdisjoint(keys) and not layout.film_keys.isdisjoint(keys)
