"""Explain why a file holds no records of the table, from its first record that does not belong to the table."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trustedlake.core.framing.json_text import scan_object, scan_shallow
from trustedlake.core.framing.source import DRAFT, UnreadableError

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from trustedlake.core.framing.layout import Layout

_SHOWN_KEYS = 8
_SHOWN_CHARS = 80
_AGAIN = "fetch the file again, or remove it from Raw"


def holds_none(layout: Layout, records: int, stranger: str) -> UnreadableError:
    """Make the error for a file without any record of the table.

    Args:
        layout: the table's layout.
        records: number of records in the file.
        stranger: text of the first record that does not belong to the table; empty if all have only key columns.
    """
    table, found = layout.table, {}
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
    expected = _shown(sorted(layout.selection.one_of or layout.other_keys or layout.keys))
    keys = f" (keys found: {_shown(list(found))})" if found else ""
    return UnreadableError(
        f"the file holds no records of {table}: {what} any of the expected keys{keys}",
        hint=f"a record of {table} has one of {expected}; move other files out of this folder, and write a contract for"
        f" records with other keys ({DRAFT})",
    )


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


def _shown(names: Collection[str]) -> str:
    first = ", ".join(name[:_SHOWN_CHARS] for name in list(names)[:_SHOWN_KEYS]) or "none"
    return f"{first} and {len(names) - _SHOWN_KEYS} more" if len(names) > _SHOWN_KEYS else first
