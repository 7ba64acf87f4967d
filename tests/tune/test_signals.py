"""Signals wait while settings are being written."""

import signal
import threading

import pytest

from lastack.tune.signals import uninterrupted


def test_a_signal_comes_after_the_work() -> None:
    """However deep the work is nested; and errors pass through."""
    seen = []
    before = signal.signal(signal.SIGTERM, lambda number, _frame: seen.append(number))
    try:
        with uninterrupted():
            with uninterrupted():
                signal.pthread_kill(threading.get_ident(), signal.SIGTERM)  # other threads, if any, block nothing
            assert seen == []
        assert seen == [signal.SIGTERM]
        with pytest.raises(KeyError), uninterrupted():
            raise KeyError
        assert signal.SIGTERM not in signal.pthread_sigmask(signal.SIG_BLOCK, ())
    finally:
        signal.signal(signal.SIGTERM, before)
