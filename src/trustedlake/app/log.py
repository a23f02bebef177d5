"""Report events to the standard `logging`; to receive them, set a handler and the level INFO."""

from __future__ import annotations

import logging

LOGGER = "trustedlake"
"""The logger's name. A record's attribute `fields` holds the event's name and its details."""

_log = logging.getLogger(LOGGER)
_log.addHandler(logging.NullHandler())  # without any handler Python would print warnings to stderr


def tell(event: str, *, level: int = logging.INFO, **fields: object) -> None:
    """Log an event.

    Args:
        event: what happened, in the past tense: `planned`, `published`.
        level: WARNING if a user should look, ERROR if nothing was published.
        fields: JSON values: text, numbers, lists; never a key or a credential.
    """
    said = " ".join(f"{name}={value}" for name, value in fields.items())
    _log.log(level, "%s %s", event, said, extra={"fields": {"event": event} | fields})
