"""JSON documents that Hypothesis invents: films with any values, blanks and escapes."""

from __future__ import annotations

import json

from hypothesis import strategies as st

from trustedlake.models.built_in import CONTRACTS

KNOWN = sorted({key for column in CONTRACTS["tmdb_movies"].columns for key in column.keys})
"""Every key that a column of films takes."""

BLANK = st.text(" \t\r\n", max_size=3)
INLINE_BLANK = st.text(" \t\r", max_size=2)

NUMBERS = st.one_of(
    st.integers(-(2**63), 2**63 - 1).map(str),
    st.floats(allow_nan=False, allow_infinity=False).map(repr),
    st.from_regex(r"\A-?(0|[1-9][0-9]{0,8})(\.[0-9]{1,9})?([eE][+-]?[0-9]{1,2})?\Z"),
)
CHARACTERS = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)


@st.composite
def string_texts(draw: st.DrawFn) -> str:
    """The JSON of a string: plain, escaped, or written wholly in escapes."""
    value = draw(CHARACTERS)
    form = draw(st.integers(0, 2))
    if form == 2:
        units = value.encode("utf-16-be")
        return '"' + "".join(f"\\u{units[n]:02x}{units[n + 1]:02X}" for n in range(0, len(units), 2)) + '"'
    return json.dumps(value, ensure_ascii=bool(form))


SCALARS = st.one_of(NUMBERS, string_texts(), st.sampled_from(["true", "false", "null"]))


def list_text(items: list[str], blank: str) -> str:
    """The JSON of a list."""
    return "[" + blank + f"{blank},{blank}".join(items) + blank + "]"


def object_text(members: list[tuple[str, str]], blank: str) -> str:
    """The JSON of an object."""
    return "{" + blank + f"{blank},{blank}".join(f"{key}{blank}:{blank}{value}" for key, value in members) + blank + "}"


def values(blank: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    """The JSON of any value."""
    return st.recursive(
        SCALARS,
        lambda inner: st.one_of(
            st.builds(list_text, st.lists(inner, max_size=4), blank),
            st.builds(object_text, st.lists(st.tuples(string_texts(), inner), max_size=4), blank),
        ),
        max_leaves=12,
    )


def records(blank: st.SearchStrategy[str] = BLANK) -> st.SearchStrategy[str]:
    """The JSON of a film: it has a title, and any keys, known or not, maybe twice."""
    key = st.one_of(st.sampled_from(KNOWN).map(json.dumps), string_texts())
    members = st.lists(st.tuples(key, values(blank)), max_size=8)
    title = st.tuples(st.just('"title"'), string_texts())
    return st.builds(
        lambda before, film, after, between: object_text([*before, film, *after], between),
        members,
        title,
        members,
        blank,
    )
