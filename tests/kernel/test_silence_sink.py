"""How long peers have been silent, and what was lost at a listener: asked of a real kernel."""

import socket
import time
from collections import Counter

from lastack.kernel.grouping import Lookup
from lastack.kernel.sampler import take_sample
from lastack.kernel.silence_sink import SilenceSink
from lastack.kernel.stretch import Stretch
from lastack.lab import Cohort, Lab
from lastack.model.sample import Sample, Silence
from tests.kernel.test_grouping import HERE, THERE, row

_PATIENCE_S = 30


def polled(lab: Lab, seconds: int, states: set[str]) -> list[Silence]:
    """The silences, once all of them are at least so many seconds."""
    deadline = time.monotonic() + _PATIENCE_S
    while time.monotonic() < deadline:
        silences = lab.server.call(take_sample).silences or []
        if {one.state for one in silences} == states and all(min(one.seconds) >= seconds for one in silences):
            return silences
        time.sleep(0.1)
    raise TimeoutError


def test_close_wait_and_held_fin_wait2_have_an_age() -> None:
    """Each is counted, by holder; an orphan in FIN_WAIT2 has no age, and an open connection is not asked."""
    with Lab() as lab:
        cohorts = [
            ("CLOSE_WAIT", 15, ""),
            ("FIN_WAIT2", 10, "held"),
            ("FIN_WAIT2", 30, "orphan"),
            ("ESTABLISHED", 9, ""),
        ]
        lab.populate([Cohort(state, count, kind=kind) for state, count, kind in cohorts])  # type: ignore[arg-type]  # kinds
        start = time.monotonic()
        silences = polled(lab, 1, {"CLOSE_WAIT", "FIN_WAIT2"})
        assert time.monotonic() - start < 4
    counts: Counter[str] = Counter()
    for one in silences:
        assert one.process is not None
        assert one.process.startswith("lastack-lab/")
        assert max(one.seconds) <= 4
        counts[one.state] += sum(one.seconds.values())
    assert counts == {"CLOSE_WAIT": 15, "FIN_WAIT2": 10}


def test_a_few_are_not_asked() -> None:
    """A busy program has as many while it closes; the second walk is saved."""
    with Lab() as lab:
        lab.populate([Cohort("CLOSE_WAIT", 5)])
        assert lab.server.call(take_sample).silences is None


def stretch(message: bytes) -> Stretch:
    """One message."""
    return Stretch(memoryview(message), len(message), 1)


def test_seconds_are_powers_of_two() -> None:
    """Milliseconds since the last segment, as a kernel has them in its struct tcp_info."""
    sink = SilenceSink(Lookup())
    for milliseconds in (0, 999, 1_000, 3_999, 4_000, 90_000):
        info = bytes(56) + milliseconds.to_bytes(4, "little") + bytes(100)
        attribute = (len(info) + 4).to_bytes(2, "little") + b"\2\0" + info
        sink.add(stretch(row(8, HERE, THERE, inode=9, uid=33, attributes=attribute)))
    sink.add(stretch(row(5, HERE, THERE, timer=3)))
    (silence,) = sink.silences()
    assert silence == Silence(state="CLOSE_WAIT", uid=33, seconds={0: 2, 1: 1, 2: 1, 4: 1, 64: 1})


def _overflow(port: int) -> Sample:
    """A listener whose queue of two is filled; further SYNs are lost at it."""
    with socket.create_server(("127.0.0.1", port), backlog=1), socket.create_server(("127.0.0.1", port + 1)):
        clients = [socket.socket() for _ in range(6)]
        for client in clients:
            client.setblocking(False)  # noqa: FBT003 - the socket module's own signature
            client.connect_ex(("127.0.0.1", port))
        deadline = time.monotonic() + _PATIENCE_S
        sample = take_sample()
        while not sample.counters["TcpExt"]["ListenDrops"] and time.monotonic() < deadline:
            sample = take_sample()
        return sample


def test_a_listener_knows_what_was_lost_at_it() -> None:
    """The namespace's counter says how many, each listener which of them were its own."""
    with Lab() as lab:
        sample = lab.server.call(_overflow, 7000)
    drops = {listener.port: listener.drops for listener in sample.listeners}
    assert drops[7000] == sample.counters["TcpExt"]["ListenDrops"] > 0
    assert drops[7001] == 0
