"""The engine on pysail: a Spark Connect server in Rust that runs in this process, without Java."""

from __future__ import annotations

import ctypes
import math
import signal
from contextlib import contextmanager
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Lock
from typing import TYPE_CHECKING, cast

from trustedlake.adapters.spark.batches import judge_batch
from trustedlake.adapters.spark.process_environment import own_spark
from trustedlake.adapters.spark.spark_errors import engine_errors
from trustedlake.errors import MissingExtraError

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


class SailEngine:
    """Port `Engine` on pysail; its server starts with the first batch, or with `start()`."""

    reason = ""

    def __init__(self) -> None:
        """Start nothing yet."""
        self._server: SparkConnectServer | None = None
        self._session: SparkSession | None = None
        self._starting = Lock()

    @property
    def name(self) -> str:
        """Return `pysail` and the installed version."""
        try:
            return f"pysail {version('pysail')}"
        except PackageNotFoundError as error:
            raise MissingExtraError("pysail, the fast engine,", extra="fast") from error

    def start(self, *, size: int = 0) -> None:  # noqa: ARG002 - it always starts the same way
        """Start the server and connect; may run in its own thread.

        Raises:
            MissingExtraError: pysail, or a package that its client needs, is not installed.
        """
        with self._starting:
            if self._session is None:
                self._server, self._session = _connect(self.name)

    def batch_size(self, size: int) -> int:
        """Limit the batch: memory grows with what is judged at once."""
        return min(size, AT_ONCE)

    @property
    def session(self) -> SparkSession:
        """Return the connected session; start it if there is none."""
        self.start()
        assert self._session is not None  # noqa: S101 - for the type checker
        return self._session

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
        """Stop the session and the server; do nothing if none runs."""
        with self._starting:
            if self._session is not None and self._server is not None:
                self._session.stop()
                self._server.stop()
                self._session = self._server = None


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


def _connect(name: str) -> tuple[SparkConnectServer, SparkSession]:
    try:
        from pysail.spark import SparkConnectServer  # noqa: PLC0415 - an optional extra
        from pyspark.sql.connect.client.retries import DefaultPolicy  # noqa: PLC0415
        from pyspark.sql.connect.session import SparkSession as ConnectSession  # noqa: PLC0415 - needs grpcio
    except ImportError as error:
        raise MissingExtraError(f"{name}, or what its client needs ({error}),", extra="fast") from error
    with engine_errors(name, "starting"), own_spark(_ALONE), _ctrl_c_kept():
        server = SparkConnectServer()
        server.start()
        host, port = server.listening_address
        session = ConnectSession.builder.remote(f"sc://{host}:{port}").create()
        session.client.set_retry_policies([DefaultPolicy(max_retries=RETRIES)])
        # By default each call for a column looks for its caller on the stack: a quarter of the time for a small plan.
        session.conf.set("spark.python.sql.dataFrameDebugging.enabled", "false")
        # The server has answered, so it has started to listen for Ctrl-C.
    return server, cast("SparkSession", session)


@contextmanager
def _ctrl_c_kept() -> Iterator[None]:
    """Restore this process's Ctrl-C handler: the server installs its own and would end while its client needs it.

    This uses Python's C function, since `signal.signal` works in the main thread only.
    """
    get, put = ctypes.pythonapi.PyOS_getsig, ctypes.pythonapi.PyOS_setsig
    get.restype, put.argtypes = ctypes.c_void_p, [ctypes.c_int, ctypes.c_void_p]
    handler = get(signal.SIGINT.value)
    try:
        yield
    finally:
        put(signal.SIGINT.value, handler)
