"""A real disk of a few megabytes, to be filled: memory that the system mounts as a file system."""

from __future__ import annotations

import shutil
import subprocess
from contextlib import contextmanager
from itertools import count
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

NAMES = 2000
"""Files and folders that the disk has room for."""

_BALLAST = "ballast"


class SmallDisk:
    """A mounted disk; what fills it is in a folder of its own."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def fill(self, leave: int = 0) -> None:
        """Fill the disk until `leave` bytes are free, or fewer."""
        ballast = self.root / _BALLAST
        ballast.mkdir(exist_ok=True)
        free = shutil.disk_usage(self.root).free
        if free > leave:
            (ballast / f"{free}").write_bytes(bytes(free - leave))

    def use_up_names(self) -> None:
        """Make empty files until the disk takes no more: neither a file nor a folder can be made then."""
        ballast = self.root / _BALLAST
        ballast.mkdir(exist_ok=True)
        try:
            for number in count():
                (ballast / f"name{number}").touch()
        except OSError:
            return

    def make_read_only(self) -> None:
        """Let nothing be written or removed from now on."""
        subprocess.run(["mount", "-o", "remount,ro", self.root], check=True)

    def clear(self) -> None:
        """Take away what filled it."""
        shutil.rmtree(self.root / _BALLAST, ignore_errors=True)


@contextmanager
def small_disk(folder: Path, size: int) -> Iterator[SmallDisk]:
    """Mount a disk of `size` bytes at `folder`; the test is skipped where that is not allowed."""
    folder.mkdir()
    options = f"size={size},nr_inodes={NAMES}"
    try:
        subprocess.run(["mount", "-t", "tmpfs", "-o", options, "tmpfs", folder], check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError) as error:
        pytest.skip(f"no small disk can be mounted here, which takes root on Linux: {error}")
    try:
        yield SmallDisk(folder)
    finally:
        # Lazily: an engine that was broken off may have a file open there for a moment more.
        subprocess.run(["umount", "--lazy", folder], check=True)
