"""Follow the sources of a column into a record: in its parsed values, and in the exact text of a member."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from trustedlake.core.framing.json_text import scan_object, value_end
from trustedlake.types import BLANKS
from trustedlake.types.source_path import EACH, Step, parse_source

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from trustedlake.types.source_path import Steps


class Sign:
    """Result of a path that finds no value."""


ABSENT = Sign()
WRONG = Sign()
"""The value has another shape than the path expects."""


@dataclass(frozen=True)
class SourceGroup:
    """Sources of one column that differ only after their last list; their tails are tried for each element.

    Attributes:
        label: the first of the sources, as the contract spells it.
        key: the top-level key.
        inner: the steps from the key's value to the list, or to the value.
        tails: the steps from each element of the list to its value, in order of preference; empty without a list.
    """

    label: str
    key: str
    inner: Steps
    tails: tuple[Steps, ...]

    @cached_property
    def is_plain(self) -> bool:
        """Whether the value of the key itself is used."""
        return not self.inner and not self.tails

    @cached_property
    def path(self) -> tuple[str, ...] | None:
        """The keys that lead to the value, or to the list; None if keys alone don't lead there."""
        inner = self.inner[:-1] if self.tails and self.inner and self.inner[-1].kind == "each" else self.inner
        return (self.key, *(step.name for step in inner)) if all(step.kind == "key" for step in inner) else None

    @cached_property
    def only_key(self) -> str | None:
        """The one member that is read from each element; None if it takes more than that."""
        return self.tails[0][0].name if len(self.tails) == 1 and [s.kind for s in self.tails[0]] == ["key"] else None


def source_groups(column: Mapping[str, Any]) -> tuple[SourceGroup, ...]:
    """Group the sources and synonyms of an entry of `columns` in `Contract.framing()`, in order of preference."""
    paths = [(source, parse_source(source)) for source in column["sources"]]
    paths += [(synonym, (Step("key", synonym),)) for synonym in column["synonyms"]]
    sources: dict[tuple[Steps, bool], SourceGroup] = {}
    for label, steps in paths:
        lists = [place for place, step in enumerate(steps) if step.kind != "key"]
        if not lists:
            sources.setdefault((steps, False), SourceGroup(label, steps[0].name, steps[1:], ()))
            continue
        head, tail = steps[: lists[-1] + 1], steps[lists[-1] + 1 :]
        known = sources.get((head, True))
        tails = (*known.tails, tail) if known else (tail,)
        sources[head, True] = SourceGroup(known.label if known else label, head[0].name, head[1:], tails)
    return tuple(sources.values())


def inner_value(value: Any, steps: Steps) -> Any:  # noqa: ANN401, PLR0911 - any JSON, one case per kind
    """Follow the steps; flatten nested lists. Return ABSENT, None or WRONG if there is no value."""
    for place, step in enumerate(steps):
        if value is None or value is ABSENT:
            return value
        if step.kind == "key":
            if not isinstance(value, dict):
                return None if value == "" else WRONG
            value = value.get(step.name, ABSENT)
            continue
        if not isinstance(value, list):
            return None if value == "" else WRONG
        if step.kind == "pick":
            value = [one for one in value if isinstance(one, dict) and text_of(one.get(step.name)) == step.text]
        rest = steps[place + 1 :]
        if not rest:
            return value
        gathered: list[Any] = []
        for element in value:
            inner = inner_value(element, rest)
            if inner is WRONG:
                return WRONG
            gathered += inner if isinstance(inner, list) else []
        return gathered
    return value


def text_of(value: Any) -> str | None:  # noqa: ANN401 - any JSON
    """Return the text of a scalar; None for anything else."""
    return (
        value
        if isinstance(value, str)
        else {True: "true", False: "false"}.get(value)
        if isinstance(value, bool)
        else None
    )


def json_texts(text: str, source: SourceGroup, *, is_nested: bool, elements: bool = False) -> Iterator[str]:
    """Yield the exact JSON texts that a source finds in a member's text; strings without quotes, no nulls.

    `elements`: if the path ends at a list, yield its elements.
    """
    if not is_nested:
        if source.is_plain:
            yield text
        return
    tails = source.tails or ((),)
    ends_in_list = (EACH,) if elements and not source.tails else ()
    for tail in tails:
        found = list(_walk(text, (*source.inner, *tail, *ends_in_list)))
        if found:
            yield from found
            return


def _walk(text: str, steps: Steps) -> Iterator[str]:
    if not steps:
        if text != "null":
            yield next(iter(scan_object(f'{{"":{text}}}', 0).members.values())) or "" if text.startswith('"') else text
        return
    step, rest = steps[0], steps[1:]
    if step.kind == "key" and text.startswith("{"):
        member = _member_text(text, step.name)
        if member is not None:
            yield from _walk(member, rest)
    elif step.kind != "key" and text.startswith("["):
        for element in elements_of(text):
            if step.kind == "each" or _picks(element, step):
                yield from _walk(element, rest)


def _picks(element: str, step: Step) -> bool:
    return element.startswith("{") and scan_object(element, 0).members.get(step.name) == step.text


def _member_text(text: str, name: str) -> str | None:
    """Return the exact text of a member's value, with its quotes; None if there is no such member."""
    # The callback makes the scan keep a nested value as it is written.
    return scan_object(text, 0, lambda whole, start: ([], value_end(whole, start))).members.get(name)


def elements_of(text: str) -> Iterator[str]:
    """Yield the exact texts of the elements of a JSON list."""
    position = 1
    while True:
        while text[position] in BLANKS + ",":
            position += 1
        if text[position] == "]":
            return
        end = value_end(text, position)
        yield text[position:end]
        position = end
