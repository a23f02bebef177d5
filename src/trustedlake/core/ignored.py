"""Names that are never data: what engines skip, and what editors, systems and other tools leave beside files."""

from __future__ import annotations

import re
from fnmatch import translate

HIDDEN = ("_", ".")
"""How the names begin that every engine skips when it lists a folder."""

LEFT_BEHIND = ("*~", "*.bak", "*.tmp", "#*#", "Thumbs.db", "desktop.ini", "*:Zone.Identifier", "*_$folder$")
"""Backups and drafts of editors, what Windows writes into folders, the folder markers of EMR and Glue."""

# Windows, where most of them come from, knows no difference of case.
_LEFT_BEHIND = re.compile("|".join(map(translate, LEFT_BEHIND)), re.IGNORECASE)


def is_hidden(path: str) -> bool:
    """Whether readers of the folder skip the file: its name, or that of a folder above it, begins with `_` or `.`.

    The path is relative to the folder that is listed.
    """
    return any(name.startswith(HIDDEN) for name in path.split("/"))


def is_ignored(path: str) -> bool:
    """Whether the file is no data, by its own name or that of a folder above it; a key that ends in `/` is none.

    f.json           -> False        f.json~, f.json.BAK     -> True
    2025/06/17/a.csv -> False        2025/06/17_$folder$     -> True
    old.bak/a.json   -> True         _drafts/a.json, 2025/   -> True
    """
    return path.endswith("/") or is_hidden(path) or any(_LEFT_BEHIND.match(name) for name in path.split("/"))
