"""Find the folder template of a contract, and the partition of each file, from the folders of raw files."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, TypeAlias

from trustedlake.core.inferring.names import column_name, distinct_name

if TYPE_CHECKING:
    from collections.abc import Sequence

_HIVE = re.compile(r"([A-Za-z_][A-Za-z0-9_]*)=(.+)")
_DAY_NAME = re.compile(r"([0-9]{4})([-_.]?)([0-9]{2})\2([0-9]{2})")
_NAMES = ("ano", "mes", "dia")
_DIGITS = (r"[0-9]{4}", r"[0-9]{1,2}", r"[0-9]{1,2}")
_THEMES = 500
_Parts: TypeAlias = tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]]
"""Parts of the template, the placeholders in them, and their values."""
_BELOW_IS_DATE = re.compile(r"[0-9]+")


@dataclass(frozen=True, slots=True)
class FoundTemplate:
    """Where the files of a table are.

    Attributes:
        path: the contract's template.
        names: its placeholders.
        values: file -> values of its partition.
        outside: files that don't match the template.
        notes: what is uncertain.
    """

    path: str
    names: tuple[str, ...]
    values: dict[str, tuple[str, ...]]
    outside: tuple[str, ...] = ()
    notes: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Dated:
    """A file's folders before its date, the date as parts of the template, and the folders after it."""

    before: tuple[str, ...]
    parts: tuple[str, ...]
    names: tuple[str, ...]
    values: tuple[str, ...]
    behind: tuple[str, ...]


def find_template(paths: Sequence[str]) -> FoundTemplate:
    """Find the template that matches the files; their paths are relative to the lake."""
    dated = {path: one for path in paths if (one := _dated(path)) is not None}
    if len(dated) * 2 > len(paths):
        return _of_dated(paths, dated)
    named = _dated_names(paths)
    if named is not None:
        return named
    return _undated(paths)


def _of_dated(paths: Sequence[str], dated: dict[str, _Dated]) -> FoundTemplate:
    forms = [(one.parts, one.names) for one in dated.values()]
    parts, names = max(set(forms), key=lambda form: (forms.count(form), form))
    kept = {path: one for path, one in dated.items() if (one.parts, one.names) == (parts, names)}
    head, themes, theme_values = _literal([one.before for one in kept.values()], names)
    tail: list[str] = []
    depths = {len(one.behind) for one in kept.values()}
    below = {one.behind[0] for one in kept.values() if one.behind}
    tail_values: list[str] = []
    if not themes and 0 not in depths and 1 < len(below) <= _THEMES and not any(map(_BELOW_IS_DATE.fullmatch, below)):
        tail = [distinct_name("tema", names)]
        tail_values = [one.behind[0] for one in kept.values()]
    template = "/".join((*head, *parts, *(f"{{{name}}}" for name in tail)))
    values = {}
    for at, (path, one) in enumerate(kept.items()):
        extra = (tail_values[at],) if tail else ()
        values[path] = (*theme_values[at], *one.values, *extra)
    return FoundTemplate(
        template,
        (*themes, *names, *tail),
        values,
        tuple(path for path in paths if path not in kept),
        ["the folder names differ and became a placeholder: give it a fitting name"] if themes or tail else [],
    )


def _literal(
    befores: Sequence[tuple[str, ...]], taken: Sequence[str]
) -> tuple[list[str], list[str], list[tuple[str, ...]]]:
    """Turn the folders before the date into template parts: a literal if all files share it, else a placeholder."""
    depths = {len(before) for before in befores}
    shortest = min(depths, default=0)
    head: list[str] = []
    themes: list[str] = []
    columns: list[list[str]] = []
    for at in range(shortest):
        found = [before[at] for before in befores]
        if len(set(found)) == 1:
            head.append(_escaped(found[0]))
        elif at == 0 and len({one.casefold() for one in found}) == 1:
            head.append(found[0])
        elif len(depths) > 1 or len(set(found)) > _THEMES:
            break
        else:
            hive = [_HIVE.fullmatch(one) for one in found]
            name = hive[0][1] if hive[0] and all(one and one[1] == hive[0][1] for one in hive) else "tema"
            theme = distinct_name(name, (*taken, *themes))
            themes.append(theme)
            head.append(f"{name}={{{theme}}}" if all(hive) and name != "tema" else f"{{{theme}}}")
            columns.append(
                [match[2] if match and name != "tema" else one for match, one in zip(hive, found, strict=True)]
            )
    return head, themes, list(zip(*columns, strict=True)) if columns else [() for _ in befores]


def _escaped(folder: str) -> str:
    return folder.replace("{", "{{").replace("}", "}}")


def _dated(path: str) -> _Dated | None:
    """Find the last date in a file's folders, a whole date before a partial one; None if there is none."""
    folders = tuple(path.split("/")[:-1])
    for width, read in ((3, _parts), (1, _day_folder), (2, _parts), (1, _parts)):
        for at in reversed(range(len(folders) - width + 1)):
            if found := read(folders[at : at + width]):
                parts, names, values = found
                return _Dated(folders[:at], parts, names, values, folders[at + width :])
    return None


def _day_folder(folders: tuple[str, ...]) -> _Parts | None:
    """Parse one folder as a day: `2025-06-17`, `20250617`, `dt=2025-06-17`."""
    hive = _HIVE.fullmatch(folders[0])
    text = hive[2] if hive else folders[0]
    match = _DAY_NAME.fullmatch(text)
    if match is None or not _is_date((match[1], match[3], match[4])):
        return None
    if hive:
        return (f"{hive[1]}={{{hive[1]}}}",), (hive[1],), (text,)
    mark = match[2]
    return (f"{{ano:04d}}{mark}{{mes:02d}}{mark}{{dia:02d}}",), _NAMES, (match[1], match[3], match[4])


def _parts(folders: tuple[str, ...]) -> _Parts | None:
    """Parse folders as year, month and day, or as the first of these: `2025/06/17`, `year=2025/month=06`."""
    names, values, parts = [], [], []
    for at, folder in enumerate(folders):
        hive = _HIVE.fullmatch(folder)
        text = hive[2] if hive else folder
        if not re.fullmatch(_DIGITS[at], text):
            return None
        name = hive[1] if hive else _NAMES[at]
        names.append(name)
        values.append(text if at == 0 else text.zfill(2))
        placeholder = f"{{{name}:{'04' if at == 0 else '02'}d}}"
        parts.append(f"{name}={placeholder}" if hive else placeholder)
    padded = (*values, "01", "01")[:3]
    return (tuple(parts), tuple(names), tuple(values)) if _is_date(padded) else None


def _is_date(values: Sequence[str]) -> bool:
    try:
        return 1900 <= date(*map(int, values)).year <= 2100  # noqa: PLR2004 - a plausible day for fetching files
    except ValueError:
        return False


def _dated_names(paths: Sequence[str]) -> FoundTemplate | None:
    """Match files in one folder whose names differ only by a date: `filmes_2025-06-17.json`."""
    found = []
    for path in paths:
        folder, _, name = path.rpartition("/")
        match = _DAY_NAME.search(name)
        if match is None or not _is_date((match[1], match[3], match[4])):
            return None
        mark = match[2]
        before, behind = _escaped(name[: match.start()]), _escaped(name[match.end() :])
        form = f"{before}{{ano:04d}}{mark}{{mes:02d}}{mark}{{dia:02d}}{behind}"
        found.append((f"{folder}/{form}" if folder else form, (match[1], match[3], match[4])))
    if len({form for form, _ in found}) != 1 or len(found) < 2:  # noqa: PLR2004 - one name is not a pattern
        return None
    values: dict[str, tuple[str, ...]] = {path: one for path, (_, one) in zip(paths, found, strict=True)}
    return FoundTemplate(found[0][0], _NAMES, values, notes=["the partition's date is in the file name"])


def _undated(paths: Sequence[str]) -> FoundTemplate:
    folders = [tuple(path.split("/")[:-1]) for path in paths]
    head, themes, values = _literal(folders, ())
    notes = ["the folder names differ and became a placeholder: give it a fitting name"] if themes else []
    return FoundTemplate("/".join(head), tuple(themes), dict(zip(paths, values, strict=True)), notes=notes)


def given_template(template: str, paths: Sequence[str]) -> FoundTemplate:
    """Use a template that the user gave; the exact partition of a file doesn't matter then."""
    names = tuple(re.findall(r"\{([^{}:]+)(?::[^{}]*)?\}", template))
    return FoundTemplate(template, names, {path: (path.rpartition("/")[0],) for path in paths})


def stem(path: str) -> str:
    """Replace numbers and dates in a file's name: `pessoas_001.json` -> `pessoas_*.json`."""
    name = path.rpartition("/")[2]
    base, dot, extension = name.partition(".")
    return re.sub(r"\*(?:[-_.]*\*)*", "*", re.sub(r"[0-9]+", "*", base)) + dot + extension


def table_folder(table: str) -> str:
    """Return the folder for the files of a table that are in no lake yet."""
    return f"Raw/{column_name(table)}"
