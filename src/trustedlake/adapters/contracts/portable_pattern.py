"""Regular expressions that mean the same in every engine."""

from __future__ import annotations

import re

_CONSTRUCTS = (
    r"(?P<escape>\\(?:[pP]\{[^}]*\}|x\{[^}]*\}|.?))"
    r"|(?P<group>\(\?(?:<?[=!]|P?<|P=|>|#|[a-zA-Z-]*[:)])?)"
    r"|(?P<possessive>[*+?}]\+)"
)
_CLASSES = {"d": "[0-9]", "w": "[0-9A-Za-z_]", "s": "[ \\t]", "D": "[^0-9]", "W": "[^0-9A-Za-z_]", "S": "[^ \\t]"}
_LETTERS = frozenset("nrtfAz")
"""Letters that may follow a backslash; punctuation always may."""


def check_pattern(pattern: str) -> None:
    """Raise ValueError unless every engine accepts the pattern and gives it the same meaning."""
    python = []
    position = 0
    for token in re.finditer(_CONSTRUCTS, pattern, re.DOTALL):
        python.append(pattern[position : token.start()])
        python.append(_portable(token, pattern))
        position = token.end()
    python.append(pattern[position:])
    try:
        re.compile("".join(python))
    except (re.error, RecursionError, OverflowError) as error:
        raise ValueError(f"{pattern!r} is not a valid regular expression: {error}") from error


def _portable(token: re.Match[str], pattern: str) -> str:
    """Return the token in Python's notation."""
    text = token[0]
    if token["escape"]:
        sign = text[1:2]
        if sign in _CLASSES:
            raise ValueError(f"{pattern!r}: engines differ on {text}; write {_CLASSES[sign]}")
        if sign == "Z":
            raise ValueError(f"{pattern!r}: engines differ on {text}; write \\z for the end")
        if sign.isdigit():
            raise ValueError(f"{pattern!r}: {text} refers back to a group, which not every engine can do")
        if sign.isalpha() and sign not in _LETTERS:
            raise ValueError(f"{pattern!r}: engines differ on {text}")
        return r"\Z" if sign == "z" else text
    if token["possessive"]:
        raise ValueError(f"{pattern!r}: not every engine knows {text} (possessive)")
    if text not in {"(?:", "(?i)"} or (text == "(?i)" and token.start()):
        raise ValueError(f"{pattern!r}: not every engine knows {text}; write (?:...), or (?i) at the beginning")
    return text
