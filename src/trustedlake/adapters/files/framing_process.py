"""A process that frames raw files, as its parent sees it."""

from __future__ import annotations

import json
import subprocess
import sys
from contextlib import suppress
from typing import TYPE_CHECKING, Any, TextIO, cast

from trustedlake import errors
from trustedlake.core.facts import FileFacts
from trustedlake.errors import TrustedLakeError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from trustedlake.adapters.files.framing_worker import LocalRaw, Output

# Not multiprocessing: its children import the caller's script, which may have no `__main__` guard.
# The parent's path goes along: the package may come from a checkout or an archive.
_START = "import sys; sys.path[:] = sys.argv[1:]; from trustedlake.adapters.files.framing_worker import main; main()"


class FramingProcess:
    """Starts `trustedlake.adapters.files.framing_worker`, gives it tasks and reads its replies, in order.

    As a context manager it never leaves the process behind; `close` is for when no thread reads any more.
    """

    def __init__(self, framing: Mapping[str, Any], output: Output) -> None:
        self._process = subprocess.Popen(  # noqa: S603 - this interpreter and our own line of code
            [sys.executable, "-c", _START, *sys.path],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            encoding="utf-8",
            process_group=0,  # Ctrl-C is the parent's to answer
        )
        self._stdin = cast("TextIO", self._process.stdin)
        self._stdout = cast("TextIO", self._process.stdout)
        self._say({"framing": framing, "output": (str(output.folder), *output[1:])})

    def __enter__(self) -> FramingProcess:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.kill()
        self._process.wait()

    def close(self) -> None:
        """Close the pipes."""
        for pipe in (self._stdin, self._stdout):
            with suppress(OSError):  # what was not sent when the process died
                pipe.close()

    def send(self, folder: str, files: Sequence[LocalRaw]) -> None:
        """Give the process files to frame into one folder; it may still be busy with those before."""
        self._say({"folder": folder, "files": [(str(file.local), *file[1:]) for file in files]})

    def receive(self, files: Sequence[LocalRaw]) -> list[FileFacts]:
        """Wait for the facts of the files that were sent first of those without a reply.

        Raises:
            TrustedLakeError: what the process reports, as the class it has there; or that it died.
        """
        first, more = files[0].path, len(files) - 1
        reply = self._reply(f"{first} and {more} more" if more else first)
        return [FileFacts(**facts) for facts in reply["facts"]]

    def finish(self) -> None:
        """Let the process write what it still holds, and end."""
        self._stdin.close()
        self._reply("the last files")
        self._process.wait()

    def _say(self, message: Mapping[str, Any]) -> None:
        with suppress(BrokenPipeError):  # it died; the next reply tells over which file
            self._stdin.write(json.dumps(message) + "\n")
            self._stdin.flush()

    def _reply(self, subject: str) -> dict[str, Any]:
        line = self._stdout.readline()
        if not line:
            code = self._process.wait()
            raise TrustedLakeError(
                f"the process that framed {subject} ended with code {code} (-9: killed, most often for its memory)",
                hint="look at what it printed above; with little memory, frame with fewer processes",
            )
        reply: dict[str, Any] = json.loads(line)
        if "error" in reply:
            raise getattr(errors, reply["error"])(reply["message"], hint=reply["hint"])
        return reply
