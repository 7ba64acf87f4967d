"""Ports that are bound and nothing else, in a namespace of the test's own."""

import platform
import re
import socket

import pytest

from lastack.kernel.bound_ports import MOST_ON_A_PORT, read_bound_ports
from lastack.kernel.sampler import take_sample
from tests.kernel.private import run_private


def _shown() -> bool:
    """Whether this kernel shows them: Linux 6.8, commit 91051f003948 ("tcp: Dump bound-only sockets in inet_diag.")."""
    major, minor = map(int, re.findall(r"\d+", platform.release())[:2])
    return (major, minor) >= (6, 8)


def _with_sockets(crowd: int) -> tuple[list[int], list[int] | None]:
    with (
        socket.socket() as bound,
        socket.create_server(("127.0.0.1", 0)) as listening,
        socket.create_connection(listening.getsockname()) as client,
    ):
        bound.bind(("127.0.0.1", 0))
        assert client.getsockname()
        return [bound.getsockname()[1]], read_bound_ports(crowd)


@pytest.mark.parametrize("crowd", [0, MOST_ON_A_PORT])
def test_only_what_is_bound_without_a_connection(crowd: int) -> None:
    """Neither the listener's port nor the client's, nor one that the search itself holds."""
    bound, found = run_private(_with_sockets, crowd)
    assert found == (bound if _shown() else None)


def test_a_crowded_port_is_left_alone() -> None:
    """The kernel would hold its lock all the while."""
    assert run_private(_with_sockets, MOST_ON_A_PORT + 1)[1] is None


def _sampled(most: int) -> tuple[bool, list[int] | None]:
    with (
        pytest.MonkeyPatch.context() as patch,
        socket.create_server(("127.0.0.1", 0)) as listening,
        socket.create_connection(listening.getsockname()) as one,
        socket.create_connection(listening.getsockname()) as other,
    ):
        patch.setattr("lastack.kernel.bound_ports.MOST_ON_A_PORT", most)
        assert one.getsockname() != other.getsockname()
        return _shown(), take_sample().bound_ports


@pytest.mark.parametrize("most", [1, 2])
def test_a_sample_tells_the_crowd_of_its_listeners(most: int) -> None:
    """Two connections on a port are more than one, and not more than two."""
    shown, found = run_private(_sampled, most)
    assert found == ([] if shown and most > 1 else None)
