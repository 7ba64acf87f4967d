"""What a closed socket leaves: read as `ss` reads it."""

import socket
import time

from lastack.kernel.remains import Entry, Remains
from tests.kernel.private import run_private


def _entries() -> tuple[Entry | None, Entry | None, Entry | None, Entry | None]:
    with Remains() as remains, socket.create_server(("127.0.0.1", 0)) as door:
        here = (bytes([127, 0, 0, 1]), door.getsockname()[1])
        one = socket.create_connection(door.getsockname())
        there = (here[0], one.getsockname()[1])
        other = door.accept()[0]
        open_ = remains.of(here, there)
        other.close()
        half = _awaited(remains, here, there, "FIN_WAIT2")
        one.close()
        return open_, half, _awaited(remains, here, there, "TIME_WAIT"), remains.of(there, here)


def _awaited(remains: Remains, here: tuple[bytes, int], there: tuple[bytes, int], state: str) -> Entry | None:
    end = time.monotonic() + 10
    while time.monotonic() < end:
        entry = remains.of(here, there)
        if entry and entry.state == state:
            return entry
    return None


def test_the_closer_leaves_an_entry() -> None:
    """Whoever closes first leaves FIN_WAIT2, then TIME_WAIT, for up to 60 s; an open socket and the peer do not."""
    open_, half, waiting, other = run_private(_entries)
    assert open_ is None
    assert half is not None
    assert waiting is not None
    assert 55_000 < waiting.left_ms <= 62_000  # TCP_TIMEWAIT_LEN; the timer's wheel rounds up
    assert other is None
