"""`docs/how-to/schedule.md`: what a reader copies parses, and the command line accepts its calls."""

from __future__ import annotations

import ast
import json
import re
import shlex
import shutil
import subprocess
import sys
from configparser import ConfigParser
from contextlib import nullcontext
from types import ModuleType
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from tests.support.pages import HOW_TO, blocks, require_taken
from tests.support.trials import REPO

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

PAGE = HOW_TO / "schedule.md"
FIELD = re.compile(r"(\*|\d+(-\d+)?)(/\d+)?(,(\*|\d+(-\d+)?)(/\d+)?)*")


def only(language: str) -> str:
    (code,) = blocks(PAGE, language)
    return code


def called(line: str) -> Iterator[list[str]]:
    """The words behind each `trustedlake` of a shell's line, up to where its command ends."""
    for part in re.split(r"&&|\|\||[>;]", line):
        words = shlex.split(part)
        if words and words[0].rpartition("/")[2] == "trustedlake":
            yield words[1:]


def test_each_crontab_line_has_five_time_fields_and_a_command() -> None:
    seen = []
    for line in filter(None, only("crontab").splitlines()):
        if re.match(r"[A-Z_]+=", line):
            continue
        *times, command = line.split(maxsplit=5)
        assert len(times) == 5, line
        assert all(FIELD.fullmatch(time) for time in times), line
        assert "%" not in command, "cron takes it for the end of the line"
        seen += list(called(command))
    for words in seen:
        require_taken(words)
    assert [words[0] for words in seen] == ["ingest-tmdb", "to-trusted", "status"]


def test_the_systemd_units_name_existing_commands() -> None:
    service, timer = blocks(PAGE, "ini")
    runs = re.findall(r"^ExecStart=(.*)$", service, re.MULTILINE)
    for line in runs:
        program, *words = shlex.split(line)
        assert program.endswith("/bin/trustedlake")
        require_taken(words)
    assert len(runs) == 2
    for unit, sections in ((service, {"Unit", "Service"}), (timer, {"Unit", "Timer", "Install"})):
        parser = ConfigParser(strict=False, interpolation=None)
        parser.read_string(unit)
        assert set(parser.sections()) == sections
    assert "RestartPreventExitStatus=1 2 3\n" in service


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="needs systemd-analyze")
def test_systemd_accepts_the_units(tmp_path: Path) -> None:
    files = [tmp_path / "films.service", tmp_path / "films.timer"]
    for file, unit in zip(files, blocks(PAGE, "ini"), strict=True):
        file.write_text(unit.replace("/srv/films/venv/bin/trustedlake", "/bin/true"), encoding="utf-8")
    done = subprocess.run(["systemd-analyze", "verify", *files], capture_output=True, text=True, check=False)
    # Of other units that this machine has it may say what it likes.
    assert "films" not in done.stderr, done.stderr


def dag() -> str:
    (code,) = blocks(PAGE, "python")
    return code


def test_the_command_line_accepts_the_call_of_each_dag_task() -> None:
    calls = [
        [word.value for word in node.args if isinstance(word, ast.Constant)]
        for node in ast.walk(ast.parse(dag()))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "trustedlake"
    ]
    assert [words[0] for words in calls] == ["ingest-tmdb", "to-trusted", "status"]
    for words in calls:
        require_taken([*map(str, words), "--lake", "/srv/films/lake"])


class AirflowError(Exception):
    """Airflow tries again."""


class AirflowFailError(Exception):
    """Airflow does not."""


class Task:
    """A task as far as the DAG uses it: it is called, and stands before others."""

    def __rshift__(self, other: Task) -> Task:
        return other


@pytest.mark.parametrize(
    ("code", "raised"), [(0, None), (1, AirflowFailError), (3, AirflowFailError), (4, AirflowError)]
)
def test_the_dag_retries_only_failures_that_a_retry_may_fix(
    code: int, raised: type[Exception] | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def task(work: Any = None, **_: str) -> Any:
        return task if work is None else Task

    stand_ins: dict[str, dict[str, Any]] = {
        "airflow": {},
        "airflow.exceptions": {"AirflowException": AirflowError, "AirflowFailException": AirflowFailError},
        "airflow.sdk": {"DAG": lambda *_, **__: nullcontext(), "task": task},
    }
    for name, things in stand_ins.items():
        module = ModuleType(name)
        vars(module).update(things)
        monkeypatch.setitem(sys.modules, name, module)
    loaded: dict[str, Any] = {}
    exec(compile(dag(), "films.py", "exec"), loaded)
    program = tmp_path / "trustedlake"
    program.write_text(f"#!/bin/sh\necho $* > {tmp_path}/said\nexit {code}\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    with pytest.raises(raised) if raised else nullcontext():
        loaded["trustedlake"]("status", "--check")
    assert (tmp_path / "said").read_text() == "status --check --lake /srv/films/lake\n"


def test_the_command_line_accepts_the_calls_of_the_workflow() -> None:
    workflow = yaml.safe_load(only("yaml"))
    assert workflow[True]["schedule"] == [{"cron": "0 5 * * *"}]  # YAML 1.1 reads `on` as true; GitHub does not
    steps = workflow["jobs"]["films"]["steps"]
    assert all(len({"uses", "run"} & step.keys()) == 1 for step in steps)
    seen = [words for step in steps for words in called(step.get("run", ""))]
    for words in seen:
        require_taken(words)
    assert [words[0] for words in seen] == ["ingest-tmdb", "to-trusted", "status"]
    extras = re.findall(r"trustedlake\[([a-z0-9,]+)\]", only("yaml"))[0].split(",")
    declared = (REPO / "pyproject.toml").read_text(encoding="utf-8")
    assert all(f"\n{extra} = [" in declared for extra in extras)


class _Template(yaml.SafeLoader):
    """CloudFormation's short forms, as their text."""


_Template.add_multi_constructor("!", lambda _loader, _suffix, node: getattr(node, "value", None))


def test_the_eventbridge_section_matches_the_template() -> None:
    template = yaml.load((REPO / "deploy/template.yaml").read_text(encoding="utf-8"), Loader=_Template)
    section = PAGE.read_text(encoding="utf-8").partition("## EventBridge")[2]
    named = set(re.findall(r"`?\b([A-Z][A-Za-z]+(?:Schedule|Schedules|Email))\b", section)) | {"Schedules"}
    assert named <= template["Parameters"].keys()
    pattern = json.loads(only("json"))
    rule = template["Resources"]["JobFailed"]["Properties"]["EventPattern"]
    assert (pattern["source"], pattern["detail-type"]) == (rule["source"], rule["detail-type"])
    assert pattern["detail"]["state"] == rule["detail"]["state"]
