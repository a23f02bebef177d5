"""HTML in which data stays data: whatever is not `Markup` is escaped, and no sign of it hides or moves others."""

from __future__ import annotations

from html import escape

from trustedlake.terminal import visible

_NO_END = frozenset({"br", "meta"})
"""Elements of HTML that never have contents."""

_EMPTY = frozenset({"circle", "path", "rect"})
"""Elements of SVG that mostly have none."""

_END_IS_OPTIONAL = frozenset({"li", "td", "th", "tr"})
"""Elements that the next one of their kind ends: in a long table their end tags are half of the page."""


class Markup(str):
    """Text that is HTML already."""

    __slots__ = ()


def text(value: object) -> Markup:
    """The value as text between tags, control characters and overrides of the writing direction as escapes."""
    return value if isinstance(value, Markup) else Markup(escape(visible(str(value), one_line=True)))


def join(*parts: object, by: str = "") -> Markup:
    """The parts one after another; those that are no `Markup` are escaped, `None` is left out."""
    return Markup(text(by).join(text(part) for part in parts if part is not None))


def tag(element: str, /, *children: object, **attributes: object) -> Markup:
    """An element: `tag("td", 5, class_="n")` is `<td class="n">5`.

    Attributes: `class_` is `class`, `aria_label` is `aria-label`; True stands alone, False and None are left out.
    """
    told = "".join(_attribute(key.rstrip("_").replace("_", "-"), value) for key, value in attributes.items())
    inside = join(*children)
    if element in _EMPTY and not inside:
        return Markup(f"<{element}{told}/>")
    end = "" if element in _NO_END or element in _END_IS_OPTIONAL else f"</{element}>"
    return Markup(f"<{element}{told}>{inside}{end}")


def _attribute(name: str, value: object) -> str:
    if value is None or value is False:
        return ""
    return f" {name}" if value is True else f' {name}="{text(str(value))}"'
