"""Clocks return the time; a host says that an owner is dead only if that can be proven."""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import UTC, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from trustedlake.adapters.local.clock import ManualClock, SystemClock
from trustedlake.adapters.local.host import LocalHost
from trustedlake.models.claim_holder import Owner

if TYPE_CHECKING:
    from trustedlake.ports import Clock

LINUX = pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="needs Linux's /proc")
OWNER = """
import sys
from trustedlake.adapters.local.host import LocalHost
print(LocalHost().owner().model_dump_json(), flush=True)
sys.stdin.read()
"""


@pytest.mark.parametrize("clock", [SystemClock(), ManualClock()], ids=["system", "manual"])
def test_a_clock_returns_utc_times_and_never_goes_back(clock: Clock) -> None:
    first, second = clock.now(), clock.now()
    assert first.tzinfo is UTC
    assert first <= second
    begin, end = clock.monotonic(), clock.monotonic()
    assert begin <= end


def test_a_manual_clock_moves_when_told() -> None:
    clock = ManualClock()
    begin, ticks = clock.now(), clock.monotonic()
    clock.advance(90.5)
    assert clock.now() - begin == timedelta(seconds=90.5)
    assert clock.monotonic() - ticks == 90.5
    with pytest.raises(ValueError, match="does not go back"):
        clock.advance(-1)


def test_an_owner_describes_this_process_and_has_a_new_token() -> None:
    host = LocalHost()
    first, second = host.owner(), host.owner()
    assert first.token != second.token
    assert first.model_copy(update={"token": second.token}) == second
    assert (first.pid, bool(first.host), bool(first.boot), bool(first.started)) == (os.getpid(), True, True, True)


def test_another_process_lives_until_it_is_killed_or_ends() -> None:
    host = LocalHost()
    with subprocess.Popen(
        [sys.executable, "-c", OWNER], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as other:
        assert other.stdout is not None
        owner = Owner.model_validate_json(other.stdout.readline())
        assert owner.pid == other.pid
        assert not host.is_dead(owner)
        other.kill()
        # Wait for the end without reaping: in a container nobody may ever ask for the exit code.
        os.waitid(os.P_PID, other.pid, os.WEXITED | os.WNOWAIT)
        assert host.is_dead(owner), "a zombie is dead"
        other.wait()
        assert host.is_dead(owner)


@LINUX
def test_an_owner_is_dead_only_if_that_can_be_proven() -> None:
    host = LocalHost()
    me = host.owner()
    gone = {"pid": _free_pid()}
    cases: list[tuple[dict[str, Any], bool, str]] = [
        ({}, False, "this process"),
        ({"started": "1"}, True, "the number is another process's now"),
        ({"started": ""}, False, "nobody knows when it started"),
        (gone, True, "no such process"),
        ({**gone, "host": "elsewhere"}, False, "another machine"),
        ({**gone, "host": f"{me.host.partition('/')[0]}/pid:[1]"}, False, "another container of this machine"),
        ({**gone, "boot": "another"}, False, "another boot: perhaps another machine of the same name"),
        ({**gone, "boot": ""}, False, "a boot unknown"),
    ]
    got = [(host.is_dead(me.model_copy(update=changed)), why) for changed, _, why in cases]
    assert got == [(expected, why) for _, expected, why in cases]


@LINUX
def test_a_hidden_process_of_another_user_does_not_count_as_dead(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "self").mkdir()
    (tmp_path / "self" / "stat").write_text("1 (init) S 0")
    (tmp_path / "sys/kernel/random").mkdir(parents=True)
    (tmp_path / "sys/kernel/random/boot_id").write_text("b\n")
    host = LocalHost(proc=tmp_path)
    other = host.owner().model_copy(update={"started": "7"})

    def denied(pid: int, signal: int) -> None:
        raise PermissionError

    monkeypatch.setattr(os, "kill", denied)
    assert not host.is_dead(other)


def test_without_proc_the_host_asks_other_tools(tmp_path: Path) -> None:
    host = LocalHost(proc=tmp_path / "none")
    me = host.owner()
    assert "/" not in me.host
    if me.started:
        assert me.started == host.owner().started
        assert not host.is_dead(me)


@LINUX
def test_a_process_name_may_contain_any_characters(tmp_path: Path) -> None:
    odd = tmp_path / "od) d (S 1 2"
    odd.symlink_to("/bin/sleep")
    with subprocess.Popen([str(odd), "30"]) as other:
        host = LocalHost()
        owner = host.owner().model_copy(update={"pid": other.pid})
        started = host._started(other.pid)
        other.kill()
    assert started is not None
    assert started.isdigit()
    assert int(started) >= int(owner.started)


def _free_pid() -> int:
    with subprocess.Popen([sys.executable, "-c", ""]) as ended:
        ended.wait()
    return ended.pid
