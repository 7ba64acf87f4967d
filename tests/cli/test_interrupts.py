"""Ctrl-C that is not lost."""

import os
import signal

import pytest

from lastack.cli.interrupts import Interrupts


def test_it_raises_and_is_remembered() -> None:
    """And afterwards all is as before."""
    before = signal.getsignal(signal.SIGINT)
    with Interrupts() as came:
        assert not came()
        with pytest.raises(KeyboardInterrupt):
            os.kill(os.getpid(), signal.SIGINT)
        assert came()
    assert signal.getsignal(signal.SIGINT) == before
