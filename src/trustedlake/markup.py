"""Build HTML safely: everything that is not `Markup` is escaped, and no character of the data can hide or move text."""

from __future__ import annotations

from html import escape

from trustedlake.terminal import visible

_NO_END = frozenset({"br", "meta"})
"""HTML elements that never have content."""

_EMPTY = frozenset({"circle", "path", "rect"})
"""SVG elements that mostly have no content."""

_END_IS_OPTIONAL = frozenset({"li", "td", "th", "tr"})
"""Elements whose end tag is optional: in a long table, end tags would be half of the page."""


class Markup(str):
    """Text that is already HTML."""

    __slots__ = ()


def text(value: object) -> Markup:
    """Escape the value for HTML; control characters and overrides of the writing direction become visible escapes."""
    return value if isinstance(value, Markup) else Markup(escape(visible(str(value), one_line=True)))


def join(*parts: object, by: str = "") -> Markup:
    """Join the parts; everything but `Markup` is escaped, and `None` is left out."""
    return Markup(text(by).join(text(part) for part in parts if part is not None))


def tag(element: str, /, *children: object, **attributes: object) -> Markup:
    """Make an element: `tag("td", 5, class_="n")` is `<td class="n">5`.

    `class_` becomes `class`, `aria_label` becomes `aria-label`. True gives the name alone; False and None are left out.
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
