"""Frames raw files on this machine, in a few processes."""

from __future__ import annotations

import json
import os
import queue
import subprocess
import sys
from collections import deque
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, suppress
from typing import TYPE_CHECKING, Any, TextIO, TypeAlias, cast

from trustedlake import errors
from trustedlake.adapters.local.framing_worker import FramedFiles, LocalRaw, Output, vanished
from trustedlake.core.facts import FileFacts
from trustedlake.errors import TrustedLakeError
from trustedlake.wording import some

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
    from pathlib import Path

    from trustedlake.models.contract import Contract
    from trustedlake.ports import ObjectStore, RawInput

    _Folders: TypeAlias = Mapping[str, Sequence[RawInput]]
    _Waiting: TypeAlias = queue.SimpleQueue[Sequence[RawInput]]
    # A process's number, and the folder and facts of files that it framed; None: it has ended and written all its rows.
    _Result: TypeAlias = tuple[int, tuple[str, Sequence[FileFacts]] | None]
    _Framed: TypeAlias = Generator[Sequence[FileFacts], None, None]
    _Results: TypeAlias = queue.SimpleQueue[_Result | BaseException]


# Not multiprocessing: its children import the caller's script, which may have no `__main__` guard.
# The child gets our sys.path, because the package may come from a checkout or an archive.
_START = "import sys; sys.path[:] = sys.argv[1:]; from trustedlake.adapters.local.framing_worker import main; main()"


class FramingProcess:
    """Starts `trustedlake.adapters.local.framing_worker`, gives it tasks and reads its replies, in order.

    Used as a context manager, it always kills the process on exit. Call `close` only when no thread reads any more.
    """

    def __init__(self, framing: Mapping[str, Any], output: Output) -> None:
        self._process = subprocess.Popen(  # noqa: S603 - this interpreter and our own line of code
            [sys.executable, "-c", _START, *sys.path],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            encoding="utf-8",
            process_group=0,  # the parent handles Ctrl-C
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
            with suppress(OSError):  # unsent data, if the process died
                pipe.close()

    def send(self, folder: str, files: Sequence[LocalRaw]) -> None:
        """Give the process files to frame into one folder; it may still be busy with earlier ones."""
        self._say({"folder": folder, "files": [(str(file.local), *file[1:]) for file in files]})

    def receive(self, files: Sequence[LocalRaw]) -> list[FileFacts]:
        """Wait for the facts of `files`, which must be the earliest files sent that have no reply yet.

        Raises:
            TrustedLakeError: the process reported an error (raised as the same class), or it died.
        """
        reply = self._reply(some((file.path for file in files), 1))
        return [FileFacts(**facts) for facts in reply["facts"]]

    def finish(self) -> None:
        """Let the process write its remaining rows and end."""
        self._stdin.close()
        self._reply("the last files")
        self._process.wait()

    def _say(self, message: Mapping[str, Any]) -> None:
        with suppress(BrokenPipeError):  # the process died; reading the next reply reports on which file
            self._stdin.write(json.dumps(message) + "\n")
            self._stdin.flush()

    def _reply(self, subject: str) -> dict[str, Any]:
        line = self._stdout.readline()
        if not line:
            code = self._process.wait()
            raise TrustedLakeError(
                f"the process that framed {subject} ended with code {code} (-9: killed, usually for lack of memory)",
                hint="read its output above; if memory is short, use fewer processes",
            )
        reply: dict[str, Any] = json.loads(line)
        if "error" in reply:
            raise getattr(errors, reply["error"])(reply["message"], hint=reply["hint"])
        return reply


MAX_WORKERS = 4
INLINE_BYTES = 8 << 20
"""Below this much raw text, starting processes takes longer than framing."""


TOGETHER = 256
"""At most this many small files are framed together; progress is reported when they are done."""

TOGETHER_BYTES = 8 << 20
"""Files that are framed together have at most this many bytes."""


class ProcessFramer:
    """Port `Framer`: frames small jobs in this process, others in up to `workers` processes.

    One process frames a whole raw file, so the file's rows stay together and in order. The processes end when this
    process ends, for whatever reason. For `arrow` see `Output`.

    Later folders are framed while the caller works on one only if the processes leave a core free: without a free core
    this saves a sixth of the time at most, and takes half as much memory again.
    """

    def __init__(
        self,
        store: ObjectStore,
        *,
        workers: int | None = None,
        cores: int | None = None,
        inline_bytes: int = INLINE_BYTES,
        arrow: bool = False,
    ) -> None:
        self._store = store
        self._arrow = arrow
        self._cores = cores or os.cpu_count() or 1
        self._workers = workers or min(self._cores, MAX_WORKERS)
        self._inline_bytes = inline_bytes

    def frame(
        self,
        files: Sequence[RawInput],
        contract: Contract,
        out: Path,
        *,
        progress: Callable[[FileFacts], None],
        others: Sequence[Contract] = (),
    ) -> _Framed:
        """See the port.

        Raises:
            RetriableError: a file vanished, or its size changed, while it was read.
            InputError: a file has a line that doesn't fit into memory.
            TrustedLakeError: a framing process died.
        """
        framing = contract.framing(others)
        folders: dict[str, list[RawInput]] = {}
        for file in sorted(files, key=lambda file: file.folder):
            folders.setdefault(file.folder, []).append(file)
        workers = min(self._workers, len(files))
        if workers <= 1 or sum(file.size for file in files) < self._inline_bytes:
            return self._inline(folders, Output(out, "part", arrow=self._arrow), framing, progress)
        outputs = [Output(out, f"part-{number}", arrow=self._arrow) for number in range(workers)]
        framed = self._in_processes(folders, outputs, framing, progress)
        return framed if workers < self._cores else _whole(framed)

    def _inline(
        self, folders: _Folders, output: Output, framing: dict[str, Any], progress: Callable[[FileFacts], None]
    ) -> _Framed:
        with FramedFiles(output, framing) as framed:
            for folder, files in folders.items():
                found = []
                framed.open_folder(folder)
                for some in _together(files):
                    with ExitStack() as stack:
                        for facts in framed.frame([self._local(file, stack) for file in some]):
                            found.append(facts)
                            progress(facts)
                framed.close_folder()
                yield found

    def _in_processes(
        self,
        folders: _Folders,
        outputs: Sequence[Output],
        framing: dict[str, Any],
        progress: Callable[[FileFacts], None],
    ) -> _Framed:
        waiting: _Waiting = queue.SimpleQueue()
        # Folder by folder, so a process has one file of rows open; largest first, so all processes end together.
        for files in folders.values():
            for portion in _together(sorted(files, key=lambda file: -file.size)):
                waiting.put(portion)
        results: _Results = queue.SimpleQueue()
        # Contexts exit in reverse order: kill the processes, join the threads, close the pipes.
        with ExitStack() as pipes, ThreadPoolExecutor(len(outputs)) as threads, ExitStack() as processes:
            for number, output in enumerate(outputs):
                process = processes.enter_context(FramingProcess(framing, output))
                pipes.callback(process.close)
                threads.submit(self._feed, number, process, waiting, results)
            open_folders: dict[int, str] = {}  # of each process
            missing = {folder: len(files) for folder, files in folders.items()}
            facts: dict[str, FileFacts] = {}
            for folder, files in folders.items():
                while missing[folder] or folder in open_folders.values():
                    number, result = _result(results)
                    if result is None:
                        open_folders.pop(number, None)
                    else:
                        open_folders[number], found = result
                        missing[open_folders[number]] -= len(found)
                        for one in found:
                            facts[one.path] = one
                            progress(one)
                yield [facts.pop(file.path) for file in files]

    def _feed(self, number: int, process: FramingProcess, waiting: _Waiting, results: _Results) -> None:
        """Let a process frame files until none is left; fetch the next files while it frames."""
        sent: deque[tuple[str, list[LocalRaw], ExitStack]] = deque()
        try:
            while (some := _next(waiting)) is not None:
                stack = ExitStack()
                local: list[LocalRaw] = []
                sent.append((some[0].folder, local, stack))
                local += [self._local(file, stack) for file in some]
                process.send(some[0].folder, local)
                if len(sent) > 1:
                    results.put((number, _receive(process, sent)))
            while sent:
                results.put((number, _receive(process, sent)))
            process.finish()
            results.put((number, None))
        except BaseException as error:  # noqa: BLE001 - raised again in the caller's thread
            results.put(error)
        finally:
            for _, _, stack in sent:
                stack.close()

    def _local(self, file: RawInput, stack: ExitStack) -> LocalRaw:
        try:
            local = stack.enter_context(self._store.local_file(file.key))
        except FileNotFoundError:
            raise vanished(file.path) from None
        return LocalRaw(local, file.path, file.partition, file.size, file.others, file.replaced)


def _whole(framed: _Framed) -> _Framed:
    yield from list(framed)


def _together(files: Sequence[RawInput]) -> Iterator[Sequence[RawInput]]:
    """Group files of one folder to be framed together, in order."""
    some: list[RawInput] = []
    size = 0
    for file in files:
        if some and (file.folder != some[0].folder or size + file.size > TOGETHER_BYTES or len(some) >= TOGETHER):
            yield some
            some, size = [], 0
        some.append(file)
        size += file.size
    if some:
        yield some


def _next(waiting: _Waiting) -> Sequence[RawInput] | None:
    try:
        return waiting.get_nowait()
    except queue.Empty:
        return None


def _receive(
    process: FramingProcess, sent: deque[tuple[str, list[LocalRaw], ExitStack]]
) -> tuple[str, list[FileFacts]]:
    folder, files, stack = sent.popleft()
    with stack:
        return folder, process.receive(files)


def _result(results: _Results) -> _Result:
    result = results.get()
    if isinstance(result, BaseException):
        raise result
    return result
