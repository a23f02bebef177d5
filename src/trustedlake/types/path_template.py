"""The placeholders of path templates, `Raw/TMDB/{tema}/{ano:04d}/{mes:02d}`; `core.partition` matches the templates."""

from __future__ import annotations

import re

PLACEHOLDER = re.compile(r"\{(\w+)(?::0([24])d)?\}")
"""A placeholder: its name, and its number of digits if its values are numbers."""


def placeholders(template: str) -> tuple[str, ...]:
    """Return the names of the placeholders, in order."""
    return tuple(found[1] for found in PLACEHOLDER.finditer(template))
