"""A tree of all paths in a table's records: one node per path, with counters of its values."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from trustedlake.core.inferring.type_choice import is_dated
from trustedlake.core.inferring.value_kinds import Values

if TYPE_CHECKING:
    from collections.abc import Mapping

    from trustedlake.core.inferring.value_kinds import Place

_KEYS = 1_000
_DEPTH = 4
_SIGNATURES = 2_000


@dataclass(slots=True)
class Node:
    """Counters of one path.

    Attributes:
        name: the last key of the path.
        seen: how often the path occurs, null or not.
        nulls: how often it is null.
        values: its texts, numbers and booleans.
        objects, lists: how often it is an object, and a list.
        mixed_lists: number of lists that hold objects and other values.
        members: nodes of the objects' members.
        element: node of the lists' elements; None if there never was an element.
        crowded: the objects have more different keys than we keep.
    """

    name: str
    depth: int = 0
    seen: int = 0
    nulls: int = 0
    objects: int = 0
    lists: int = 0
    mixed_lists: int = 0
    values: Values = field(init=False)
    members: dict[str, Node] = field(default_factory=dict)
    element: Node | None = None
    crowded: bool = False

    def __post_init__(self) -> None:
        self.values = Values(is_dated(self.name))

    def add(self, value: Any, place: Place, scope: object = None) -> None:  # noqa: ANN401 - any JSON
        """Count a value: a parsed value, with numbers as `Number` texts, or the text of a scalar."""
        self.seen += 1
        if value is None:
            self.nulls += 1
        elif isinstance(value, str):
            self.values.add(value, place, scope)
        elif isinstance(value, bool):
            self.values.add("true" if value else "false", place, scope)
        elif isinstance(value, list):
            self.lists += 1
            if self.element is None:
                self.element = Node(self.name, self.depth + 1)
            self.mixed_lists += len({isinstance(one, dict) for one in value if one is not None}) > 1
            for one in value if self.depth < _DEPTH else ():
                self.element.add(one, place)
        else:
            self.objects += 1
            self._add_members(value, place)

    def _add_members(self, value: Mapping[str, Any], place: Place) -> None:
        for key, one in value.items() if self.depth < _DEPTH else ():
            if (member := self.member(key)) is not None:
                member.add(one, place)

    def member(self, key: str) -> Node | None:
        """Return the node of a member; None if there are too many."""
        node = self.members.get(key)
        if node is None:
            if len(self.members) >= _KEYS:
                self.crowded = True
                return None
            node = self.members[key] = Node(key, self.depth + 1)
        return node

    @property
    def filled(self) -> int:
        """How often there was a value of any kind."""
        return self.values.filled + self.objects + self.lists

    @property
    def is_plain(self) -> bool:
        """Whether it was never an object or a list."""
        return not self.objects and not self.lists


@dataclass(slots=True)
class Profile:
    """All records of a table, as counters.

    Attributes:
        records: number of records.
        root: node with the records' keys as members.
        signatures: sets of keys that records have, up to a limit.
        problems: reason -> number of records that can't be read, and the first of them.
    """

    records: int = 0
    root: Node = field(default_factory=lambda: Node("", -1))
    signatures: Counter[tuple[str, ...]] = field(default_factory=Counter)
    problems: dict[str, tuple[int, Place]] = field(default_factory=dict)

    def add(self, members: Mapping[str, str | None], nested: Mapping[str, Any], place: Place, scope: object) -> None:
        """Count one record; `scope` is its partition."""
        self.records += 1
        signature = tuple(members)
        if signature in self.signatures or len(self.signatures) < _SIGNATURES:
            self.signatures[signature] += 1
        for key, text in members.items():
            node = self.root.member(key)
            if node is not None:
                node.add(nested.get(key, text) if nested else text, place, scope)

    def add_problem(self, reason: str, place: Place) -> None:
        """Count a record that can't be read."""
        count, first = self.problems.get(reason, (0, place))
        self.problems[reason] = count + 1, first

    def always(self, node: Node) -> bool:
        """Whether every record has a value in this node."""
        return self.records > 0 and node.seen == self.records == node.filled

    def together(self, one: str, other: str) -> bool:
        """Whether some record has both keys."""
        return any(one in signature and other in signature for signature in self.signatures)
