"""This process, and whether another one is still alive.

Only proof counts. A process is identified by its machine, the machine's boot, its process number and its start time,
so a later process with the same number is not mistaken for it. Containers on one machine share the boot and may share
the host name, but each counts its own processes. So `host` includes the number of the process namespace.

One case remains: copies of a virtual machine, resumed from one snapshot, share all of this. There we may declare a
live owner dead, but the conditions on every write of a publish still protect the data. This does not happen on
ordinary machines, in containers or on Glue.
"""

from __future__ import annotations

import os
import re
import socket
import subprocess
import uuid
from pathlib import Path

from trustedlake.models.claim_holder import Owner

_PROC = Path("/proc")
_STATE, _START_TICKS = 0, 19  # fields after the name in /proc/<pid>/stat, see proc(5)
_QUESTION_S = 5.0


class LocalHost:
    """The machine this process runs on (Linux, macOS).

    Args:
        proc: folder in which the kernel shows processes; without it (macOS) we call `sysctl` and `ps`.
    """

    def __init__(self, proc: Path = _PROC) -> None:
        self._proc = proc
        self._host = "/".join(filter(None, (socket.gethostname(), self._namespace())))
        self._boot = self._boot_id()

    def owner(self) -> Owner:
        """Return this process as an owner, with a new token at each call."""
        pid = os.getpid()
        return Owner(
            token=uuid.uuid4().hex, host=self._host, boot=self._boot, pid=pid, started=self._started(pid) or ""
        )

    def is_dead(self, owner: Owner) -> bool:
        """Return True only if the process has provably ended: same host and boot, process gone."""
        if not owner.boot or (owner.host, owner.boot) != (self._host, self._boot):
            return False
        try:
            os.kill(owner.pid, 0)
        except ProcessLookupError:
            return True
        except PermissionError:
            pass  # it lives but is another user's; /proc may hide it, so a missing entry proves nothing
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
        """Return when the process started, in the system's own words; None if we can't tell."""
        if not (self._proc / "self/stat").exists():
            return _ask("/bin/ps", "-o", "lstart=", "-p", str(pid)) or None
        try:
            # The name in parentheses may contain anything, including blanks and parentheses.
            fields = (self._proc / str(pid) / "stat").read_text(errors="replace").rpartition(")")[2].split()
        except OSError:
            return None
        if fields[_STATE] in "ZX":
            return "ended"  # a zombie: it ended, but its parent has not read the exit code yet
        return fields[_START_TICKS]


def _ask(*command: str) -> str:
    """Return a system tool's answer on one line; empty if there is none."""
    try:
        answer = subprocess.run(  # noqa: S603 - fixed absolute paths, no shell, one number from our own records
            command, capture_output=True, text=True, timeout=_QUESTION_S, check=True
        ).stdout
    except (OSError, subprocess.SubprocessError):
        return ""
    return re.sub(r"\s+", " ", answer).strip()
