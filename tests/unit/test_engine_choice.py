"""Which engine judges, and why."""

from __future__ import annotations

import importlib.util
from typing import TYPE_CHECKING

import pytest

from trustedlake.entrypoints import engines
from trustedlake.entrypoints.engines import MOST_FOR_SAIL, choose

if TYPE_CHECKING:
    from trustedlake.entrypoints.engines import EngineName


@pytest.mark.skipif(importlib.util.find_spec("pysail") is None, reason="pysail is not installed")
@pytest.mark.parametrize(
    ("asked", "size", "kind", "why"),
    [
        ("spark", 0, "spark", ""),
        ("sail", 10 * MOST_FOR_SAIL, "sail", ""),
        ("auto", 0, "sail", "installed"),
        ("auto", MOST_FOR_SAIL, "sail", "1907 MB"),
        ("auto", MOST_FOR_SAIL + 1, "spark", "above the 1907"),
    ],
)
def test_the_engine_for_so_many_bytes(asked: EngineName, size: int, kind: str, why: str) -> None:
    chosen, reason = choose(asked, size)
    assert chosen == kind
    assert why in reason
    assert bool(why) == bool(reason)


def test_spark_submit_asks_for_spark() -> None:
    assert choose("auto", 0, submitted=True) == ("spark", "since spark-submit started this")
    assert choose("sail", 0, submitted=True)[0] == "sail"


def test_without_pysail_auto_is_spark(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engines, "find_spec", lambda _: None)
    assert choose("auto", 0) == ("spark", "since pysail is not installed")
