"""The quick engine for all runs of this folder; a fresh lake for each test."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING, Any

import pytest

from tests.support.damage import publish_two_days
from tests.support.trials import Trial
from trustedlake.simulators.tmdb import TmdbSimulator

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from trustedlake.adapters.spark.sail_engine import SailEngine


@pytest.fixture
def trial(tmp_path: Path, sail_engine: SailEngine) -> Trial:
    lake = tmp_path / "lake"
    lake.mkdir()
    return Trial(lake, sail_engine)


@pytest.fixture
def plain_trial(tmp_path: Path) -> Trial:
    """A lake that needs no engine: all records are plainly right, or there are none."""
    engine: Any = None
    return Trial(tmp_path / "lake", engine)


@pytest.fixture
def sim(monkeypatch: pytest.MonkeyPatch) -> Iterator[TmdbSimulator]:
    """A TMDB that the environment names."""
    with TmdbSimulator(films=150, series=80, latency_ms=5) as simulator:
        monkeypatch.setenv("TMDB_TOKEN", simulator.token)
        monkeypatch.setenv("TRUSTEDLAKE_TMDB_URL", simulator.url)
        yield simulator


@pytest.fixture(scope="session")
def two_days(tmp_path_factory: pytest.TempPathFactory, sail_engine: SailEngine) -> Path:
    """A published lake to copy; nobody changes it."""
    trial = Trial(tmp_path_factory.mktemp("two_days") / "lake", sail_engine)
    publish_two_days(trial)
    return trial.lake


@pytest.fixture
def lake(two_days: Path, tmp_path: Path, sail_engine: SailEngine) -> Trial:
    """A published lake of one's own."""
    shutil.copytree(two_days, tmp_path / "copy")
    return Trial(tmp_path / "copy", sail_engine)
