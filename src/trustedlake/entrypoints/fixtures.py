"""Where the invented films lie: inside the installed package, or in a checkout."""

from __future__ import annotations

from pathlib import Path

import trustedlake
from trustedlake.errors import InputError


def fixtures_dir() -> Path:
    """The folder with `lake/`, `shapes/`, `hostile/` and `expected/`.

    Raises:
        InputError: neither the package nor a checkout around it has them.
    """
    package = Path(trustedlake.__file__).parent
    places = (package / "fixtures", package.parents[1] / "data" / "fixtures")
    for place in places:
        if (place / "lake").is_dir():
            return place
    raise InputError(
        f"the fixture films are missing: neither {places[0]} nor {places[1]} has them",
        hint="install the package from a wheel or a whole checkout: pip install --force-reinstall trustedlake",
    )
