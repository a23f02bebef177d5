"""A prefix of a bucket in which an engine itself fills the staging folder."""

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
"""Files fetched in parallel."""

_EMRFS_MARKER = "_$folder$"

_S3A_ENCRYPTION = {"AES256": "AES256", "aws:kms": "SSE-KMS", "aws:kms:dsse": "DSSE-KMS"}


class DirectStore(S3Store):
    """A store like `S3Store`, but an engine writes the workspace's files directly to the bucket.

    Each local file in the workspace is a copy of an object below the prefix, fetched for the proof.
    """

    _open: tuple[Path, str] | None = None

    @contextmanager
    def workspace(self, prefix: str) -> Iterator[Path]:
        """Yield a temporary folder; on a clean exit, check that its files exist below `prefix`. Nothing is sent.

        Raises:
            RetriableError: an object is missing or has a different size.
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
        """Return the key that a path of the open workspace stands for."""
        assert self._open is not None, "no workspace is open"  # noqa: S101 - a bug, not a user's mistake
        folder, prefix = self._open
        return f"{prefix}/{local.relative_to(folder).as_posix()}"

    def fetch_parquet(self, folder: Path) -> None:
        """Copy the Parquet objects that belong to a folder of the open workspace into it, several in parallel."""
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
        """Upload the Parquet files of a folder of the open workspace to their keys, and remove the local files."""
        files = sorted(folder.rglob("*.parquet"))
        self._send_all(files, folder, self.staged_key(folder))
        for path in files:
            path.unlink()

    def discard(self, prefix: str) -> None:
        """Also remove the marker objects that EMR and Glue 5.0 leave beside the folder and its parent."""
        super().discard(prefix)
        for folder in (prefix, prefix.rpartition("/")[0]):
            self.delete(folder + _EMRFS_MARKER)

    def s3a_settings(self) -> dict[str, str]:
        """Return the S3A settings to reach the same bucket: endpoint, region, encryption; no credentials."""
        meta = self._client.meta
        settings = {"fs.s3a.endpoint.region": meta.region_name} if meta.region_name else {}
        if not is_amazon(meta.endpoint_url):
            settings["fs.s3a.endpoint"] = _without_user(meta.endpoint_url)
            settings["fs.s3a.path.style.access"] = "true"
            settings["fs.s3a.connection.ssl.enabled"] = str(meta.endpoint_url.startswith("https:")).lower()
        if method := self._transfers.writes.get("ServerSideEncryption"):
            settings["fs.s3a.encryption.algorithm"] = _S3A_ENCRYPTION[method]
        if key := self._transfers.writes.get("SSEKMSKeyId"):
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
                    f"{self.address(key)}: it changed after it was verified",
                    hint="nothing was published; run again, and let nobody else touch the staging folder",
                )


def _is_data(name: str) -> bool:
    """Return whether a reader of the folder would read it; empty key parts are out, they could leave the folder."""
    return name.endswith(".parquet") and not is_hidden(name) and all(name.split("/"))


def _without_user(endpoint: str) -> str:
    parts = urlsplit(endpoint)
    return parts._replace(netloc=parts.netloc.rpartition("@")[2]).geturl()
