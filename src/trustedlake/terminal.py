"""Print foreign text safely: a terminal or shell interprets no character of it."""

from __future__ import annotations

import re
import shlex

_OBEYED = "\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff"
"""Control characters except tab and line end, line separators, overrides of the writing direction, and lone
surrogates, which are not valid text (a file name in another encoding)."""

_CONTROL = re.compile(f"[{_OBEYED}]")
_CONTROL_OR_BREAK = re.compile(f"[\t\n{_OBEYED}]")
_SHORT = {"\t": r"\t", "\n": r"\n", "\r": r"\r"}


def visible(text: str, *, one_line: bool = False) -> str:
    r"""Replace control characters with escapes like `\u001b`, which JSON reads as the original characters.

    Tabs and line ends stay, unless it must be `one_line`.
    """
    return (_CONTROL_OR_BREAK if one_line else _CONTROL).sub(lambda found: _escape(found[0]), text)


def printable(text: str) -> str:
    """Replace each character that can't be printed, line ends too, by the replacement character."""
    return "".join(one if one.isprintable() else "\N{REPLACEMENT CHARACTER}" for one in text)


def _escape(character: str) -> str:
    return _SHORT.get(character) or f"\\u{ord(character):04x}"


def quoted(word: object) -> str:
    r"""Quote one word for pasting into a shell: blanks in quotes, control characters as `$'\x1b'`."""
    text = str(word)
    if not _CONTROL_OR_BREAK.search(text):
        return shlex.quote(text)
    parts = (
        "".join(f"\\x{byte:02x}" for byte in one.encode("utf-8", "surrogateescape"))
        if _CONTROL_OR_BREAK.match(one)
        else f"\\{one}"
        if one in "\\'"
        else one
        for one in text
    )
    return f"$'{''.join(parts)}'"


def typed(*words: object, lake: object = None, program: str = "trustedlake") -> str:
    """Return a command of this package to type next: `words` after `trustedlake`, on the `lake` if given."""
    told = [program, *words, *(["--lake", lake] if lake else [])]
    return " ".join(quoted(word) for word in told)
