"""What happens, told to the standard library's logging: whoever wants to hear it sets a handler and the level INFO."""

from __future__ import annotations

import logging

LOGGER = "trustedlake"
"""The logger's name. A record's attribute `fields` has the event's name and what it says, by name."""

_log = logging.getLogger(LOGGER)
_log.addHandler(logging.NullHandler())  # without any handler Python would print warnings to stderr


def tell(event: str, *, level: int = logging.INFO, **fields: object) -> None:
    """Tell of an event.

    Args:
        event: what happened, in the past tense: `planned`, `published`.
        level: WARNING where a user should look, ERROR where nothing was published.
        fields: what JSON has: text, numbers, lists; never a key or a credential.
    """
    said = " ".join(f"{name}={value}" for name, value in fields.items())
    _log.log(level, "%s %s", event, said, extra={"fields": {"event": event} | fields})
