"""The quick engine for all runs of this folder; a fresh lake for each test."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.support.trials import Trial

if TYPE_CHECKING:
    from pathlib import Path

    from trustedlake.adapters.sail import SailEngine


@pytest.fixture
def trial(tmp_path: Path, sail_engine: SailEngine) -> Trial:
    lake = tmp_path / "lake"
    lake.mkdir()
    return Trial(lake, sail_engine)
