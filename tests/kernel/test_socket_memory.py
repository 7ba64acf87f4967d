"""What sockets occupy, against ss and against arithmetic."""

import re
import socket

from lastack.kernel.socket_memory import OPEN_BYTES, TIME_WAIT_BYTES, SocketMemory, socket_memory
from lastack.lab import Cohort, Lab
from tests.kernel.private import run_private


def test_no_sockets_no_memory() -> None:
    """And no mean."""
    assert run_private(socket_memory) == SocketMemory(0, 0, 0)
    assert SocketMemory(0, 0, 0).per_socket is None


def test_objects_are_counted_by_kind() -> None:
    """A mini-socket of a closed connection is a fraction of an open one."""
    with Lab() as lab:
        lab.populate([Cohort("TIME_WAIT", 10), Cohort("FIN_WAIT2", 5, kind="orphan"), Cohort("ESTABLISHED", 3)])
        found = lab.server.call(socket_memory)
    assert found is not None
    assert (found.sockets, found.objects) == (18, 15 * TIME_WAIT_BYTES + 3 * OPEN_BYTES)


def test_buffers_are_those_that_ss_shows() -> None:
    """Unread data is charged to its reader."""
    reading, seen = run_private(_with_unread_data)
    assert reading is not None
    assert reading.buffers == seen
    assert seen > 100_000


def _with_unread_data() -> tuple[SocketMemory | None, int]:
    with socket.create_server(("127.0.0.1", 0)) as door, socket.create_connection(door.getsockname()) as near:
        far = door.accept()[0]
        near.sendall(b"x" * 100_000)
        while len(far.recv(200_000, socket.MSG_PEEK)) < 100_000:
            pass
        found, printed = socket_memory(), _ss()
        far.close()
    charged = sum(
        int(number) for line in printed for name, number in re.findall(r"\b(r|t|f|o|bl)(\d+)", line) if name != "rb"
    )
    return found, charged


def _ss() -> list[str]:
    import subprocess  # noqa: PLC0415 - in the namespace alone

    printed = subprocess.run(["ss", "-tanmH"], capture_output=True, text=True, check=True).stdout
    return re.findall(r"skmem:\(([^)]*)\)", printed)
