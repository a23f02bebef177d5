"""How numbers are written in texts: decimal mark and groups of digits."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from trustedlake.types.base import NotOfTypeError

if TYPE_CHECKING:
    from trustedlake.types.base import Notation

NUMBER = re.compile(r"([-+]?)(?:([0-9]++)(?:\.([0-9]*+))?|\.([0-9]++))(?:[eE]([-+]?[0-9]++))?")
"""A decimal number: sign, digits before the point, digits after it (or after a leading point), exponent."""


def is_plain(options: Notation) -> bool:
    """Whether numbers in texts are written as in JSON."""
    return options.decimal == "." and not options.grouping


def with_point(text: str, options: Notation) -> str:
    """Rewrite a number so that it has a decimal point and no grouping marks.

    A text with the wrong mark is not a number: reading `1.5` as fifteen would be wrong by a factor of ten.

    Raises:
        NotOfTypeError: a mark is where the column's numbers can't have one.
    """
    mark, group = options.decimal, options.grouping
    if is_plain(options):
        return text
    whole, found, rest = text.partition(mark)
    if group and group in whole:
        first, *groups = whole.split(group)
        if not first.lstrip("+-") or any(len(digits) != 3 for digits in groups):  # noqa: PLR2004 - thousands
            raise NotOfTypeError
        whole = "".join((first, *groups))
    if (mark != "." and "." in whole + rest) or (group and group in rest):
        raise NotOfTypeError
    return f"{whole}.{rest}" if found else whole
