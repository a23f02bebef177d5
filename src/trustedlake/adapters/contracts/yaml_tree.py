"""The values of a file as fields that know their line, so that each message names the line."""

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
    """A message about a contract file.

    Attributes:
        line: counted from 1.
        field: path from the table down, `people.birthday.logicalType`; empty for the whole file.
        message: what is wrong, and how to write it correctly.
    """

    line: int
    field: str
    message: str

    def told(self, file: str) -> str:
        """Return the remark as one line, for people."""
        where = f"{self.field}: " if self.field else ""
        return printable(f"{file}, line {self.line}: {where}{self.message}")


def printable(text: str) -> str:
    """Escape control characters, so that a file's text can't control the terminal."""
    return "".join(sign if sign.isprintable() else sign.encode("unicode_escape").decode() for sign in text)


class Remarks:
    """What was found in one file: problems, which make the contract invalid, and notes."""

    def __init__(self) -> None:
        self.problems: list[Remark] = []
        self.notes: list[Remark] = []


def meant(name: str, known: Iterable[str]) -> str:
    """Return `; did you mean 'x'?` if the name is close to a known one, else an empty text."""
    from difflib import get_close_matches  # noqa: PLC0415 - only where something is wrong

    close = get_close_matches(name, list(known), n=1) or get_close_matches(
        name.casefold().replace("-", "_"), list(known), n=1
    )
    return f"; did you mean {str(close[0])!r}?" if close else ""


def _means_true(word: str) -> bool:
    return word.casefold() in {"true", "yes", "on"}


def as_number(text: str) -> int | float | None:
    """Parse a number as JSON writes it: not octal, not base 60, not infinite."""
    if _INTEGER.fullmatch(text):
        return int(text)
    try:
        number = float(text)
    except ValueError:
        return None
    return number if math.isfinite(number) else None


class Field:
    """A value of the file with its name. A value of the wrong type is reported as a problem and read as None."""

    __slots__ = ("name", "node", "remarks")

    def __init__(self, node: Node, name: str, remarks: Remarks) -> None:
        self.node, self.name, self.remarks = node, name, remarks

    @property
    def line(self) -> int:
        """Return the line, counted from 1."""
        return int(self.node.start_mark.line) + 1

    def refuse(self, message: str) -> None:
        """Report a problem with this field."""
        self.remarks.problems.append(Remark(self.line, self.name, message))

    def note(self, message: str) -> None:
        """Add a note: something worth saying that is not a problem."""
        self.remarks.notes.append(Remark(self.line, self.name, message))

    def named(self, name: str) -> Field:
        """Return the same value under another name."""
        return Field(self.node, name, self.remarks)

    @property
    def is_null(self) -> bool:
        """Return whether there is no value."""
        return self._is("null")

    @property
    def is_list(self) -> bool:
        """Return whether it is a list."""
        return isinstance(self.node, SequenceNode)

    @property
    def is_object(self) -> bool:
        """Return whether it is an object."""
        return isinstance(self.node, MappingNode)

    @property
    def is_text(self) -> bool:
        """Return whether it is a text."""
        return self._is("str")

    def _is(self, kind: str) -> bool:
        return isinstance(self.node, ScalarNode) and self.node.tag == _TAG + kind

    def members(self, known: Collection[str] | None = None, *, what: str = "field") -> dict[str, Field]:
        """Return the members of an object; a name that is not in `known` is a problem."""
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
                Field(key, path, self.remarks).refuse("appears twice")
            elif known is not None and name not in known:
                told = meant(name, known) or f"; there are {', '.join(sorted(known))}"
                Field(key, path, self.remarks).refuse(f"{name!r} is not a known {what}{told}")
            else:
                found[name] = field
        return found

    def key(self) -> bool:
        """Return whether this field, a member's name, is a plain text."""
        return self.text() is not None

    def items(self) -> list[Field]:
        """Return the elements of a list."""
        if not isinstance(self.node, SequenceNode):
            self._refuse_type("a list", example=f"[{self.node.value}]" if isinstance(self.node, ScalarNode) else "")
            return []
        return [Field(one, f"{self.name}[{place}]", self.remarks) for place, one in enumerate(self.node.value)]

    def text(self, *, controls: bool = False) -> str | None:
        """Return a text; control characters are allowed only if `controls` is true."""
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
        """Return a list of texts."""
        if not self.is_list:
            self.items()
            return None
        texts = [one.text(controls=controls) for one in self.items()]
        return None if None in texts else tuple(text for text in texts if text is not None)

    def choice(self, among: Collection[str]) -> str | None:
        """Return a text that must be one of `among`."""
        text = self.text()
        if text is not None and text not in among:
            self.refuse(f"{text!r} must be one of {', '.join(among)}{meant(text, among)}")
            return None
        return text

    def character(self) -> str | None:
        """Return a text of one character."""
        text = self.text(controls=True)
        if text is not None and (len(text) != 1 or text in "\r\n\0"):
            self.refuse(f'{text!r} is not one character (a tab is "\\t", in double quotes)')
            return None
        return text

    def boolean(self) -> bool | None:
        """Return true or false."""
        if not self._is("bool"):
            self._refuse_type("true or false")
            return None
        return _means_true(str(self.node.value))

    def integer(self, least: int | None = None) -> int | None:
        """Return a whole number, at least `least`."""
        if not self._is("int") or not _INTEGER.fullmatch(self.node.value):
            self._refuse_type("a whole number")
            return None
        number = int(self.node.value)
        if least is not None and number < least:
            self.refuse(f"{number} is less than {least}")
            return None
        return number

    def number(self) -> int | float | None:
        """Return a finite number."""
        number = as_number(str(self.node.value)) if self._is("int") or self._is("float") else None
        if number is None:
            self._refuse_type("a number")
        return number

    def _refuse_type(self, wanted: str, *, example: str = "") -> None:
        """Report which type it should be, which type it is, and how to write it."""
        found, advice = self._found(as_text=wanted == "a text")
        told = f", {example}" if example else ""
        self.refuse(f"must be {wanted}{told}; {found}{advice}")

    def _found(self, *, as_text: bool) -> tuple[str, str]:
        """Describe what was found instead, and how to write it."""
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

    def plain(self) -> Any:  # noqa: ANN401 - any value of the file
        """Return the value as JSON would have it; keys and dates stay texts as they are written."""
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
        """Follow the path and return the deepest field that exists."""
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
    """Yield the members of a mapping; members merged by `<<` come after its own."""
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
