"""`--notify` calls a command with the report, and the run ends as it would have without it."""

from __future__ import annotations

import json
import os
import shlex
import sys
import time
from typing import TYPE_CHECKING

import pytest

from tests.support.trials import MOVIES, Trial, command, films
from trustedlake.entrypoints.cli.notify import Ending, notifying
from trustedlake.errors import ConfigError, InputError
from trustedlake.simulators.tmdb import TmdbSimulator

if TYPE_CHECKING:
    from pathlib import Path

SECRET = "hooks/T0K3N-of-mine"


def python(code: str, *arguments: object) -> str:
    """A command line that runs a line of Python."""
    return shlex.join([sys.executable, "-c", code, *map(str, arguments)])


def keeping(folder: Path) -> tuple[str, Path]:
    """A command that writes its stdin into a file, and the file."""
    script, kept = folder / "keep it.py", folder / "kept.json"
    script.write_text(f"import sys; open({str(kept)!r}, 'w').write(sys.stdin.read())", encoding="utf-8")
    return shlex.join([sys.executable, str(script)]), kept


def test_a_failed_run_notifies_with_its_report_and_a_good_run_only_on_request(
    plain_trial: Trial, tmp_path: Path
) -> None:
    keep, kept = keeping(tmp_path)
    lake = str(plain_trial.lake)
    plain_trial.put(f"{MOVIES}/2025/06/17/a.json", films(3))
    assert command("to-trusted", "--source", "tmdb", "--lake", lake, "--notify", keep)[0] == 0
    assert not kept.exists()
    plain_trial.put(f"{MOVIES}/2025/06/18/a.json", "[{")
    code, err = command("to-trusted", "--source", "tmdb", "--lake", lake, "--notify", keep)
    report = json.loads(kept.read_text())
    assert (code, report["exit_code"], report["tables"][0]["status"]) == (3, 3, "refused")
    assert "warning: --notify" not in err
    stored = json.loads((plain_trial.lake / f"_trustedlake/runs/{report['run_id']}.json").read_text())
    assert stored == report
    kept.unlink()
    (plain_trial.lake / f"{MOVIES}/2025/06/18/a.json").unlink()
    always = ("to-trusted", "--source", "tmdb", "--lake", lake, f"--notify={keep}", "--notify-on", "always")
    assert command(*always)[0] == 0
    report = json.loads(kept.read_text())
    assert report["exit_code"] == 0
    assert "--notify=**********" in report["command"]
    assert "keep it.py" not in report["command"]


@pytest.mark.parametrize(
    ("arguments", "code", "told"),
    [
        (("--source", "tmdb", "--lake", "nowhere"), 1, "no such lake"),
        ((), 2, "no table given"),
        (("--source", "tmdb", "--lake", "nowhere", "--table", "nobody"), 1, "no such lake"),
    ],
)
def test_a_run_without_a_report_notifies_with_its_error(
    arguments: tuple[str, ...], code: int, told: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    keep, kept = keeping(tmp_path)
    ended, err = command("to-trusted", *arguments, "--notify", keep)
    assert ended == code
    document = json.loads(kept.read_text())
    assert document["exit_code"] == code
    assert told in document["error"]
    assert told in err


def test_an_extraction_notifies_with_its_certificate(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    keep, kept = keeping(tmp_path)
    with TmdbSimulator(films=20, token="offline") as sim:
        monkeypatch.setenv("TMDB_TOKEN", "offline")
        asked = ("ingest-tmdb", "--lake", str(tmp_path / "lake"), "--tmdb-url", sim.url, "--rate", "0")
        assert command(*asked, "--notify", keep, "--notify-on", "always")[0] == 0
        certificate = json.loads(kept.read_text())
        assert (certificate["status"], certificate["got"]) == ("complete", certificate["expected"])
        kept.unlink()
        monkeypatch.setenv("TMDB_TOKEN", "another")
        code, _ = command(*asked, "--restart", "--notify", keep)
    assert code == json.loads(kept.read_text())["exit_code"] == 1
    assert "another" not in kept.read_text()


CALLS: dict[str, tuple[str, str]] = {
    "missing": (f"no-such-program https://{SECRET}", "no-such-program: No such file or directory"),
    "no program": ("/", "/: Permission denied"),
    "fails": (python("import sys; sys.exit(7)", SECRET), "exited with 7"),
    "fails with words": (python("import sys; sys.exit('no route')", SECRET), "exited with 1: no route"),
    "repeats its secret": (
        python("import sys; sys.exit('no route to ' + sys.argv[1])", SECRET),
        "exited with 1: no route to **********",
    ),
    "tells an address": (
        python("import sys; sys.exit('http://me:pw' + '@h/x?key=1 is dead')"),
        "exited with 1: http://h/x is dead",
    ),
    "writes to the screen": (python("import sys; sys.exit(chr(27) + '[2Jgone')"), r"exited with 1: \u001b[2Jgone"),
    "kills itself": (python("import os; os.kill(os.getpid(), 9)"), "was ended by signal 9"),
}


@pytest.mark.parametrize("name", CALLS)
def test_a_failed_notification_causes_one_line_of_output(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    called, said = CALLS[name]
    with notifying(called, "failure") as ending:
        ending.exit_code = 3
    out, err = capsys.readouterr()
    assert out == ""
    assert err.count("\n") == 1
    assert err.startswith("warning: --notify: ")
    assert said in err
    assert SECRET not in err


def test_a_hanging_notification_is_killed_with_its_child_processes(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    kept = tmp_path / "pid"
    child = "import subprocess, sys, time; p = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)'])"
    called = python(f"{child}; open(sys.argv[1], 'w').write(str(p.pid)); time.sleep(60)", kept)
    with notifying(called, "always", limit_s=1.5):
        pass
    assert "stopped after 1.5 s" in capsys.readouterr().err
    number = int(kept.read_text())
    for _ in range(100):
        if not alive(number):
            break
        time.sleep(0.02)
    assert not alive(number)


def alive(number: int) -> bool:
    """Whether a process runs; one that is dead and not yet fetched by its parent does not."""
    try:
        os.kill(number, 0)
        with open(f"/proc/{number}/stat", encoding="ascii") as stat:  # noqa: PTH123 - no file of ours
            return stat.read().rpartition(")")[2].split()[0] != "Z"
    except (ProcessLookupError, FileNotFoundError):
        return False


def test_a_command_that_ignores_its_input_and_leaves_a_process_does_not_block(
    capsys: pytest.CaptureFixture[str],
) -> None:
    started = time.monotonic()
    with notifying("sh -c 'sleep 20 &'", "always") as ending:
        ending.report = "x" * 1_000_000
    assert time.monotonic() - started < 5
    assert capsys.readouterr() == ("", "")


def test_the_command_gets_the_environment_of_the_user(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    kept = tmp_path / "environment"
    monkeypatch.setenv("WEBHOOK", "https://example.com/1")
    before = dict(os.environ)  # noqa: TID251 - what a child gets
    called = python("import os, sys, json; json.dump(dict(os.environ), open(sys.argv[1], 'w'))", kept)
    with notifying(called, "always"):
        os.environ["LATER"] = "by a library"  # noqa: TID251
    monkeypatch.delenv("LATER")
    seen = json.loads(kept.read_text())
    assert seen["WEBHOOK"] == "https://example.com/1"
    assert {name: seen.get(name) for name in before} == before
    assert "LATER" not in seen


@pytest.mark.parametrize("called", ["", "  ", "echo 'open"])
def test_an_unusable_command_is_refused_before_the_run(called: str) -> None:
    begun = False
    with pytest.raises(ConfigError, match="--notify"), notifying(called, "failure"):
        begun = True
    assert not begun


def test_an_interrupted_run_notifies_and_stays_interrupted(tmp_path: Path) -> None:
    keep, kept = keeping(tmp_path)
    with pytest.raises(KeyboardInterrupt), notifying(keep, "failure"):
        raise KeyboardInterrupt
    assert json.loads(kept.read_text())["exit_code"] == 130


def test_without_the_option_no_command_is_called() -> None:
    with notifying(None, "always") as ending:
        assert ending == Ending()
        ending.exit_code = 1
    with pytest.raises(InputError), notifying(None, "always"):
        raise InputError("gone", hint="look")
