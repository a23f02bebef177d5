"""What was refused can be looked at wherever the lake has its folders, down to the bytes in Raw."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from tests.support.trials import MOVIES, Trial, film, films
from trustedlake.app.trusted.options import Options
from trustedlake.entrypoints import compose

if TYPE_CHECKING:
    from pathlib import Path

    from trustedlake.adapters.engines.sail import SailEngine

NAMELESS = film(7, title=None)


@pytest.mark.parametrize(
    ("raw", "target"),
    [
        (f"lake/{MOVIES}", None),
        ("lake/raw/films", "lake/trusted/films"),
        ("landing/films", None),
        ("landing/films", "lake/trusted/films"),
        ("landing/films", "elsewhere/Trusted/films"),
    ],
)
def test_the_address_that_is_shown_leads_to_the_bytes(
    tmp_path: Path, sail_engine: SailEngine, raw: str, target: str | None
) -> None:
    lake = tmp_path / "lake"
    lake.mkdir()
    Trial(tmp_path, sail_engine).put(f"{raw}/2025/06/17/a.json", [*films(3), NAMELESS])
    inputs = () if raw.startswith("lake/Raw") else (str(tmp_path / raw),)
    place = compose.Place(str(lake), inputs, target and str(tmp_path / target))
    with compose.home(place, engine=sail_engine) as home:
        assert home.to_trusted("tmdb", "movies", Options()).exit_code == 0
    with compose.home(compose.Place(str(lake))) as home:
        (record,) = home.refused()
        assert json.loads(home.raw_bytes(record.address)) == NAMELESS
