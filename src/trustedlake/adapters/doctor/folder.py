"""Checks a folder for a lake: what we can do there, and how much data fits."""

from __future__ import annotations

import errno
import os
import shutil
import tempfile
import uuid
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from trustedlake.adapters.local.disk import TEMPORARY
from trustedlake.models.doctor import Check, CheckState
from trustedlake.models.lake import STATE
from trustedlake.terminal import quoted
from trustedlake.wording import size

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

NETWORK = frozenset({"nfs", "nfs4", "cifs", "smb3", "smbfs", "9p", "afs", "ceph", "glusterfs", "lustre", "beegfs"})
"""Network file systems, by the kernel's name; `fuse.sshfs`, `fuse.s3fs` and similar ones count, too."""

STAGING = 3
"""At most this many bytes are staged per byte of raw text: framed rows (text twice, zipped), Trusted, Quarantine."""

SKEW_S = 5.0
_MOUNTS = Path("/proc/self/mounts")


def check_lake(lake: Path, *, asked: bool, now: datetime) -> Iterator[Check]:
    """Check what the lake's folder allows; this writes a probe of a few bytes there and removes it.

    Args:
        lake: the folder, which need not exist.
        asked: true if the user named it. False means the default folder, which a new user hasn't created yet.
        now: the machine's time, to compare with the file system's.
    """
    if not lake.is_dir():
        state = CheckState.MISSING if asked else CheckState.WARNING
        mend = "name it with --lake FOLDER; trustedlake demo makes a small one to try"
        yield Check(name="lake", state=state, says=f"{lake} is not a folder", mend=mend)
        return
    yield _readable(lake)
    # A state folder created here would look like an existing lake. So without one, the probe goes beside it.
    own = lake / STATE
    place = own if own.is_dir() and not own.is_symlink() else lake
    probe, other = (place / f"{TEMPORARY}{uuid.uuid4().hex}" for _ in range(2))
    try:
        probe.write_bytes(b"probe")
        yield Check(name="writable", state=CheckState.OK, says=str(place))
        skew = probe.stat().st_mtime - now.timestamp()
        yield _rename(probe, other)
        yield _link(probe, other)
    except OSError as error:
        says = f"{place}: {error.strerror}"
        mend = "mount it for writing" if error.errno == errno.EROFS else f"chmod u+rwx {quoted(place)}"
        yield Check(name="writable", state=CheckState.MISSING, says=says, mend=f"{mend}, or use another --lake")
        return
    finally:
        for left in (probe, other):
            with suppress(OSError):  # if we can't write there, we can't remove anything either
                left.unlink(missing_ok=True)
    yield _clock(skew, now)
    yield _one_file_system(lake)


def check_disk(lake: Path | None, pending: int) -> Iterator[Check]:
    """Check the free space for `pending` bytes of raw text: in the staging folder, and where Spark spills.

    `lake` is None for a bucket: its files are staged on the disk where Spark spills.
    """
    temporary = Path(tempfile.gettempdir())
    places = [("temporary disk", temporary, pending * (1 if lake else 1 + STAGING))]
    if lake is not None:
        places.insert(0, ("disk", lake, pending * STAGING))
    for name, folder, needed in places:
        free = shutil.disk_usage(folder).free
        says = f"{size(free)} free in {folder}; publishing takes up to {size(needed)}"
        if free < needed:
            mend = f"free {size(needed - free)} there"
            yield Check(name=name, state=CheckState.WARNING, says=says, mend=mend)
        else:
            yield Check(name=name, state=CheckState.OK, says=says)


def file_system(folder: Path, mounts: Path = _MOUNTS) -> str:
    """Return the kernel's name of the file system that holds the folder; empty if we can't tell."""
    try:
        lines = mounts.read_text(errors="replace").splitlines()
    except OSError:
        return ""
    real = Path(os.path.realpath(folder))
    kinds = {Path(fields[1].replace("\\040", " ")): fields[2] for line in lines if len(fields := line.split()) > 2}  # noqa: PLR2004 - device, place, kind
    return next((kinds[place] for place in (real, *real.parents) if place in kinds), "")


def _readable(lake: Path) -> Check:
    try:
        with os.scandir(lake) as entries:
            names = sorted(entry.name for entry in entries)
    except OSError as error:
        mend = f"chmod u+rx {quoted(lake)}"
        return Check(name="lake", state=CheckState.MISSING, says=f"{lake}: {error.strerror}", mend=mend)
    kind = file_system(lake)
    says = f"{lake} ({kind})" if kind else str(lake)
    if kind in NETWORK or kind.startswith("fuse"):
        mend = "prefer a local disk: other file systems may not rename in one step, or may report a write too early"
        return Check(name="lake", state=CheckState.WARNING, says=f"{says}: not a local file system", mend=mend)
    if not any(name.casefold() == "raw" for name in names):
        mend = "put raw files into Raw/TMDB/JSON/Movies/YYYY/MM/DD/, or name them with --input"
        return Check(name="lake", state=CheckState.WARNING, says=f"{says}: no Raw folder in it", mend=mend)
    return Check(name="lake", state=CheckState.OK, says=says)


def _rename(probe: Path, other: Path) -> Check:
    other.write_bytes(b"old")
    try:
        probe.replace(other)
    except OSError as error:
        mend = "use another --lake: publishing replaces files by renaming"
        return Check(name="rename", state=CheckState.MISSING, says=f"can't replace a file: {error.strerror}", mend=mend)
    other.rename(probe)
    return Check(name="rename", state=CheckState.OK, says="replaces a file in one step")


def _link(probe: Path, other: Path) -> Check:
    try:
        other.hardlink_to(probe)
    except OSError as error:
        says = f"no hard links ({error.strerror}): a lock file is used instead"
        return Check(name="link", state=CheckState.WARNING, says=says, mend="nothing to do on one machine")
    try:
        other.hardlink_to(probe)
    except FileExistsError:
        return Check(name="link", state=CheckState.OK, says="creates a file only where there is none")
    mend = "use another --lake: two writers could not tell who was first"
    return Check(name="link", state=CheckState.MISSING, says="a hard link replaces an existing file", mend=mend)


def _clock(skew_s: float, now: datetime) -> Check:
    says = f"{now:%Y-%m-%d %H:%M:%S} UTC"
    if abs(skew_s) > SKEW_S:
        says += f"; the lake's file system is {skew_s:+.0f} s off"
        return Check(
            name="clock", state=CheckState.WARNING, says=says, mend="set the clocks by NTP: deadlines go by them"
        )
    return Check(name="clock", state=CheckState.OK, says=says)


def _one_file_system(lake: Path) -> Check:
    zones = [zone for name in (STATE, "Trusted", "Quarantine") if (zone := lake / name).is_dir()]
    devices = {zone.name: zone.stat().st_dev for zone in zones}
    if len(set(devices.values())) > 1:
        says = f"{', '.join(devices)} are not on one file system"
        mend = "keep them on one: files are renamed into place, never copied"
        return Check(name="one file system", state=CheckState.MISSING, says=says, mend=mend)
    says = f"{', '.join(devices) or 'the lake'} can exchange files by renaming"
    return Check(name="one file system", state=CheckState.OK, says=says)
