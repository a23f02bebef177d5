"""A prefix of a bucket whose staging an engine fills itself."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from trustedlake.adapters.local import disk
from trustedlake.adapters.s3.client import is_amazon
from trustedlake.adapters.s3.store import S3Store
from trustedlake.core.ignored import is_hidden
from trustedlake.errors import RetriableError

if TYPE_CHECKING:
    from collections.abc import Iterator

FETCHES = 8
"""Files fetched at once."""

_EMRFS_MARKER = "_$folder$"

_S3A_ENCRYPTION = {"AES256": "AES256", "aws:kms": "SSE-KMS", "aws:kms:dsse": "DSSE-KMS"}


class DirectStore(S3Store):
    """The same store, but what a workspace must hold is already in the bucket when it is left.

    Each local file of the workspace is a copy, fetched for the proof, of the object below the prefix.
    """

    _open: tuple[Path, str] | None = None

    @contextmanager
    def workspace(self, prefix: str) -> Iterator[Path]:
        """A temporary folder; on a clean exit its files are looked for below `prefix`, and nothing is sent.

        Raises:
            RetriableError: one of them is not there, or has another size.
        """
        with TemporaryDirectory(prefix="trustedlake-") as name:
            folder = Path(name)
            self._open = folder, prefix
            try:
                yield folder
                self._compare(folder, prefix)
            finally:
                self._open = None

    def staged_key(self, local: Path) -> str:
        """The key that a path of the open workspace stands for."""
        assert self._open is not None, "no workspace is open"  # noqa: S101 - a bug, not a user's mistake
        folder, prefix = self._open
        return f"{prefix}/{local.relative_to(folder).as_posix()}"

    def fetch_parquet(self, folder: Path) -> None:
        """Copy the Parquet objects that a folder of the open workspace stands for into it, several at once."""
        prefix = self.staged_key(folder)
        names = [info.key.removeprefix(f"{prefix}/") for info in self.list(prefix)]
        wanted = [name for name in names if _is_data(name)]
        with ThreadPoolExecutor(FETCHES) as pool:
            fetched = [pool.submit(self._fetch_to, f"{prefix}/{name}", folder / name) for name in wanted]
            try:
                for one in fetched:
                    one.result()
            except BaseException:
                pool.shutdown(cancel_futures=True)
                raise

    def send_parquet(self, folder: Path) -> None:
        """Bring the Parquet files of a folder of the open workspace to where they stand for, and remove them here."""
        files = sorted(folder.rglob("*.parquet"))
        self._send_all(files, folder, self.staged_key(folder))
        for path in files:
            path.unlink()

    def discard(self, prefix: str) -> None:
        """The same, and what the file system of EMR and Glue 5.0 leaves beside a folder and the one above it."""
        super().discard(prefix)
        for folder in (prefix, prefix.rpartition("/")[0]):
            self.delete(folder + _EMRFS_MARKER)

    def s3a_settings(self) -> dict[str, str]:
        """What S3A must be told to find the same bucket: endpoint, region, encryption; no credential among it."""
        meta = self._client.meta
        settings = {"fs.s3a.endpoint.region": meta.region_name} if meta.region_name else {}
        if not is_amazon(meta.endpoint_url):
            settings["fs.s3a.endpoint"] = _without_user(meta.endpoint_url)
            settings["fs.s3a.path.style.access"] = "true"
            settings["fs.s3a.connection.ssl.enabled"] = str(meta.endpoint_url.startswith("https:")).lower()
        if method := self._encryption.get("ServerSideEncryption"):
            settings["fs.s3a.encryption.algorithm"] = _S3A_ENCRYPTION[method]
        if key := self._encryption.get("SSEKMSKeyId"):
            settings["fs.s3a.encryption.key"] = key
        return settings

    def _fetch_to(self, key: str, local: Path) -> None:
        with disk.refusals(local):
            local.parent.mkdir(parents=True, exist_ok=True)
            with local.open("wb") as out:
                self._fetch(key, out)

    def _compare(self, folder: Path, prefix: str) -> None:
        sizes = {info.key: info.size for info in self.list(prefix)}
        for path in sorted(path for path in folder.rglob("*") if path.is_file()):
            key = f"{prefix}/{path.relative_to(folder).as_posix()}"
            if sizes.get(key) != path.stat().st_size:
                raise RetriableError(
                    f"{self.address(key)}: it is no longer what was proven",
                    hint="nothing was published; run again, and let nobody else touch the staging folder",
                )


def _is_data(name: str) -> bool:
    """Whether a reader of the folder would read it; a key with an empty part would lead out of a local folder."""
    return name.endswith(".parquet") and not is_hidden(name) and all(name.split("/"))


def _without_user(endpoint: str) -> str:
    parts = urlsplit(endpoint)
    return parts._replace(netloc=parts.netloc.rpartition("@")[2]).geturl()
