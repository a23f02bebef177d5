"""The installed command on a store that throttles, breaks and hangs: it ends with 0 or 4, never half-way."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.support.bucket_faults import Fault, Outage, Storm, Weather, front_of
from tests.support.bucket_trials import BucketTrial
from tests.support.buckets import bucket_of
from tests.support.killing import lay_out
from trustedlake.models.ledger import Ledger

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.support.end_state import EndState
    from trustedlake.adapters.spark.sail_engine import SailEngine

COMMAND = str(Path(sys.executable).parent / "trustedlake")
LEDGER = "_trustedlake/ledger/tmdb_movies.json"
BEGINNINGS = {
    "list": "GET .*prefix=",
    "fetch": "GET .*/Raw/",
    "stage": "PUT .*/_trustedlake/staging/.*parquet",
    "claim": "PUT .*/_trustedlake/journal/",
    "publish": "PUT .*/Trusted/",
    "remove": "DELETE .*/_trustedlake/staging/.*parquet",
    "record": "PUT .*/_trustedlake/ledger/",
    "release": "DELETE .*/_trustedlake/journal/",
}
"""Step -> the first request of it."""

A_SAMPLE = ("fetch", "record")
SHARE = 0.1


class Lakes:
    """Lakes with the same raw files in one bucket, and what a clean run makes of them."""

    def __init__(self, bucket: str, url: str, folder: Path, engine: SailEngine) -> None:
        self._bucket, self._url, self._folder, self._engine = bucket, url, folder, engine
        self._number = 0
        lay_out(folder / "raw", series=False)
        clean = self._new()
        code, said = self._run(clean)
        assert code == 0, said
        self._expected = self._end_state(clean)
        assert self._expected.unfinished == []

    def survives(self, *faults: Fault, weather: Weather | None = None, attempts: int = 5) -> tuple[int, float]:
        """Run on a new lake behind a front with these faults, then without; give the first run's exit code and seconds.

        Fails unless that is 0 or 4, no ledger is half-written, and the lake is in the end as a clean run leaves it.
        """
        trial = self._new()
        began = time.monotonic()
        with front_of(self._url, *faults, weather=weather) as front:
            code, said = self._run(trial, AWS_ENDPOINT_URL_S3=front.url, AWS_MAX_ATTEMPTS=str(attempts))
        seconds = time.monotonic() - began
        assert code in {0, 4}, said
        with trial.store() as store:
            if store.head(LEDGER) is not None:
                Ledger.model_validate_json(store.read(LEDGER))
        again, said = self._run(trial)
        assert again == 0, said
        assert self._end_state(trial) == self._expected
        assert trial.audit().exit_code == 0
        return code, seconds

    def _new(self) -> BucketTrial:
        self._number += 1
        trial = BucketTrial(self._bucket, f"lake-{self._number}", self._engine)
        trial.put_folder(self._folder / "raw")
        return trial

    def _run(self, trial: BucketTrial, **variables: str) -> tuple[int, str]:
        command = [COMMAND, "to-trusted", "--source", "tmdb", "--engine", "sail", "--lake", trial.lake, "--json"]
        environ = dict(os.environ) | variables  # noqa: TID251 - handed to a child
        done = subprocess.run(command, env=environ, capture_output=True, text=True, timeout=600, check=False)
        return done.returncode, done.stdout + done.stderr

    def _end_state(self, trial: BucketTrial) -> EndState:
        return trial.end_state(self._folder / trial.prefix)


@pytest.fixture(scope="module")
def lakes(
    request: pytest.FixtureRequest, minio_url: str, tmp_path_factory: pytest.TempPathFactory, sail_engine: SailEngine
) -> Iterator[Lakes]:
    with pytest.MonkeyPatch.context() as patch:
        bucket = bucket_of("minio", request, patch)
        yield Lakes(bucket, minio_url, tmp_path_factory.mktemp("lakes"), sail_engine)


@pytest.mark.parametrize(
    ("seconds", "attempts", "steps"),
    [
        pytest.param(1.5, 2, A_SAMPLE, id="shortly"),
        pytest.param(60, 5, tuple(BEGINNINGS), id="for-a-minute", marks=pytest.mark.slow),
    ],
)
def test_a_throttling_store_ends_the_command_with_0_or_4(
    seconds: float, attempts: int, steps: tuple[str, ...], lakes: Lakes
) -> None:
    ended = {}
    for step in steps:
        outage = Outage(BEGINNINGS[step], seconds)
        ended[step] = lakes.survives(weather=outage, attempts=attempts)
        assert outage.refused >= attempts, f"{step} was never throttled"
    print(f"throttled for {seconds:g} s: {ended}")  # noqa: T201 - `pytest -s` shows it
    assert 4 in {code for code, _ in ended.values()}


@pytest.mark.parametrize(
    "seeds", [range(2), pytest.param(range(2, 32), marks=pytest.mark.slow)], ids=["two-storms", "thirty"]
)
def test_randomly_failing_requests_end_the_command_with_0_or_4(seeds: range, lakes: Lakes) -> None:
    met: Counter[str] = Counter()
    ended: Counter[int] = Counter()
    for seed in seeds:
        storm = Storm(seed, SHARE)
        code, _ = lakes.survives(weather=storm)
        ended[code] += 1
        met += storm.met
        assert storm.met.total() >= 3, "a calm day"
    print(f"{len(seeds)} storms, ended {dict(ended)}, met {dict(met)}")  # noqa: T201 - `pytest -s` shows it


@pytest.mark.slow
@pytest.mark.parametrize("step", ["fetch", "publish", "record"])
@pytest.mark.parametrize("kind", ["hang", "mute"])
def test_an_unanswered_request_is_abandoned_after_a_minute(kind: str, step: str, lakes: Lakes) -> None:
    code, seconds = lakes.survives(Fault(BEGINNINGS[step], kind))
    assert (code, 55 < seconds < 180) == (0, True)
