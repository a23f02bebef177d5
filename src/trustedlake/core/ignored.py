"""File names that are never data: names that engines skip, and files that editors and other tools leave behind."""

from __future__ import annotations

import re
from functools import lru_cache

from trustedlake.core.file_names import is_file_name

HIDDEN = ("_", ".")
"""Every engine skips names with these prefixes when it lists a folder."""

COPIES = ("~", ".bak", "_bak", ".bkp", ".backup", ".old", ".orig", ".save", ".copy", ".swp", ".swo", ".rej")
"""Endings of copies and drafts of editors and version control."""

UNFINISHED = (".tmp", ".temp", ".part", ".partial", ".filepart", ".crdownload", ".download")
"""Endings of downloads and transfers under way."""

OF_SYSTEMS = (":zone.identifier", "\uf03azone.identifier", ".lnk", "_$folder$")
"""Endings of files that Windows leaves, and of the folder markers of EMR and Glue."""

NAMES = frozenset(
    {
        "thumbs.db",
        "desktop.ini",
        "$recycle.bin",
        "system volume information",
        "icon\r",
        "lost+found",
        "@eadir",
        "#recycle",
    }
)
"""What Windows, macOS, Linux and network drives write into folders."""

_FOLDERS = ("~", ".bak", ".tmp", "_$folder$")
"""Fewer endings mark a folder than a file, because a folder's name may be a value: `Raw/{theme}`."""
_ENDINGS = (*COPIES, *UNFINISHED, *OF_SYSTEMS)
_STARTS = (*HIDDEN, "~$")  # Office's locks
# Editors' drafts, and what else Windows and macOS keep beside a file.
_PATTERNS = re.compile(r"#.*#|(?:eh)?thumbs.*\.db(?::.*)?|.*:com\.apple\..*")
_SECOND = re.compile(r"(.*) \([0-9]\)")
"""A second copy of a browser's download, if what is before it is a file's name."""


def is_hidden(path: str) -> bool:
    """Whether readers of the folder skip the file: its name, or the name of a folder above it, begins with `_` or `.`.

    The path is relative to the listed folder.
    """
    return any(name.startswith(HIDDEN) for name in path.split("/"))


def is_ignored(path: str) -> bool:
    """Whether the path's last name or a folder's name marks it as no data; keys that end in `/` are ignored, too.

    f.json           -> False        f.json~, f.json.BAK     -> True
    2025/06/17/a.csv -> False        2025/06/17_$folder$     -> True
    old.bak/a.json   -> True         _drafts/a.json, 2025/   -> True
    """
    folder, _, name = path.rpartition("/")
    return path.endswith("/") or _marks(name) or (bool(folder) and _is_ignored_folder(folder))


@lru_cache(maxsize=10_000)  # a folder has many files
def _is_ignored_folder(folder: str) -> bool:
    return any(_marks(name, _FOLDERS) for name in folder.split("/"))


def _marks(name: str, endings: tuple[str, ...] = _ENDINGS) -> bool:
    if name.startswith(_STARTS):
        return True
    folded = name.casefold()  # most of these files come from Windows
    if folded.endswith(endings) or folded in NAMES or _PATTERNS.fullmatch(folded):
        return True
    second = _SECOND.fullmatch(folded)
    return second is not None and is_file_name(second[1])
