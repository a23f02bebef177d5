"""`kill -9` of the installed command on a lake in MinIO: after a rerun the lake is as after one clean run."""

from __future__ import annotations

import itertools
import re
from contextlib import ExitStack
from dataclasses import dataclass
from fnmatch import translate
from typing import TYPE_CHECKING

import pytest

from tests.support.bucket_trials import BucketTrial
from tests.support.end_state import JOURNAL, STAGING
from tests.support.killing import Moment, killed_at_each, lay_out

if TYPE_CHECKING:
    from pathlib import Path

    from tests.support.end_state import EndState
    from trustedlake.adapters.s3.store import S3Store
    from trustedlake.adapters.spark.sail_engine import SailEngine

TRUSTED, QUARANTINE = "Trusted/TMDB/Parquet/Movies/*.parquet", "Quarantine/TMDB/Parquet/Movies/*.parquet"
SAMPLE = (Moment(share=0.7), Moment(sign=f"{STAGING}/trusted/*.parquet"), Moment(sign=TRUSTED, after_s=0.01))
MOMENTS = (
    *(Moment(share=number / 8) for number in range(2, 8)),
    Moment(sign=STAGING),
    *(Moment(sign=f"{STAGING}.parquet", after_s=after_s) for after_s in (0, 0.02, 0.05)),
    *(Moment(sign=JOURNAL, after_s=after_s) for after_s in (0, 0.01, 0.03, 0.06, 0.1)),
    Moment(sign=TRUSTED),
    Moment(sign=QUARANTINE),
    Moment(sign="_trustedlake/ledger/*.json"),
    Moment(sign="_trustedlake/journal/tmdb_series.json", after_s=0.02),
    Moment(sign="Trusted/TMDB/Parquet/Series/*.parquet"),
)


@dataclass(frozen=True)
class BucketLake:
    """A lake in a bucket, with a folder for temporary files; `store` is the lake's."""

    trial: BucketTrial
    folder: Path
    store: S3Store

    @property
    def address(self) -> str:
        """As `--lake` has it."""
        return self.trial.lake

    def has(self, pattern: str) -> bool:
        """Whether there is a key of this pattern, whose `*` stands for slashes too."""
        looks = re.compile(translate(pattern))
        listed = self.store.list(pattern.partition("*")[0].rpartition("/")[0])
        return any(looks.match(info.key) for info in listed)

    def end_state(self) -> EndState:
        """What it holds."""
        return self.trial.end_state(self.folder / "copy")


@pytest.mark.parametrize(
    ("moments", "series"),
    [pytest.param(SAMPLE, False, id="three-moments"), pytest.param(MOMENTS, True, id="twenty", marks=pytest.mark.slow)],
)
def test_a_command_killed_at_many_moments_is_finished_by_the_next_run(
    moments: tuple[Moment, ...], series: bool, tmp_path: Path, minio_bucket: str, sail_engine: SailEngine
) -> None:
    numbers, open_stores = itertools.count(), ExitStack()
    lay_out(tmp_path / "raw", series=series)

    def new_lake() -> BucketLake:
        number = next(numbers)
        trial = BucketTrial(minio_bucket, f"lake-{number}", sail_engine)
        trial.put_folder(tmp_path / "raw")
        (tmp_path / str(number)).mkdir()
        return BucketLake(trial, tmp_path / str(number), open_stores.enter_context(trial.store()))

    with open_stores:
        met = killed_at_each(new_lake, moments, "sail")
    assert "publishing" in met
    assert len(met) > 1
