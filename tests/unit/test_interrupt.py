"""Ctrl-C while a publish is under way waits until it is done."""

from __future__ import annotations

import os
import signal
import threading

import pytest

from trustedlake.entrypoints.interrupt import deferred, terminated_like_interrupted

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


def test_without_a_signal_nothing_happens_and_the_handlers_are_as_before() -> None:
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


def test_in_another_thread_there_is_nothing_to_hold_back() -> None:
    done = []

    def work() -> None:
        with deferred(), terminated_like_interrupted():
            done.append(True)

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert done == [True]
