"""Certificates and reports that somebody else wrote or changed."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest

from trustedlake.adapters.local.clock import ManualClock
from trustedlake.adapters.local.host import LocalHost
from trustedlake.adapters.memory_store import MemoryStore
from trustedlake.app.ingesting import window
from trustedlake.app.ingesting.tools import IngestTools
from trustedlake.app.run_reports import load_run
from trustedlake.errors import InputError
from trustedlake.models.ingest import Certificate, PendingFile, Query, WrittenFile
from trustedlake.models.lake import Entity

NOW = datetime(2026, 6, 17, tzinfo=UTC)
DAY = date(2026, 6, 17)
QUERY = Query(entity=Entity.MOVIES, genres=(80,))
NAME = QUERY.window(DAY)


def loaded(name: str = NAME, key: str = f"{QUERY.folder('', DAY)}/filmes_001.json") -> object:
    store = MemoryStore(ManualClock())
    file = WrittenFile(key=key, size=1, sha256="", films=1)
    certificate = Certificate(
        window=name,
        date=DAY,
        query=QUERY,
        trustedlake="1",
        tmdb="",
        started=NOW,
        updated=NOW,
        pending=PendingFile(file=file, ids=(1,)),
    )
    store.put(f"_trustedlake/ingest/{NAME}.json", certificate.model_dump_json().encode())
    nobody: Any = None
    tools = IngestTools(store=store, source=nobody, host=LocalHost(), clock=ManualClock())
    return window._load(tools, NAME)


def test_a_certificate_with_its_own_window_and_files_is_accepted() -> None:
    assert loaded() is not None


@pytest.mark.parametrize("name", ["", "..", "../../Raw", "other"])
def test_a_certificate_of_another_window_is_refused(name: str) -> None:
    with pytest.raises(InputError, match="which doesn't belong to its window: nothing was changed"):
        loaded(name=name)


@pytest.mark.parametrize(
    "key", ["../x.json", "/etc/x", "Trusted/x", "Raw/x", f"{QUERY.folder('', DAY)}/..", "precious"]
)
def test_a_certificate_that_names_files_elsewhere_is_refused(key: str) -> None:
    with pytest.raises(InputError, match="which doesn't belong to its window: nothing was changed"):
        loaded(key=key)


@pytest.mark.parametrize("data", [b"{}", b"[]", b"", b'{"version": 99}'])
def test_a_damaged_report_is_an_error_that_names_it(data: bytes) -> None:
    store = MemoryStore(ManualClock())
    store.put("_trustedlake/runs/run1.json", data)
    with pytest.raises(InputError, match=r"_trustedlake/runs/run1\.json"):
        load_run(store, "_trustedlake", "run1")
