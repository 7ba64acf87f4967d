"""Sockets as they end."""

import socket
import time

import pytest

from lastack.errors import TruncatedError
from lastack.kernel.destroyed import Destroyed, ended
from tests.kernel.private import run_private


def _until(destroyed: Destroyed, count: int) -> list[bytes]:
    """So many messages of sockets that had a port, waited for; they come from a work queue."""
    end, found = time.monotonic() + 10, list[bytes]()
    while len(found) < count and time.monotonic() < end:
        found += [message for message in destroyed.take() if ended(message).local[1]]
    return found


def _one_connection() -> tuple[list[bytes], int, int]:
    with Destroyed() as destroyed:
        with socket.create_server(("127.0.0.1", 0)) as door:
            one = socket.create_connection(door.getsockname())
            other = door.accept()[0]
            ports = one.getsockname()[1], door.getsockname()[1]
            one.sendall(b"five!")
            while len(other.recv(5, socket.MSG_PEEK)) < 5:
                pass
            other.recv(5)
            one.close()
            other.close()
        return _until(destroyed, 3), *ports


def test_what_a_socket_leaves_behind() -> None:
    """Both ends and the listener are told of, with the data that they moved; no privilege is needed."""
    messages, client, server = run_private(_one_connection)
    told = {(one.local[1], one.remote[1]): one for one in map(ended, messages)}
    assert told.keys() == {(client, server), (server, client), (server, 0)}
    assert told[client, server].local[0] == bytes([127, 0, 0, 1])
    assert told[client, server].octets_sent == 5
    assert told[server, client].octets_received == 5 + 1  # and the FIN
    assert told[client, server].uid == 0


def _cut_anywhere() -> int:
    messages, _, _ = _one_connection()
    whole, refused = messages[0], 0
    for length in range(len(whole)):
        try:
            ended(whole[:length])
        except TruncatedError:
            refused += 1
    return refused


def test_cut_anywhere() -> None:
    """A message cut at any byte is a value, whose counts are unknown, or the one error."""
    assert run_private(_cut_anywhere) >= 72  # struct inet_diag_msg


def test_too_short() -> None:
    """A message without a whole row is said to be cut."""
    with pytest.raises(TruncatedError, match="17 bytes"):
        ended(bytes(17))
