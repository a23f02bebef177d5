"""Regroup blocks of bytes into blocks of whole lines, so that a file of any size fits in memory."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator


def whole_lines(blocks: Iterable[bytes], *, carriage_return: bool) -> Iterator[bytes]:
    """Regroup blocks so that each ends at a line end; only the last may lack one.

    A line ends with LF; with `carriage_return` also with CR, if a block has no LF. A line is held in memory as a
    whole; `Source.validate` limits its length. Each byte is read and copied only a few times, however many
    blocks a line fills.
    """
    pending: list[bytes] = []  # parts of an unfinished line, joined only once
    for block in blocks:
        end = block.rfind(b"\n") + 1
        if not end and carriage_return:
            end = block.rfind(b"\r", 0, -1) + 1  # the last byte's LF may be in the next block
        if end:
            yield b"".join([*pending, block[:end]])
            pending.clear()
        elif carriage_return and pending and pending[-1].endswith(b"\r"):
            yield b"".join(pending)
            pending.clear()
        if end < len(block):
            pending.append(block[end:])
    if pending:
        yield b"".join(pending)
