"""Framing runs on executors that have only Python and pyarrow."""

from __future__ import annotations

import json
import subprocess
import sys
import textwrap
from pathlib import Path

import pyarrow

import trustedlake
from tests.support.bare_python import BEGINNING
from tests.support.framed import LOCAL_MOVIES, MOVIES

SCRIPT = (
    BEGINNING
    + """    import io
    from trustedlake.core.framing.explode import frame_arrow
    from trustedlake.core.framing.frames import frame_file
    from trustedlake.core.partition import Partitioning
    import pyarrow as pa

    for name, content, framing in json.load(sys.stdin):
        rows = []
        partition = ("x",) * len(framing["partition"])
        batches = frame_file(io.BytesIO(content.encode()), path=name, partition=partition, framing=framing)
        while True:
            try:
                rows += next(batches).to_pylist()
            except StopIteration as stop:
                print(json.dumps([len(rows), stop.value.shape]))
                break
        file = {"address": "", "path": name, "size": len(content.encode()), "others": []}
        file["partition"] = ["x"] * len(framing["partition"])
        batch = pa.RecordBatch.from_pylist([{**file, "content": content.encode()}])
        assert sum(map(len, frame_arrow(framing)(iter([batch])))) == max(len(rows), 1)
    loaded = {name for name in sys.modules if name.startswith("trustedlake.")}
    others = {name for name in loaded if not name.startswith(("trustedlake.core", "trustedlake.types"))}
    others -= {"trustedlake.errors", "trustedlake.wording"}
    print(json.dumps(sorted(others)))
"""
)


def test_framing_runs_where_pydantic_and_click_are_not_installed() -> None:
    homes = [str(Path(module.__file__ or "").parents[1]) for module in (trustedlake, pyarrow)]
    files = [
        ("a.json", '[{"id":1,"title":"A"},{"id":2,"title":"\\ud800"}]', MOVIES),
        ("broken.json", "[{", MOVIES),
        ("m.csv", "id|tituloPincipal|x\ntt1|A|1\nshort\n\n", LOCAL_MOVIES),
    ]
    run = subprocess.run(
        [sys.executable, "-I", "-S", "-c", textwrap.dedent(SCRIPT), *homes],
        input=json.dumps(files),
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.stderr == ""
    assert [json.loads(line) for line in run.stdout.splitlines()] == [[2, "array"], [0, "unreadable"], [2, "csv"], []]
