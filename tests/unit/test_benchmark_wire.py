"""Traffic to a bucket is counted by its purpose."""

from __future__ import annotations

from collections import Counter

from tests.benchmarks.scenarios.buckets import wire
from tests.support.bucket_faults import Front

RAW = {"Raw/TMDB/JSON/Movies/2025/01/01/a b.json": 100, "Raw/TMDB/JSON/Movies/2025/01/01/b.json": 300}
ASKED = [
    "GET /bench?list-type=2&prefix=Raw%2FTMDB",
    "HEAD /bench/Raw/TMDB/JSON/Movies/2025/01/01/a%20b.json",
    "GET /bench/Raw/TMDB/JSON/Movies/2025/01/01/a%20b.json",
    "GET /bench/Raw/TMDB/JSON/Movies/2025/01/01/b.json",
    "PUT /bench/lake/_trustedlake/staging/1/x.parquet",
    "PUT /bench/lake/Trusted/TMDB/Parquet/Movies/ano=2025/mes=01/dia=01/part-00000.parquet",
    "PUT /bench/lake/_trustedlake/ledger/tmdb_movies.json",
]


def test_requests_and_bytes_are_counted_per_raw_file_and_per_published_file() -> None:
    answered = Counter({ASKED[0]: 5_000, ASKED[2]: 200, ASKED[3]: 300})  # the first raw file was fetched twice
    findings = wire("2 movies", RAW, Front(requests=ASKED, answered=answered), published=1)
    assert [finding.measured for finding in findings] == [1.25, 1.5, 2]
    assert [finding.detail for finding in findings] == [
        "400 bytes",
        "3 about 2 files",
        "2 about 1 files; 2 more: lists, ledger, journal, claim, probe, report",
    ]
