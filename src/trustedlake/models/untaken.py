"""Files in Raw that no table takes, by place, and the places that a person accepted."""

from __future__ import annotations

from datetime import datetime

from trustedlake.models.base import Frozen

UNTAKEN_VERSION = 1

UNTAKEN_FILES = "untaken-files"
"""The warning's id, as `accept` takes it."""


PLACES_SHOWN = 10
"""Maximum number of places that a person is shown; more of them are counted."""


class UntakenPlace(Frozen):
    """A file that no table takes, or a folder in which no table takes any file.

    Attributes:
        path: as in the lineage; a folder's ends with `/`.
        files: number of files.
        since: when the oldest of them was last written; None if unknown.
        fails: table whose runs fail on it, because it is in the table's folders but in none of its partitions; empty if
            there is none.
        why: why it was accepted; empty while it is open.
    """

    path: str
    files: int = 1
    since: datetime | None = None
    fails: str = ""
    why: str = ""


class AcceptedPlaces(Frozen):
    """The places that somebody accepted; stored as `untaken.json`.

    Attributes:
        places: file or folder (with `/` at its end) -> the reason. A folder stands for everything that comes into it.
    """

    version: int = UNTAKEN_VERSION
    places: dict[str, str] = {}

    def why(self, path: str) -> str:
        """Return why the file or folder is accepted; empty if it is not."""
        whys = (why for place, why in self.places.items() if path == place or path.startswith(_inside(place)))
        return next(whys, "")


def _inside(place: str) -> str:
    return place if place.endswith("/") else f"{place}\0"  # nothing is inside a file
