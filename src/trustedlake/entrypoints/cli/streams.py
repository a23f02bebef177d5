"""stdout and stderr as they are met: in any encoding, with a reader that may go away."""

from __future__ import annotations

import os
import select
import sys
from codecs import lookup
from io import TextIOWrapper
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import IO


def prepare() -> None:
    """Let no character stop a command, whatever the locale.

    A pipe or a file gets UTF-8; a terminal that has not the character shows `?` in its place.
    """
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper) and lookup(stream.encoding).name != "utf-8":
            if stream.isatty():
                stream.reconfigure(errors="replace")
            else:
                stream.reconfigure(encoding="utf-8")


def flush() -> None:
    """Write out what is still held back, as far as someone reads it."""
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except BrokenPipeError:
            discard(stream)


def reader_gone() -> bool:
    """Whether a reader of our output went away (`| head`); what is still written for it then goes nowhere."""
    gone = False
    for stream in (sys.stdout, sys.stderr):
        looked = select.poll()
        looked.register(stream.fileno(), 0)
        if any(seen & (select.POLLERR | select.POLLHUP) for _, seen in looked.poll(0)):
            discard(stream)
            gone = True
    return gone


def discard(stream: IO[str]) -> None:
    """Send nowhere what is still written to `stream`, whose reader went away."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, stream.fileno())
    os.close(nowhere)
