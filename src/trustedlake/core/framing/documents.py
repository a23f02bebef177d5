"""Explain why a file holds no records of the table, from its first record that does not belong to the table."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trustedlake.core.framing.json_text import scan_object, scan_shallow
from trustedlake.core.framing.source import DRAFT, UnreadableError

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

    from trustedlake.core.framing.layout import Layout
    from trustedlake.core.framing.tally import Tally

_SHOWN_KEYS = 8
_SHOWN_CHARS = 80
_AGAIN = "fetch the file again, or remove it from Raw"


def holds_none(layout: Layout, tally: Tally) -> UnreadableError:
    """Make the error for a file without any record of the table.

    Args:
        layout: the table's layout.
        tally: counts of the file's records; its `stranger` is empty if all records have columns of the primary key.
    """
    table, records, stranger, found = layout.table, tally.records, tally.stranger, {}
    if stranger.startswith("{"):
        scanned = scan_object(stranger, 0, scan_shallow)
        found, nested = scanned.members, {key: scanned.members[key] or "" for key in scanned.nested}
        if found.get("success") == "false" or {"status_code", "status_message"} <= found.keys():
            code = (found.get("status_code") or "none")[:_SHOWN_CHARS]
            said = (found.get("status_message") or found.get("errors") or "")[:_SHOWN_CHARS]
            return UnreadableError(f"an error body (status_code {code}: {said!r}), no records of {table}", hint=_AGAIN)
        if wrapper := _wrapper(nested, layout):
            return UnreadableError(
                f"the records of {table} are under the key {wrapper[0]!r}, but the contract does not read that path",
                hint=f"keep only the value of {wrapper[0]!r} in the file, or write a contract with"
                f' `records: ["{wrapper[1]}"]` ({DRAFT})',
            )
    elif path := _deeper(stranger, layout):
        return UnreadableError(
            f"the records of {table} are in nested lists, but the contract does not read that path",
            hint=f'write a contract with `records: ["{path}"]` ({DRAFT})',
        )
    what = f"none of its {records} records has" if records > 1 else "it does not have"
    expected = shown_names(sorted(layout.selection.one_of or layout.other_keys or layout.keys))
    known = tally.found()
    if found and not known["unknown"]:
        tally.count_unknown([list(found.items())], [records])
        known = tally.found()
    names = list(found) or [*_own_keys(layout, known["absent"], records), *known["unknown"]]
    keys = f" (keys found: {shown_names(names)})" if names else ""
    return UnreadableError(
        f"the file holds no records of {table}: {what} any of the expected keys{keys}",
        hint=f"a record of {table} has one of {expected}; move other files out of this folder, and write a contract for"
        f" records with other keys ({DRAFT})",
        found=known,
    )


def _own_keys(layout: Layout, absent: Mapping[str, int], records: int) -> Iterator[str]:
    """Yield a key of each column of the primary key that some record has."""
    for name in layout.key:
        if absent.get(name, 0) < records:
            yield layout.readers[name].keys[0]


def _deeper(stranger: str, layout: Layout) -> str:
    """Return the path to records of the table if they are in nested lists; empty if they are not."""
    start = stranger.find("{")
    lists = stranger[:start].split() if start > 0 else []
    depth = "".join(lists)
    if not depth or depth.strip("["):
        return ""
    members = scan_object(stranger, start, scan_shallow).members
    fits = layout.selection.looks_like(members) and not layout.other_keys.isdisjoint(members)
    return "[]" * (len(depth) + 1) if fits else ""


def _wrapper(nested: Mapping[str, str], layout: Layout) -> tuple[str, str] | None:
    """Return the key that wraps records of the table, and the path to them; None if there is none."""
    for name, text in nested.items():
        start = text.find("{", 1)
        if start < 0:
            continue
        if text.startswith("[") and not text[1:start].strip():
            path = f"{name}[]"
        elif text.startswith("{") and text[1:start].rstrip().endswith(":"):
            path = f"{name}{{}}"
        else:
            continue
        members = scan_object(text, start, scan_shallow).members
        if layout.selection.looks_like(members) and not layout.other_keys.isdisjoint(members):
            return name, path
    return None


def shown_names(names: Collection[str]) -> str:
    """List the first names, each cut."""
    first = ", ".join(name[:_SHOWN_CHARS] for name in list(names)[:_SHOWN_KEYS]) or "none"
    return f"{first} and {len(names) - _SHOWN_KEYS} more" if len(names) > _SHOWN_KEYS else first
