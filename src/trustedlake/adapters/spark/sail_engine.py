"""The engine on pysail: a Spark Connect server in Rust that runs in this process, without Java."""

from __future__ import annotations

import ctypes
import math
import signal
import time
from concurrent.futures import Future
from contextlib import ExitStack, contextmanager
from functools import partial
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Lock
from typing import TYPE_CHECKING, NamedTuple, cast

from trustedlake.adapters.spark.judged_batch import judge_batch
from trustedlake.adapters.spark.process_environment import own_spark
from trustedlake.adapters.spark.spark_errors import engine_errors
from trustedlake.errors import MissingExtraError
from trustedlake.threads import done_anyway, run_apart

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from pysail.spark import SparkConnectServer
    from pyspark.sql import SparkSession

    from trustedlake.models.contract import Contract
    from trustedlake.ports import Batch

# With this variable, pyspark's functions build plans for a Connect session; without it, for a classic one.
CONNECT = {"SPARK_CONNECT_MODE_ENABLED": "1"}

AT_ONCE = 60_000_000
"""Raw bytes per batch. Measured: smaller batches take longer, larger ones take more memory."""

LARGEST_SLICE = 256 << 20
"""Raw bytes judged at once, for a single partition that is larger than a batch."""

RETRIES = 3
"""Retries of a call, within about a second. A server in this process that does not answer has ended; pyspark's
default of ten minutes is meant for servers across a network."""

IDLE_S = 30 * 86_400
"""Seconds until an unused session ends. The server's default, 15 minutes, is too short while a lot is framed."""

# The server logs each of its steps to stderr. And calls to a server in this process must not go through a proxy.
_ALONE = {
    "RUST_LOG": "error",
    "no_grpc_proxy": "127.0.0.1,localhost",
    "SAIL_SPARK__SESSION_TIMEOUT_SECS": str(IDLE_S),
}

LISTENING_S = 0.1
"""Longest wait for the server to listen for Ctrl-C; usually it does so after 5 to 10 ms."""

STARTED_S = 30.0
"""Longest wait for the end of a start that is no longer wanted."""


class _Connected(NamedTuple):
    """A server and the session on it."""

    server: SparkConnectServer
    session: SparkSession


class SailEngine:
    """Port `Engine` on pysail; its server starts with the first batch, or with `start()`."""

    reason = ""

    def __init__(self) -> None:
        """Start nothing yet."""
        self._connecting: Future[_Connected] | None = None
        self._starting = Lock()

    @property
    def name(self) -> str:
        """Return `pysail` and the installed version."""
        try:
            return f"pysail {version('pysail')}"
        except PackageNotFoundError as error:
            raise MissingExtraError("pysail, the fast engine,", extra="fast") from error

    def start(self, *, size: int = 0) -> None:  # noqa: ARG002 - it always starts the same way
        """Start the server and connect, in a thread of its own, so that Ctrl-C can't leave half of it behind.

        Raises:
            MissingExtraError: pysail, or a package that its client needs, is not installed.
            EngineError: the server doesn't start.
        """
        self._connected()

    def batch_size(self, size: int) -> int:
        """Limit the batch: memory grows with what is judged at once."""
        return min(size, AT_ONCE)

    @property
    def session(self) -> SparkSession:
        """Return the connected session; start it if there is none."""
        return self._connected().session

    def _connected(self) -> _Connected:
        with self._starting:
            if self._connecting is None:
                self._connecting = Future()
                run_apart(partial(_connect, self.name), self._connecting)
        return self._connecting.result()

    def judge(self, batch: Batch, contract: Contract, *, run_id: str, trusted: Path, quarantine: Path) -> None:
        """See the port.

        Raises:
            EngineError: pysail failed.
        """
        session = self.session
        failing = engine_errors(self.name, f"judging {contract.table}", writes=[batch.framed])
        with failing, own_spark(CONNECT), _plain_addresses() as address:
            judge_batch(
                session,
                batch,
                contract,
                run_id=run_id,
                trusted=trusted,
                quarantine=quarantine,
                read_address=address,
                write_address=address,
                slices=_slices(batch, contract),
            )

    def stop(self) -> None:
        """Stop the session and the server, once they have started; do nothing if none runs."""
        connecting, self._connecting = self._connecting, None
        if connecting is not None and (connected := done_anyway(connecting, STARTED_S)):
            _stop(*connected)


def _slices(batch: Batch, contract: Contract) -> int:
    """Return the number of slices by key, for a batch that can't be split further by partition."""
    return max(1, math.ceil(batch.size / (LARGEST_SLICE if contract.partitioned else AT_ONCE)))


@contextmanager
def _plain_addresses() -> Iterator[Callable[[Path], str]]:
    """Give folders plain addresses, by links with plain names.

    pysail treats glob characters in an address as a pattern. If an address has a percent sign or a non-ASCII letter,
    it silently finds nothing.
    """
    with TemporaryDirectory(prefix="trustedlake-") as links:

        def address(folder: Path) -> str:
            folder.mkdir(parents=True, exist_ok=True)
            link = Path(links) / str(len(list(Path(links).iterdir())))
            link.symlink_to(folder.absolute())
            return f"file://{link}"

        yield address


def _connect(name: str) -> _Connected:
    try:
        from pysail.spark import SparkConnectServer  # noqa: PLC0415 - an optional extra
        from pyspark.sql.connect.client.retries import DefaultPolicy  # noqa: PLC0415
        from pyspark.sql.connect.session import SparkSession as ConnectSession  # noqa: PLC0415 - needs grpcio
    except ImportError as error:
        raise MissingExtraError(f"{name}, or what its client needs ({error}),", extra="fast") from error
    with engine_errors(name, "starting"), own_spark(_ALONE), _ctrl_c_kept() as keep_ctrl_c, ExitStack() as failing:
        server = SparkConnectServer()
        server.start()
        failing.callback(server.stop)
        keep_ctrl_c()
        host, port = server.listening_address
        session = ConnectSession.builder.remote(f"sc://{host}:{port}").create()
        failing.callback(session.stop)
        session.client.set_retry_policies([DefaultPolicy(max_retries=RETRIES)])
        # By default each call for a column looks for its caller on the stack: a quarter of the time for a small plan.
        session.conf.set("spark.python.sql.dataFrameDebugging.enabled", "false")
        failing.pop_all()
    return _Connected(server, cast("SparkSession", session))


def _stop(server: SparkConnectServer, session: SparkSession) -> None:
    """Stop both: at the end of the process, the client of a session that was not stopped waits for its server."""
    session.stop()
    server.stop()


@contextmanager
def _ctrl_c_kept() -> Iterator[Callable[[], None]]:
    """Keep this process's Ctrl-C handler: the server installs its own and would end while its client needs it.

    The callback, called after the server's start, waits for the server's handler and replaces it at once. If that
    takes longer than usual, the end of the block does it, after the server's first answer.
    This uses Python's C function, since `signal.signal` works in the main thread only.
    """
    get, put = ctypes.pythonapi.PyOS_getsig, ctypes.pythonapi.PyOS_setsig
    get.restype, put.argtypes = ctypes.c_void_p, [ctypes.c_int, ctypes.c_void_p]
    handler = get(signal.SIGINT.value)

    def keep() -> None:
        latest = time.monotonic() + LISTENING_S
        while get(signal.SIGINT.value) == handler and time.monotonic() < latest:
            time.sleep(LISTENING_S / 100)
        put(signal.SIGINT.value, handler)

    try:
        yield keep
    finally:
        put(signal.SIGINT.value, handler)
