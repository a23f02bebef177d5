"""Blocks of bytes -> blocks of whole lines, so that a file of any size fits in memory."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trustedlake.core.framing.source import MAX_WHOLE
from trustedlake.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator


def whole_lines(blocks: Iterable[bytes], path: str, *, carriage_return: bool) -> Iterator[bytes]:
    """Cut blocks anew, behind line ends; only the last may lack one.

    A line ends with LF; with `carriage_return` also with CR, where a block has no LF.

    Raises:
        InputError: a line has more than MAX_WHOLE bytes.
    """
    rest = b""
    for block in blocks:
        data = rest + block
        end = data.rfind(b"\n") + 1
        if not end and carriage_return:
            end = data.rfind(b"\r", 0, -1) + 1  # the last byte's LF may be in the next block
        if end:
            yield data[:end]
        rest = data[end:]
        if len(rest) > MAX_WHOLE:
            raise InputError(
                f"{path}: a line has more than {MAX_WHOLE >> 20} MB",
                hint="one line is one record; see whether the file is what its name says",
            )
    if rest:
        yield rest
