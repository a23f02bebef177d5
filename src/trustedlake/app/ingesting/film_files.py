"""Write films into files of Raw: each file whole or absent, each film in one file, even if the run is killed.

1. The certificate names the next file, with its checksum and the spooled records it consists of (`pending`).
2. The file is put, only if there is none of that name; if someone else's file has the name, the next number is used.
3. The next certificate counts it among the files; only then its records are deleted from the spool.

If a run is killed after 1, the next run makes the same bytes from the spool. If it is killed after 2, the next run
recognizes the file by its checksum.
"""

from __future__ import annotations

import hashlib
import json
import re
from typing import TYPE_CHECKING

from trustedlake.app.publishing.state_file import sha256_of
from trustedlake.errors import ConflictError, InputError, TrustedLakeError
from trustedlake.models.ingest import PendingFile, WrittenFile
from trustedlake.models.lake import Entity, join

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from trustedlake.app.ingesting.window import Window
    from trustedlake.ports import ObjectStore

_STEM = {Entity.MOVIES: "filmes", Entity.SERIES: "series"}
_ID_KEYS = ("id", "movie_id", "series_id")


class FilmFiles:
    """The files of one window.

    Args:
        folder: of the window's day in Raw.
        batch: number of films in a file.

    Attributes:
        written: bytes in the window's files.
    """

    def __init__(self, store: ObjectStore, window: Window, folder: str, *, batch: int) -> None:
        self._store = store
        self._window = window
        self._spool = window.spool
        self._folder = folder
        self._stem = _STEM[window.certificate.query.entity]
        self._batch = batch
        self._waiting: list[int] = []
        self._last: PendingFile | None = None
        self._number = 0
        self.written = window.certificate.size

    @property
    def waiting(self) -> int:
        """Number of films that were fetched but are in no file yet."""
        return len(self._waiting)

    def settle(self) -> set[int]:
        """Finish what a killed run began, and return the films that are in files.

        Raises:
            InputError: a file in the certificate is gone from Raw, or was changed.
        """
        pending = self._window.certificate.pending
        if pending is not None:
            # If someone else has taken the name since, their file stays; the records then go into the next file.
            landed = self._is_there(pending.file) or self._land_again(pending)
            self._window.update(**self._counted(pending if landed else None), pending=None)
            self.written = self._window.certificate.size
        in_files = {film for file in self._window.certificate.files for film in self._films(file)}
        self._spool.drop_records(self._spool.records().keys() & in_files)
        return in_files

    def add(self, film: int) -> None:
        """Take a film whose record is spooled into the next file. Raises ConflictError, RetriableError, InputError."""
        self._waiting.append(film)
        if len(self._waiting) == self._batch:
            self.flush()

    def flush(self) -> None:
        """Write the waiting films, even if they are fewer than a batch. Raises the same errors as `add`."""
        if self._waiting:
            ids, self._waiting = self._waiting, []
            self._put(ids, self._bytes(ids))

    def close(self) -> None:
        """Count the last file, and delete its records from the spool.

        If we don't know whether a file's write succeeded, it stays pending.
        """
        if self._last is not None:
            self._confirm(None)

    def _put(self, films: Sequence[int], data: bytes) -> None:
        self._number = self._next_number()
        while True:
            file = WrittenFile(
                key=join(self._folder, f"{self._stem}_{self._number:03d}.json"),
                size=len(data),
                sha256=hashlib.sha256(data).hexdigest(),
                films=len(films),
            )
            pending = PendingFile(file=file, ids=tuple(films))
            self._confirm(pending)
            if self._land(file, data):
                self._last = pending
                self.written += file.size
                return
            self._number += 1

    def _land(self, file: WrittenFile, data: bytes) -> bool:
        """Put the file; False if someone else's file has its name. If the answer is lost, compare checksums."""
        try:
            self._store.put(file.key, data, if_absent=True)
        except (TrustedLakeError, OSError) as error:
            if self._is_there(file):
                return True
            if isinstance(error, ConflictError):
                return False
            raise
        return True

    def _land_again(self, pending: PendingFile) -> bool:
        """Put exactly the bytes that the killed run wanted to put; False if that is not possible."""
        try:
            data = self._bytes(pending.ids)
        except FileNotFoundError:
            return False
        return self._land(pending.file, data)

    def _confirm(self, pending: PendingFile | None) -> None:
        """Count the file that was put last, set the next pending one, and delete the last one's spooled records."""
        last, self._last = self._last, None
        self._window.update(**self._counted(last), pending=pending)
        if last is not None:
            self._spool.drop_records(last.ids)

    def _counted(self, pending: PendingFile | None) -> dict[str, object]:
        if pending is None:
            return {}
        certificate = self._window.certificate
        return {"files": (*certificate.files, pending.file), "got": certificate.got + pending.file.films}

    def _bytes(self, films: Sequence[int]) -> bytes:
        return b"[" + b", ".join(self._spool.record(film) for film in films) + b"]"

    def _is_there(self, file: WrittenFile) -> bool:
        info = self._store.head(file.key)
        return info is not None and info.size == file.size and sha256_of(self._store, file.key) == file.sha256

    def _films(self, file: WrittenFile) -> Iterator[int]:
        if not self._is_there(file):
            raise InputError(
                f"{self._store.address(file.key)} doesn't match the certificate {self._window.certificate.window}:"
                " it is gone or was changed",
                hint="--restart fetches everything again, into new files",
            )
        for record in json.loads(self._store.read(file.key)):
            yield next(record[key] for key in _ID_KEYS if key in record)

    def _next_number(self) -> int:
        if self._number == 0:
            name = re.compile(rf"{self._stem}_(\d+)\.json", re.ASCII)
            names = (info.key.rpartition("/")[2] for info in self._store.list(self._folder))
            self._number = max((int(match[1]) for one in names if (match := name.fullmatch(one))), default=0)
        return self._number + 1
