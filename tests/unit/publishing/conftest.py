"""The stores that publishes are tried on: in memory, and a folder."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.support.publishing import prepare
from trustedlake.adapters.local.clock import ManualClock
from trustedlake.adapters.local.local_store import LocalStore
from trustedlake.adapters.memory_store import MemoryStore

if TYPE_CHECKING:
    from pathlib import Path

    from trustedlake.ports import ObjectStore


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture(params=["memory", "local"])
def store(request: pytest.FixtureRequest, tmp_path: Path, clock: ManualClock) -> ObjectStore:
    """A lake with what was published before."""
    made: ObjectStore = LocalStore(tmp_path, clock) if request.param == "local" else MemoryStore(clock)
    prepare(made)
    return made
