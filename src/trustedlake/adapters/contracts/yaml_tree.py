"""The values of a file as fields that know their line, so that each message says where it is wrong."""

from __future__ import annotations

import math
import re
import unicodedata
from typing import TYPE_CHECKING, Any, NamedTuple

from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator

_INTEGER = re.compile(r"[-+]?(?:0|[1-9][0-9]*)")
_TAG = "tag:yaml.org,2002:"


class Remark(NamedTuple):
    """Something to say of a contract file.

    Attributes:
        line: counted from 1.
        field: names from the table down, `people.birthday.logicalType`; empty for the file.
        message: what is wrong, and what would be right.
    """

    line: int
    field: str
    message: str

    def told(self, file: str) -> str:
        """As one line, for people."""
        where = f"{self.field}: " if self.field else ""
        return printable(f"{file}, line {self.line}: {where}{self.message}")


def printable(text: str) -> str:
    """The text with its control characters spelled out: a file's are nothing for a terminal."""
    return "".join(sign if sign.isprintable() else sign.encode("unicode_escape").decode() for sign in text)


class Remarks:
    """What was found in one file: problems, which make it no contract, and notes."""

    def __init__(self) -> None:
        self.problems: list[Remark] = []
        self.notes: list[Remark] = []


def meant(name: str, known: Iterable[str]) -> str:
    """`; did you mean 'x'?` for a name that is almost one of those known, else nothing."""
    from difflib import get_close_matches  # noqa: PLC0415 - only where something is wrong

    close = get_close_matches(name, list(known), n=1) or get_close_matches(
        name.casefold().replace("-", "_"), list(known), n=1
    )
    return f"; did you mean {str(close[0])!r}?" if close else ""


def _means_true(word: str) -> bool:
    return word.casefold() in {"true", "yes", "on"}


def as_number(text: str) -> int | float | None:
    """The number that is written there, as JSON has it: not octal, not by sixties, not infinite."""
    if _INTEGER.fullmatch(text):
        return int(text)
    try:
        number = float(text)
    except ValueError:
        return None
    return number if math.isfinite(number) else None


class Field:
    """A value of the file under its name. What is not of the type asked for becomes a problem, and None."""

    __slots__ = ("name", "node", "remarks")

    def __init__(self, node: Node, name: str, remarks: Remarks) -> None:
        self.node, self.name, self.remarks = node, name, remarks

    @property
    def line(self) -> int:
        """Where it stands, counted from 1."""
        return int(self.node.start_mark.line) + 1

    def refuse(self, message: str) -> None:
        """Say that it is wrong."""
        self.remarks.problems.append(Remark(self.line, self.name, message))

    def note(self, message: str) -> None:
        """Say something that is no fault."""
        self.remarks.notes.append(Remark(self.line, self.name, message))

    def named(self, name: str) -> Field:
        """The same value under another name."""
        return Field(self.node, name, self.remarks)

    @property
    def is_null(self) -> bool:
        """Whether there is no value."""
        return self._is("null")

    @property
    def is_list(self) -> bool:
        """Whether it is a list."""
        return isinstance(self.node, SequenceNode)

    @property
    def is_object(self) -> bool:
        """Whether it is an object."""
        return isinstance(self.node, MappingNode)

    @property
    def is_text(self) -> bool:
        """Whether it is a text."""
        return self._is("str")

    def _is(self, kind: str) -> bool:
        return isinstance(self.node, ScalarNode) and self.node.tag == _TAG + kind

    def members(self, known: Collection[str] | None = None, *, what: str = "field") -> dict[str, Field]:
        """The members of an object; a name that is not among those known is a problem."""
        if not self.is_object:
            self._refuse_type("an object, `name: value`")
            return {}
        found: dict[str, Field] = {}
        for key, value in _pairs(self.node):
            name = str(key.value) if isinstance(key, ScalarNode) else "?"
            path = f"{self.name}.{name}" if self.name else name
            field = Field(value, path, self.remarks)
            if known is None and not Field(key, path, self.remarks).key():
                continue
            if name in found:
                Field(key, path, self.remarks).refuse("stands here twice")
            elif known is not None and name not in known:
                told = meant(name, known) or f"; there are {', '.join(sorted(known))}"
                Field(key, path, self.remarks).refuse(f"{name!r} is no {what}{told}")
            else:
                found[name] = field
        return found

    def key(self) -> bool:
        """Whether it is the name of a member, to the letter."""
        return self.text() is not None

    def items(self) -> list[Field]:
        """The elements of a list."""
        if not isinstance(self.node, SequenceNode):
            self._refuse_type("a list", example=f"[{self.node.value}]" if isinstance(self.node, ScalarNode) else "")
            return []
        return [Field(one, f"{self.name}[{place}]", self.remarks) for place, one in enumerate(self.node.value)]

    def text(self, *, controls: bool = False) -> str | None:
        """A text; with control characters only where they may be."""
        if not self.is_text:
            self._refuse_type("a text")
            return None
        text = str(self.node.value)
        odd = None if text.isprintable() else next((s for s in text if unicodedata.category(s) in {"Cc", "Cs"}), None)
        if odd and not controls:
            why = r"""; in YAML "\N" in double quotes is this character: write '\N' in single quotes"""
            self.refuse(f"holds the control character U+{ord(odd):04X}{why if odd == chr(0x85) else ''}")
            return None
        return text

    def texts(self, *, controls: bool = False) -> tuple[str, ...] | None:
        """A list of texts."""
        if not self.is_list:
            self.items()
            return None
        texts = [one.text(controls=controls) for one in self.items()]
        return None if None in texts else tuple(text for text in texts if text is not None)

    def choice(self, among: Collection[str]) -> str | None:
        """One of these texts."""
        text = self.text()
        if text is not None and text not in among:
            self.refuse(f"{text!r} is none of {', '.join(among)}{meant(text, among)}")
            return None
        return text

    def character(self) -> str | None:
        """A text of one character."""
        text = self.text(controls=True)
        if text is not None and (len(text) != 1 or text in "\r\n\0"):
            self.refuse(f'{text!r} is not one character (a tab is "\\t", in double quotes)')
            return None
        return text

    def boolean(self) -> bool | None:
        """True or false."""
        if not self._is("bool"):
            self._refuse_type("true or false")
            return None
        return _means_true(str(self.node.value))

    def integer(self, least: int | None = None) -> int | None:
        """A whole number."""
        if not self._is("int") or not _INTEGER.fullmatch(self.node.value):
            self._refuse_type("a whole number")
            return None
        number = int(self.node.value)
        if least is not None and number < least:
            self.refuse(f"{number} is less than {least}")
            return None
        return number

    def number(self) -> int | float | None:
        """A number, not infinite."""
        number = as_number(str(self.node.value)) if self._is("int") or self._is("float") else None
        if number is None:
            self._refuse_type("a number")
        return number

    def _refuse_type(self, wanted: str, *, example: str = "") -> None:
        """Say of what type it should be, of what type it is, and how to write it."""
        found, advice = self._found(as_text=wanted == "a text")
        told = f", {example}" if example else ""
        self.refuse(f"must be {wanted}{told}; {found}{advice}")

    def _found(self, *, as_text: bool) -> tuple[str, str]:
        """What stands there instead, and how to write it."""
        kind, value = self.node.tag.removeprefix(_TAG), self.node.value
        quoted = f'; write it in quotes: "{value}"' if as_text else ""
        if self.is_list or self.is_object:
            what, signs = ("a list", "[]") if self.is_list else ("an object", "{}")
            return f"this is {what}", f', and {signs} needs quotes: "{signs}"' if as_text else ""
        if self.is_null:
            return "there is no value", '; an empty text is written ""' if as_text and not value else quoted
        found = {
            "bool": f"{value} without quotes is {str(_means_true(value)).lower()} in YAML",
            "timestamp": f"{value} without quotes is a date in YAML",
            "int": f"{value} is a number",
            "float": f"{value} is a number",
            "str": f"{value!r} is a text",
        }
        return found.get(kind, f"this has the tag {self.node.tag}"), quoted if kind != "str" else ""

    def plain(self) -> Any:  # noqa: ANN401 - whatever stands there
        """The value as JSON has it: keys and dates are texts as they are written."""
        if isinstance(self.node, SequenceNode):
            return [Field(one, "", self.remarks).plain() for one in self.node.value]
        if isinstance(self.node, MappingNode):
            return {str(key.value): Field(value, "", self.remarks).plain() for key, value in _pairs(self.node)}
        value = self.node.value
        if self._is("bool"):
            return _means_true(value)
        if self._is("int") or self._is("float"):
            number = as_number(value)
            return value if number is None else number
        return None if self.is_null else value

    def at(self, path: Iterable[str | int]) -> Field:
        """The deepest field on the way that there is."""
        here = self
        for step in path:
            if here.is_list and isinstance(step, int) and step < len(here.node.value):
                here = Field(here.node.value[step], f"{here.name}[{step}]", self.remarks)
            elif here.is_object and (value := dict(_named(here.node)).get(str(step))):
                here = Field(value, f"{here.name}.{step}" if here.name else str(step), self.remarks)
            else:
                break
        return here


def _named(node: Node) -> Iterator[tuple[str, Node]]:
    return ((str(key.value), value) for key, value in _pairs(node))


def _pairs(node: Node) -> Iterator[tuple[Node, Node]]:
    """The members of a mapping; those that `<<` brings come after its own."""
    merged: list[Node] = []
    own: set[object] = set()
    for key, value in node.value:
        if key.tag == _TAG + "merge":
            merged += value.value if isinstance(value, SequenceNode) else [value]
        else:
            own.add(key.value if isinstance(key, ScalarNode) else id(key))
            yield key, value
    for other in merged:
        if isinstance(other, MappingNode):
            for key, value in _pairs(other):
                if isinstance(key, ScalarNode) and key.value not in own:
                    own.add(key.value)
                    yield key, value
