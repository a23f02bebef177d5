"""This process, and whether another one still lives.

Only what can be proven counts. A process is named by its machine, that machine's boot, its
number and the moment it started, so that a later process with the same number is not mistaken
for it. Containers on one machine share the boot and may share the host name, yet count their
processes apart: the number of the process namespace is part of `host`.

What remains: copies of a virtual machine resumed from one snapshot share all of this. Where that
happens (it does not for ordinary machines, containers and Glue), a live owner may be called dead;
the conditions on every write of a publish still hold then.
"""

from __future__ import annotations

import os
import re
import socket
import subprocess
import uuid
from pathlib import Path

from trustedlake.models.journal import Owner

_PROC = Path("/proc")
_STATE, _START_TICKS = 0, 19  # fields after the name in /proc/<pid>/stat, see proc(5)
_QUESTION_S = 5.0


class LocalHost:
    """The machine this process runs on (Linux, macOS).

    Args:
        proc: where the kernel shows processes; without it (macOS) `sysctl` and `ps` are asked.
    """

    def __init__(self, proc: Path = _PROC) -> None:
        self._proc = proc
        self._host = "/".join(filter(None, (socket.gethostname(), self._namespace())))
        self._boot = self._boot_id()

    def owner(self) -> Owner:
        """This process, with a new token at each call."""
        pid = os.getpid()
        return Owner(
            token=uuid.uuid4().hex, host=self._host, boot=self._boot, pid=pid, started=self._started(pid) or ""
        )

    def is_dead(self, owner: Owner) -> bool:
        """True only if the process provably ended: same host and boot, process gone."""
        if not owner.boot or (owner.host, owner.boot) != (self._host, self._boot):
            return False
        try:
            os.kill(owner.pid, 0)
        except ProcessLookupError:
            return True
        except PermissionError:
            pass  # it lives and is another user's; /proc may be hidden then, so it proves nothing
        started = self._started(owner.pid)
        if started is None or not owner.started:
            return False
        return started != owner.started

    def _namespace(self) -> str:
        try:
            return str((self._proc / "self/ns/pid").readlink())
        except OSError:
            return ""

    def _boot_id(self) -> str:
        try:
            return (self._proc / "sys/kernel/random/boot_id").read_text().strip()
        except OSError:
            return _ask("/usr/sbin/sysctl", "-n", "kern.bootsessionuuid")

    def _started(self, pid: int) -> str | None:
        """When the process started, in the system's own words; None if that can't be told."""
        if not (self._proc / "self/stat").exists():
            return _ask("/bin/ps", "-o", "lstart=", "-p", str(pid)) or None
        try:
            # The name in parentheses may hold anything, blanks and parentheses too.
            fields = (self._proc / str(pid) / "stat").read_text(errors="replace").rpartition(")")[2].split()
        except OSError:
            return None
        if fields[_STATE] in "ZX":
            return "ended"  # killed, and its parent has not asked for the exit code yet
        return fields[_START_TICKS]


def _ask(*command: str) -> str:
    """The answer of a system tool on one line; empty if there is none."""
    try:
        answer = subprocess.run(  # noqa: S603 - fixed absolute paths, no shell, one number from our own records
            command, capture_output=True, text=True, timeout=_QUESTION_S, check=True
        ).stdout
    except (OSError, subprocess.SubprocessError):
        return ""
    return re.sub(r"\s+", " ", answer).strip()
