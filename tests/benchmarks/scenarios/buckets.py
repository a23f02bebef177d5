"""The same work on a lake in a bucket, in a MinIO on this machine, beside a folder."""

from __future__ import annotations

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

from tests.benchmarks.bench import Finding, Measured
from tests.benchmarks.generator import MOVIES
from tests.benchmarks.measure import interleave
from tests.benchmarks.peers import TRUSTED_MOVIES
from tests.benchmarks.scenarios.growth import year_of
from tests.benchmarks.scenarios.wording import compared, records, seconds
from tests.benchmarks.tools import NO_JAVA, NotInstalledError, to_trusted
from tests.support.bucket_faults import front_of
from tests.support.buckets import credentials, store_in
from tests.support.minio import USER, binary, running_minio
from trustedlake.adapters.s3.client import make_client
from trustedlake.adapters.spark.process_environment import environment

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from tests.benchmarks.bench import Bench
    from tests.benchmarks.measure import Run
    from tests.support.bucket_faults import Front

BUCKET = "bench"
AT_ONCE = 8
STAGED, DIRECT = "from a bucket", "from a bucket, Spark reads and writes it"


@dataclass(frozen=True)
class Bucket:
    """A bucket in a running MinIO."""

    url: str

    def fill(self, lake: Path) -> None:
        """Bring the raw files into the bucket."""
        files = sorted(path for path in (lake / "Raw").rglob("*") if path.is_file())
        with environment(self.variables()), ThreadPoolExecutor(AT_ONCE) as pool:
            make_client().create_bucket(Bucket=BUCKET)
            store = store_in(BUCKET)
            list(pool.map(lambda file: store.put(file.relative_to(lake).as_posix(), file.read_bytes()), files))
            store.close()

    def to_trusted(self, name: str, engine: str, *more: str, url: str = "", **variables: str) -> Run:
        """Run the command on the bucket's raw films, into a lake of this name beside them."""
        raw, lake = f"s3://{BUCKET}/{MOVIES}", f"s3://{BUCKET}/{name}"
        places = ["--entity", "movies", "--input", raw, "--target", f"{lake}/{TRUSTED_MOVIES}"]
        return to_trusted(lake, "tmdb", engine, more=[*places, *more], variables=self.variables(url) | variables)

    def published(self, name: str) -> int:
        """Files of that lake that readers see."""
        with environment(self.variables()):
            store = store_in(BUCKET, name)
            keys = [info.key for info in store.list("") if not info.key.startswith("_trustedlake/")]
            store.close()
        return len(keys)

    def variables(self, url: str = "") -> dict[str, str]:
        """What leads the command there, through another address if one is given."""
        return credentials(url or self.url, USER, USER)


def bucket(bench: Bench) -> Measured:
    """200,000 movies: staged from MinIO beside a folder, direct beside staged, and what crosses the wire."""
    raw = bench.films(movies=200_000, files=2_000, days=30)
    with _minio(bench) as minio:
        minio.fill(raw)
        minio.to_trusted("jars", "spark", "--storage", "direct")  # fetches Hadoop's jars, where they are not there yet
        commands = {
            "sail": lambda _round: to_trusted(bench.fresh(raw), "tmdb", "sail"),
            f"sail, {STAGED}": lambda turn: minio.to_trusted(f"sail-{turn}", "sail"),
            "Spark": lambda _round: to_trusted(bench.fresh(raw), "tmdb", "spark"),
            f"Spark, {STAGED}": lambda turn: minio.to_trusted(f"spark-{turn}", "spark"),
            f"Spark, {DIRECT}": lambda turn: minio.to_trusted(f"direct-{turn}", "spark", "--storage", "direct"),
        }
        runs = interleave(commands, bench.rounds)
        size = f"{records(runs['sail'][0]):,} movies"
        with front_of(minio.url) as front:
            minio.to_trusted("counted", "sail", url=front.url)
        raw_bytes = {path.relative_to(raw).as_posix(): path.stat().st_size for path in (raw / "Raw").rglob("*.json")}
        counted = wire(size, raw_bytes, front, minio.published("counted"))
    return Measured(
        [
            *compared(size, runs, f"sail, {STAGED}", {"sail": 1.5}),
            *compared(size, runs, f"Spark, {STAGED}", {"Spark": 1.3}),
            *compared(size, runs, f"Spark, {DIRECT}", {f"Spark, {STAGED}": 1.6}),
            *counted,
        ]
    )


def bucket_idle(bench: Bench) -> Measured:
    """Nothing new among 10,000 keys, where no Java is there to be started."""
    raw = year_of(bench)
    keys = sum(1 for _ in (raw / "Raw").rglob("*.json"))
    with _minio(bench) as minio:
        minio.fill(raw)
        minio.to_trusted("lake", "sail")
        runs = [minio.to_trusted("lake", "spark", **NO_JAVA) for _ in range(2 * bench.rounds + 1)]
    return Measured([seconds(f"nothing new among {keys:,} keys of a bucket, seconds", 3, runs)])


@contextmanager
def _minio(bench: Bench) -> Iterator[Bucket]:
    if not binary().exists():
        raise NotInstalledError("there is no MinIO: `make minio-build` builds it, with Go")
    with running_minio(bench.folder("minio") / "data") as url:
        yield Bucket(url)


def wire(size: str, raw_bytes: Mapping[str, int], front: Front, published: int) -> list[Finding]:
    """Requests and bytes of one run, counted by a proxy.

    Args:
        size: what was run.
        raw_bytes: size of each raw file, by its key.
        front: the proxy.
        published: files that the run published.
    """
    asked = Counter(_key(request) for request in front.requests)
    of_raw = sum(asked[key] for key in raw_bytes)
    of_files = sum(count for key, count in asked.items() if key.endswith(".parquet"))
    fetched = sum(count for request, count in front.answered.items() if _key(request) in raw_bytes)
    others = len(front.requests) - of_raw - of_files
    total = sum(raw_bytes.values())
    return [
        Finding(f"{size}: raw bytes that cross the wire to those there are", 1, fetched / total, f"{total:,} bytes"),
        Finding(
            f"{size}: requests per raw file", 2, of_raw / len(raw_bytes), f"{of_raw:,} about {len(raw_bytes):,} files"
        ),
        Finding(
            f"{size}: requests a published file, staged and final",
            6,
            of_files / published,
            f"{of_files:,} about {published:,} files; {others:,} more: lists, ledger, journal, claim, probe, report",
        ),
    ]


def _key(request: str) -> str:
    """The key that a request is about; empty for lists."""
    address = urlsplit(request.split(" ", 1)[1])
    return unquote(address.path).removeprefix(f"/{BUCKET}").removeprefix("/")
