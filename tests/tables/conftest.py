"""One lake of all tables, published by the command, for all modules that a process runs."""

from __future__ import annotations

import json

import pytest

from tests.support.own_tables import Published, lay_out, run_on_all


@pytest.fixture(scope="session")
def by_command(tmp_path_factory: pytest.TempPathFactory) -> Published:
    lake = tmp_path_factory.mktemp("by-command") / "my lake"
    lay_out(lake)
    told = ("--openlineage", str(lake.parent / "events.jsonl"))
    report = json.loads(run_on_all("to-trusted", "--json", *told, lake=lake))
    return Published(lake, {table["table"]: table for table in report["tables"]})
