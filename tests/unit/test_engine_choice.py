"""Which engine judges, and why."""

from __future__ import annotations

import os
import re
import signal
import tempfile
from functools import partial
from importlib.metadata import requires
from typing import TYPE_CHECKING

import pytest

from trustedlake.adapters.local.installed import SAIL, has_spark, missing_for_sail
from trustedlake.entrypoints.lake import engine_choice
from trustedlake.entrypoints.lake.engine_choice import MOST_FOR_SAIL, LazySpark, choose
from trustedlake.entrypoints.settings import Settings

if TYPE_CHECKING:
    from pathlib import Path

    from trustedlake.models.choices import EngineName


@pytest.mark.skipif(missing_for_sail() is not None, reason="pysail is not installed")
@pytest.mark.parametrize(
    ("asked", "size", "kind", "why"),
    [
        ("spark", 0, "spark", ""),
        ("sail", 10 * MOST_FOR_SAIL, "sail", ""),
        ("auto", 0, "sail", "installed"),
        ("auto", MOST_FOR_SAIL, "sail", "1907 MB"),
        ("auto", MOST_FOR_SAIL + 1, "spark", "limit of 1907"),
    ],
)
def test_the_engine_is_chosen_by_the_number_of_bytes(asked: EngineName, size: int, kind: str, why: str) -> None:
    chosen, reason = choose(asked, size)
    assert chosen == kind
    assert why in reason
    assert bool(why) == bool(reason)


def test_under_spark_submit_auto_chooses_spark() -> None:
    assert choose("auto", 0, submitted=True) == ("spark", "since spark-submit started this")
    assert choose("sail", 0, submitted=True)[0] == "sail"


@pytest.mark.parametrize(
    ("lacks", "why"),
    [
        ("pysail", "since pysail is not installed"),
        ("grpcio-status", "since grpcio-status, which pysail needs, is not installed"),
        ("zstandard", "since zstandard, which pysail needs, is not installed"),
    ],
)
def test_without_pysail_or_its_dependencies_auto_chooses_spark(
    monkeypatch: pytest.MonkeyPatch, lacks: str, why: str
) -> None:
    monkeypatch.setattr(
        engine_choice, "missing_for_sail", partial(missing_for_sail, lambda p: None if p == lacks else "1")
    )
    assert choose("auto", 0) == ("spark", why)


def test_the_extra_fast_installs_what_pysail_needs() -> None:
    lines = requires("trustedlake") or []
    extras = ("fast", "spark", "contract", "all")
    of = {
        extra: {re.split("[<>=;]", line)[0].strip() for line in lines if re.search(f"""['"]{extra}['"]""", line)}
        for extra in extras
    }
    assert of["fast"] - of["spark"] - of["contract"] - {"trustedlake[contract]"} == {*SAIL, "pyspark-client"}
    assert of["all"] >= set(SAIL), "with pyspark itself as the client"


def test_spark_stopped_before_it_was_loaded_is_not_started_later() -> None:
    spark = LazySpark(Settings(), {}, verbose=False)
    spark.stop()
    spark.start()
    assert spark.log is not None
    assert not spark.log.exists(), "Java would have written to it"
    spark.stop()


@pytest.mark.skipif(not has_spark(), reason="Spark is not installed")
def test_ctrl_c_while_the_work_folder_is_made_leaves_no_folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    make = tempfile.mkdtemp

    def make_and_interrupt(prefix: str) -> str:
        folder = make(prefix=prefix, dir=tmp_path)
        os.kill(os.getpid(), signal.SIGINT)
        return folder

    monkeypatch.setattr(tempfile, "mkdtemp", make_and_interrupt)
    spark = LazySpark(Settings(), {}, verbose=False)
    with pytest.raises(KeyboardInterrupt):
        spark.batch_size(1)
    spark.stop()
    assert list(tmp_path.iterdir()) == []
