"""How messages tell many names, sizes and shares."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

SHOWN = 3
"""How many names a message shows before it says "and N more"."""

_LEAST = 0.0005
_UNITS = ("kB", "MB", "GB", "TB")


def some(names: Iterable[str], most: int = SHOWN, *, by: str = ", ", total: int | None = None) -> str:
    """Join the first few names, and say how many more there are: `a, b, c and 4 more`.

    Args:
        names: all of them, or the first few if `total` is given.
        most: how many to show.
        by: what separates them; `; ` for sentences.
        total: how many there are.
    """
    listed = list(names)
    more = (len(listed) if total is None else total) - most
    if more <= 0:
        return by.join(listed)
    return f"{by.join(listed[:most])}{' ' if by == ', ' else by}and {more:,} more"


def size(count: int) -> str:
    """Format a number of bytes: `1 byte`, `999 bytes`, `1.2 kB` (1,200 bytes)."""
    if count < 1_000:  # noqa: PLR2004 - SI
        return f"{count} byte{'' if count == 1 else 's'}"
    power = max(power for power in range(1, len(_UNITS) + 1) if count >= 1_000**power)
    return f"{count / 1_000**power:,.1f} {_UNITS[power - 1]}"


def share(ratio: float) -> str:
    """Format a share, 0 to 1, in percent: `0.3%`; a share above zero is never shown as zero."""
    return f"<{_LEAST * 2:.1%}" if 0 < ratio < _LEAST else f"{ratio:.1%}"
