"""`trustedlake simulate-tmdb`: the installed command, from its first line to Ctrl-C."""

from __future__ import annotations

import json
import re
import shlex
import signal
import socket
import subprocess
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest
import requests

from trustedlake.entrypoints.cli.main import run
from trustedlake.simulators.tmdb import TmdbSimulator

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

START = "from trustedlake.entrypoints.cli.main import run; run()"


@contextmanager
def started(*options: str) -> Iterator[subprocess.Popen[str]]:
    with subprocess.Popen(
        [sys.executable, "-W", "error", "-c", START, "simulate-tmdb", *options],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            yield process
        finally:
            process.kill()


def get(url: str, token: str) -> requests.Response:
    with requests.Session() as session:
        session.trust_env = False
        return session.get(url, headers={"Authorization": f"Bearer {token}"}, timeout=10)


def test_json_output_is_one_line_and_ctrl_c_exits_130(tmp_path: Path) -> None:
    script = tmp_path / "faults.json"
    script.write_text('[{"kind": "503", "match": "genre", "times": 1}]')
    with started("--json", "--films", "30", "--token", "s3cret", "--faults", str(script)) as process:
        assert process.stdout is not None
        line = json.loads(process.stdout.readline())
        assert line.keys() == {"url", "token"}
        assert get(f"{line['url']}/discover/movie", "s3cret").json()["total_results"] == 30
        assert get(f"{line['url']}/discover/movie", "wrong").status_code == 401
        genres = f"{line['url']}/genre/movie/list"
        assert [get(genres, "s3cret").status_code for _ in range(2)] == [503, 200]
        process.send_signal(signal.SIGINT)
        rest, errors = process.communicate(timeout=20)
    assert process.returncode == 130
    assert rest == ""
    assert "s3cret" not in errors
    assert "Traceback" not in errors


def test_the_simulator_prints_commands_that_work() -> None:
    with started("--films", "25") as process:
        assert process.stdout is not None
        first, _, extract, look = (process.stdout.readline() for _ in range(4))
        found = re.search(r"http://127\.0\.0\.1:[0-9]+/3", first)
        assert found is not None
        assert "25 films" in first
        assert extract.split()[:3] == [f"TRUSTEDLAKE_TMDB_URL={found[0]}", "TMDB_TOKEN=offline", "trustedlake"]
        words = shlex.split(look)
        assert words[:3] == ["curl", "-H", "Authorization: Bearer offline"]
        assert get(words[3], "offline").status_code == 200


@pytest.mark.skipif(sys.platform != "linux", reason="other systems answer on 127.0.0.1 alone")
def test_the_simulator_listens_only_on_this_machine_by_default(capsys: pytest.CaptureFixture[str]) -> None:
    # Linux answers on all of 127.0.0.0/8, so a second address there stands for another machine's way in.
    other = "127.0.0.2"
    with TmdbSimulator(films=1) as alone, pytest.raises(requests.ConnectionError):
        get(alone.url.replace("127.0.0.1", other), alone.token)
    with TmdbSimulator(films=1, host="0.0.0.0") as everywhere:
        assert everywhere.url.startswith("http://127.0.0.1:")
        for url in (everywhere.url, everywhere.url.replace("127.0.0.1", other)):
            assert get(f"{url}/discover/movie", everywhere.token).status_code == 200
    with started("--host", other, "--json", "--films", "1") as process:
        assert process.stdout is not None
        url = json.loads(process.stdout.readline())["url"]
        assert url.startswith(f"http://{other}:")
        assert get(f"{url}/discover/movie", "offline").status_code == 200
    with pytest.raises(SystemExit) as left:
        run(["simulate-tmdb", "--host", "192.0.2.1"])
    assert left.value.code == 2
    assert "192.0.2.1, port 0: Cannot assign requested address" in capsys.readouterr().err


def test_an_occupied_port_exits_2(capsys: pytest.CaptureFixture[str]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(SystemExit) as left:
            run(["simulate-tmdb", "--port", str(port)])
    assert left.value.code == 2
    assert f"port {port}: Address already in use" in capsys.readouterr().err


def test_an_invalid_fault_script_exits_2(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "faults.json").write_text('[{"kind": "sleepy"}]')
    with pytest.raises(SystemExit) as left:
        run(["simulate-tmdb", "--faults", str(tmp_path / "faults.json")])
    assert left.value.code == 2
    assert "0.kind" in capsys.readouterr().err


def test_the_simulator_loads_neither_spark_nor_a_client() -> None:
    code = "import sys, trustedlake.simulators.tmdb; print(*sorted({name.split('.')[0] for name in sys.modules}))"
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert {"pyspark", "pyarrow", "requests", "rich", "boto3"} & set(done.stdout.split()) == set()
