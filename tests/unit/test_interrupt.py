"""Ctrl-C during a publish or an import waits until it is done."""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
from importlib import import_module
from typing import TYPE_CHECKING

import pytest

from trustedlake.entrypoints.interrupt import deferred, terminated_like_interrupted

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

SIGNALS = [signal.SIGINT, signal.SIGTERM]


@pytest.mark.parametrize("number", SIGNALS)
def test_a_signal_waits_for_the_end_of_the_block(number: signal.Signals) -> None:
    reached = []

    def publish() -> None:
        with deferred():
            os.kill(os.getpid(), number)
            reached.append("after the signal")

    with pytest.raises(KeyboardInterrupt):
        publish()
    assert reached == ["after the signal"]


def test_without_a_signal_the_handlers_are_restored() -> None:
    before = [signal.getsignal(number) for number in SIGNALS]
    with deferred():
        pass
    assert [signal.getsignal(number) for number in SIGNALS] == before


def test_an_error_in_the_block_is_not_hidden_by_a_signal() -> None:
    def publish() -> None:
        with deferred():
            os.kill(os.getpid(), signal.SIGINT)
            raise ValueError("the cause")

    with pytest.raises(ValueError, match="the cause"):
        publish()


def test_sigterm_ends_a_run_as_ctrl_c_does() -> None:
    with pytest.raises(KeyboardInterrupt), terminated_like_interrupted():
        os.kill(os.getpid(), signal.SIGTERM)


def test_in_another_thread_signals_are_not_deferred() -> None:
    done = []

    def work() -> None:
        with deferred(), terminated_like_interrupted():
            done.append(True)

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert done == [True]


@pytest.fixture
def pythons_own_ctrl_c() -> Iterator[None]:
    """Where tests run together, a Spark session may have put its handler in the place of Python's."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.usefixtures("pythons_own_ctrl_c")
@pytest.mark.parametrize("number", SIGNALS)
@pytest.mark.parametrize("then", ["return", "still working"])
def test_a_signal_during_an_import_is_raised_right_after_it(
    number: signal.Signals, then: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = f"interrupted_{number.name}_{then[:3]}"
    (tmp_path / f"{name}.py").write_text(f"import os\nos.kill(os.getpid(), {int(number)})\nwhole = True\n")
    monkeypatch.syspath_prepend(tmp_path)
    reached = []

    def load() -> None:
        with terminated_like_interrupted():
            reached.append(import_module(name).whole)
            if then == "still working":
                time.sleep(60)
                reached.append("not interrupted")

    began = time.monotonic()
    with pytest.raises(KeyboardInterrupt):
        load()
    assert reached == [True]
    assert time.monotonic() - began < 30


def test_ignored_ctrl_c_stays_ignored_and_the_handlers_are_restored() -> None:
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        with terminated_like_interrupted():
            os.kill(os.getpid(), signal.SIGINT)
        assert signal.getsignal(signal.SIGINT) is signal.SIG_IGN
    finally:
        signal.signal(signal.SIGINT, before)
    was = [signal.getsignal(number) for number in SIGNALS]
    with terminated_like_interrupted():
        pass
    assert [signal.getsignal(number) for number in SIGNALS] == was


class Interrupted:
    """Interrupted while Python takes it away, where what is raised is forgotten."""

    def __init__(self, number: signal.Signals) -> None:
        self.number = number

    def __del__(self) -> None:
        os.kill(os.getpid(), self.number)
        time.sleep(0)


@pytest.mark.usefixtures("pythons_own_ctrl_c")
@pytest.mark.parametrize("number", SIGNALS)
@pytest.mark.parametrize("then", ["return", "still working"])
def test_a_signal_during_a_finalizer_is_not_lost(
    number: signal.Signals, then: str, capsys: pytest.CaptureFixture[str]
) -> None:
    reached = []

    def work() -> None:
        with terminated_like_interrupted():
            Interrupted(number)
            reached.append("after the finalizer")
            if then == "still working":
                time.sleep(60)
                reached.append("not interrupted")

    hook = sys.unraisablehook
    with pytest.raises(KeyboardInterrupt):
        work()
    assert (reached, capsys.readouterr().err) == (["after the finalizer"], "")
    assert sys.unraisablehook is hook


@pytest.mark.usefixtures("pythons_own_ctrl_c")
@pytest.mark.parametrize("number", SIGNALS)
def test_a_signal_to_a_child_between_fork_and_exec_prints_nothing(
    number: signal.Signals, capfd: pytest.CaptureFixture[str]
) -> None:
    """A start of Java was interrupted between fork and exec: the child had our handler and printed a traceback."""
    with terminated_like_interrupted():
        child = os.fork()
        if not child:
            try:
                os.kill(os.getpid(), number)
                time.sleep(0)
                os._exit(0)
            finally:
                os._exit(1)
        _, status = os.waitpid(child, 0)
    assert (os.waitstatus_to_exitcode(status), capfd.readouterr().err) == (0, "")
