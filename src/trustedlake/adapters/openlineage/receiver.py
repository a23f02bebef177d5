"""Builds the OpenLineage events of runs, from their facets, and sends them to a receiver."""

from __future__ import annotations

import queue
import threading
import uuid
from typing import TYPE_CHECKING

import requests
from openlineage.client.event_v2 import InputDataset, Job, OutputDataset, Run, RunEvent, RunState
from openlineage.client.transport.file import FileConfig, FileTransport
from openlineage.client.transport.http import ApiKeyTokenProvider, HttpConfig, HttpTransport, TokenProvider

from trustedlake.adapters.local.network import tls_trouble
from trustedlake.adapters.openlineage import facets
from trustedlake.models.ingest import WindowStatus
from trustedlake.ports.observers import ExtractionRun, Outcome

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from openlineage.client.facet_v2 import RunFacet
    from openlineage.client.transport import Transport

    from trustedlake.models.ledger import PublishedFile
    from trustedlake.ports.observers import Observed, TableRun


_STATES = {
    None: RunState.START,
    Outcome.COMPLETE: RunState.COMPLETE,
    Outcome.FAILED: RunState.FAIL,
    Outcome.STOPPED: RunState.ABORT,
}


def id_of(run: Observed) -> str:
    """Return the run's OpenLineage id, derived from lake data, so another process can end the run if it was killed."""
    which = run.folder if isinstance(run, ExtractionRun) else run.contract.table
    return str(uuid.uuid5(uuid.NAMESPACE_URL, f"trustedlake:{run.run_id}/{which}"))


def event_of(run: Observed, namespace: str) -> RunEvent:
    """Return the start event of a run, or its end event if it has an outcome; `namespace` is for the job."""
    return _of_extraction(run, namespace) if isinstance(run, ExtractionRun) else _of_table(run, namespace)


def _of_table(run: TableRun, namespace: str) -> RunEvent:
    report, contract = run.report, run.contract
    raw = [facets.dataset_of(address) for address in run.inputs]
    inputs = [
        InputDataset(*one, facets=facets.of_raw(contract), inputFacets=facets.of_files(one, run.proven)) for one in raw
    ]
    published = [part for part in run.proven if not part.refused]
    written = [file for part in published for file in part.trusted]
    refused = [file for part in published for file in part.quarantine]
    outputs = []
    if run.trusted:
        statistics = facets.of_written(written) if report else {}
        target = facets.dataset_of(run.trusted)
        outputs.append(OutputDataset(*target, facets=facets.of_trusted(contract, raw), outputFacets=statistics))
    if refused:
        outputs.append(_quarantine(run, refused))
    tags = {"run_id": run.run_id, "contract_version": contract.version}
    if report:
        tags |= {"status": report.status, "exit_code": report.exit_code}
    told = facets.of_run(run.message, tags, report.engine if report else "")
    return _event(run, namespace, f"to_trusted.{contract.table}", told, inputs, outputs)


def _quarantine(run: TableRun, files: Sequence[PublishedFile]) -> OutputDataset:
    where = facets.dataset_of(run.quarantine)
    return OutputDataset(*where, facets=facets.of_quarantine(run.contract), outputFacets=facets.of_written(files))


def _of_extraction(run: ExtractionRun, namespace: str) -> RunEvent:
    found = run.certificate
    listing = "/discover/movie" if found.query.entity == "movies" else "/discover/tv"
    host, _, path = found.tmdb.partition("://")[2].partition("/")
    source = InputDataset(f"{found.tmdb.partition('://')[0]}://{host}", f"/{path}{listing}".replace("//", "/"))
    statistics = facets.of_window(found) if run.outcome else {}
    target = OutputDataset(*facets.dataset_of(run.folder), outputFacets=statistics)
    # The certificate of a run that was broken off still says that the run is running.
    status = run.outcome if run.outcome and found.status is WindowStatus.RUNNING else found.status
    tags: Mapping[str, object] = {"window": found.window, "status": str(status), "run": found.runs}
    told = facets.of_run(run.message, tags)
    return _event(run, namespace, f"ingest_tmdb.{found.query.entity}", told, [source], [target])


def _event(  # noqa: PLR0917 - one event
    run: Observed,
    namespace: str,
    job: str,
    told: dict[str, RunFacet],
    inputs: list[InputDataset],
    outputs: list[OutputDataset],
) -> RunEvent:
    return RunEvent(
        eventType=_STATES[run.outcome],
        eventTime=run.at.isoformat(),
        run=Run(runId=id_of(run), facets=told),
        job=Job(namespace=namespace, name=job, facets=facets.of_job("COMMAND")),
        inputs=inputs,
        outputs=outputs,
        producer=facets.PRODUCER,
    )


CALL_S = 3.0
"""Seconds that a receiver may take for an event."""

_ONCE_MORE = {"total": 1, "status": 0, "redirect": 0, "backoff_factor": 0.2}
"""Connect once more. An event that was sent is not sent again, since urllib3 does not repeat a POST by itself."""


def http_transport(url: str, endpoint: str, api_key: str, *, call_s: float = CALL_S) -> Transport:
    """Send events to a server, with the key if there is one. We follow no redirect, so no other server gets the key."""
    session = requests.Session()
    session.max_redirects = 0
    session.stream = True  # only the status line matters: we never read the body
    return HttpTransport(
        HttpConfig(
            url=url,
            endpoint=endpoint,
            timeout=call_s,
            auth=ApiKeyTokenProvider({"api_key": api_key}) if api_key else TokenProvider({}),
            retry=_ONCE_MORE,
            session=session,
        )
    )


def file_transport(path: str) -> Transport:
    """Append events to a file, one per line."""
    return FileTransport(FileConfig(log_file_path=path, append=True))


_NO_HEADER = "the key has a character that no header can hold"
_WORDS: Mapping[type[Exception], str] = {
    requests.exceptions.InvalidHeader: _NO_HEADER,
    UnicodeEncodeError: _NO_HEADER,
    requests.TooManyRedirects: "it answered with a redirect",
    requests.exceptions.ProxyError: "the proxy refused",
    requests.ConnectionError: "no connection",
}
"""What went wrong: the first class that the error belongs to decides."""


class Receiver:
    """Sends runs to an OpenLineage receiver, from a thread of its own.

    Args:
        transport: how events reach the receiver.
        namespace: the jobs' namespace.
        call_s: seconds that the transport gives an event, for the message.
    """

    def __init__(self, transport: Transport, namespace: str, *, call_s: float = CALL_S) -> None:
        self._transport = transport
        self._namespace = namespace
        self._call_s = call_s
        self._begun: set[str] = set()
        self._waiting: queue.SimpleQueue[Observed | None] = queue.SimpleQueue()
        self._thread: threading.Thread | None = None
        self._given = self._arrived = 0
        self._problem = ""

    def began(self, run: Observed) -> None:
        """Send the beginning of a run, once."""
        if (name := id_of(run)) not in self._begun:
            self._begun.add(name)
            self._pass_on(run)

    def ended(self, run: Observed) -> None:
        """Send the end of a run."""
        self._pass_on(run)

    def close(self, limit_s: float) -> str:
        """Wait for events still being sent, up to `limit_s` seconds; return a text on those that did not arrive."""
        if self._thread is None:
            return ""
        self._waiting.put(None)
        self._thread.join(limit_s)
        lost = self._given - self._arrived
        if not lost:
            return ""
        return f"{lost} of {self._given} event(s) did not arrive: {self._problem or _late(limit_s)}"

    def _pass_on(self, run: Observed) -> None:
        if self._thread is None:
            self._thread = threading.Thread(target=self._work, name="openlineage", daemon=True)
            self._thread.start()
        self._given += 1
        self._waiting.put(run)

    def _work(self) -> None:
        while (run := self._waiting.get()) is not None:
            try:
                self._transport.emit(event_of(run, self._namespace))
                self._arrived += 1
            except Exception as error:  # noqa: BLE001 - whatever happens to an event, the run goes on
                self._problem = self._problem or _said(error, self._call_s)
        self._transport.close()


def _late(seconds: float) -> str:
    return f"no answer within {seconds:g} s"


def _said(error: Exception, call_s: float) -> str:
    """Say what went wrong without quoting the library: its message may hold an address with a password."""
    if isinstance(error, requests.HTTPError) and error.response is not None:
        return f"it answered {error.response.status_code}"
    if isinstance(error, requests.Timeout):
        return _late(call_s)
    if isinstance(error, requests.exceptions.SSLError):
        return tls_trouble(str(error))
    if isinstance(error, RuntimeError) and isinstance(error.__cause__, OSError):
        return error.__cause__.strerror or type(error.__cause__).__name__
    return next((said for kind, said in _WORDS.items() if isinstance(error, kind)), type(error).__name__)
