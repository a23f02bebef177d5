"""Our part of a contract file: the `customProperties` with `vendor: trustedlake`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trustedlake.adapters.contracts.yaml_tree import meant

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from trustedlake.adapters.contracts.yaml_tree import Field

VENDOR = "trustedlake"

_MEMBERS = ("id", "property", "value", "description", "vendor")


def custom_properties(field: Field | None, owner: str, known: Collection[str]) -> dict[str, Field]:
    """Return the values of trustedlake's properties; ignore those of other vendors.

    Args:
        field: the list `customProperties`, if there is one.
        owner: name of the table or column; the returned fields get names below it.
        known: the properties that we know here.
    """
    found: dict[str, Field] = {}
    if field is None:
        return found
    if not field.is_list:
        field.refuse("must be a list of {property: NAME, vendor: trustedlake, value: VALUE}")
        return found
    for one in field.items():
        members = one.members(_MEMBERS)
        if members and "property" not in members:
            one.refuse("the field property is missing: {property: NAME, vendor: trustedlake, value: VALUE}")
        name = members["property"].text() if "property" in members else None
        if name is None or not _is_ours(one.named(f"{owner}.{name}"), members, name, known):
            continue
        if name in found:
            one.named(f"{owner}.{name}").refuse("appears twice")
        else:
            found[name] = members["value"].named(f"{owner}.{name}")
    return found


def _is_ours(field: Field, members: dict[str, Field], name: str, known: Collection[str]) -> bool:
    """Return whether the property is ours and complete."""
    vendor = members["vendor"].text() if "vendor" in members else None
    if vendor != VENDOR:
        if name in known and (vendor is None or meant(vendor, [VENDOR])):
            field.note("is ignored because it does not have vendor: trustedlake")
        return False
    if name not in known:
        told = meant(name, known) or f"; there are {', '.join(known)}"
        field.refuse(f"{name!r} is not a known property here{told}")
    elif "value" not in members:
        field.refuse("the field value is missing")
    return name in known and "value" in members


def checked(field: Field, parse: Callable[[str], object], texts: Collection[str] | None) -> tuple[str, ...] | None:
    """Return the texts after `parse` accepted each one; its errors, and an empty list, become problems."""
    if texts is None:
        return None
    if not texts:
        field.refuse("is empty; remove it or add a value (texts with [] or {} need quotes)")
    for text in texts:
        try:
            parse(text)
        except ValueError as error:
            field.refuse(str(error))
    return tuple(texts)
