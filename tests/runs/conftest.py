"""One quick engine for all runs of this folder; a fresh lake for each test."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.support.trials import SailEngine, Trial

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture(scope="session")
def engine() -> Iterator[SailEngine]:
    sail = SailEngine()
    sail.start()
    yield sail
    sail.stop()


@pytest.fixture
def trial(tmp_path: Path, engine: SailEngine) -> Trial:
    lake = tmp_path / "lake"
    lake.mkdir()
    return Trial(lake, engine)
