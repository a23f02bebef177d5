"""A MinIO for the tests: the version that the Makefile names, built by `make minio-build`."""

from __future__ import annotations

import os
import re
import socket
import ssl
import subprocess
import time
import urllib.error
import urllib.request
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

MAKEFILE = Path(__file__).parents[2] / "Makefile"
USER = "minioadmin"
LONGEST_S = 30.0


def binary() -> Path:
    """Where it is, or would be."""
    found = re.search(r"^MINIO_VERSION := (\S+)$", MAKEFILE.read_text(), re.MULTILINE)
    assert found, "the Makefile names no version of MinIO"
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")  # noqa: TID251 - the Makefile looks there
    return cache / "trustedlake" / f"minio-{found[1]}" / "minio"


def need_minio() -> Path:
    """The program; where it was not built, tests that want it are skipped, and in CI they fail."""
    if not binary().exists():
        say = pytest.fail if os.environ.get("CI") else pytest.skip  # noqa: TID251 - CI says so
        say("there is no MinIO: make minio-build builds it")
    return binary()


@contextmanager
def running_minio(folder: Path, *, region: str = "", certificates: Path | None = None) -> Iterator[str]:
    """Its address, while it runs on a free port with its data in the folder.

    `certificates`: a folder with `public.crt` and `private.key`; it speaks https then.
    """
    program = need_minio()
    folder.mkdir()
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{free.getsockname()[1]}"
    command = [str(program), "server", str(folder), "--quiet", "--address", address]
    command += ["--certs-dir", str(certificates)] if certificates else []
    trusting = ssl.create_default_context(cafile=certificates / "public.crt") if certificates else None
    url = f"{'https' if certificates else 'http'}://{address}"
    environ = {"HOME": str(folder), "MINIO_ROOT_USER": USER, "MINIO_ROOT_PASSWORD": USER, "MINIO_SITE_REGION": region}
    with (
        (folder.parent / "minio.log").open("wb") as log,
        subprocess.Popen(command, env=environ, stdout=log, stderr=log) as process,
    ):
        try:
            _wait_for(f"{url}/minio/health/live", process, trusting)
            yield url
        finally:
            process.terminate()


def _wait_for(url: str, process: subprocess.Popen[bytes], trusting: ssl.SSLContext | None) -> None:
    until = time.monotonic() + LONGEST_S
    while True:
        try:
            with urllib.request.urlopen(url, timeout=5, context=trusting):
                return
        except (urllib.error.URLError, ConnectionError):
            assert process.poll() is None, "MinIO ended"
            assert time.monotonic() < until, "MinIO does not answer"
            time.sleep(0.05)
