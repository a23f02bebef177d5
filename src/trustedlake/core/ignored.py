"""File names that are never data: names that engines skip, and files that editors and other tools leave behind."""

from __future__ import annotations

import re
from fnmatch import translate
from functools import lru_cache

HIDDEN = ("_", ".")
"""Every engine skips names with these prefixes when it lists a folder."""

LEFT_BEHIND = ("*~", "*.bak", "*.tmp", "#*#", "Thumbs.db", "desktop.ini", "*:Zone.Identifier", "*_$folder$")
"""Backups and drafts of editors, files that Windows writes into folders, folder markers of EMR and Glue."""

# Ignore case, because most of these files come from Windows.
_LEFT_BEHIND = re.compile("|".join(map(translate, LEFT_BEHIND)), re.IGNORECASE)


def is_hidden(path: str) -> bool:
    """Whether readers of the folder skip the file: its name, or the name of a folder above it, begins with `_` or `.`.

    The path is relative to the listed folder.
    """
    return any(name.startswith(HIDDEN) for name in path.split("/"))


def is_ignored(path: str) -> bool:
    """Whether its name, or that of a folder above it, marks the file as no data; keys that end in `/` are ignored, too.

    f.json           -> False        f.json~, f.json.BAK     -> True
    2025/06/17/a.csv -> False        2025/06/17_$folder$     -> True
    old.bak/a.json   -> True         _drafts/a.json, 2025/   -> True
    """
    folder, _, name = path.rpartition("/")
    return path.endswith("/") or _marks(name) or (bool(folder) and _is_ignored_folder(folder))


@lru_cache(maxsize=10_000)  # a lake has many files to a folder
def _is_ignored_folder(folder: str) -> bool:
    return any(map(_marks, folder.split("/")))


def _marks(name: str) -> bool:
    return name.startswith(HIDDEN) or _LEFT_BEHIND.match(name) is not None
