"""Events made into connections."""

import random

import numpy as np

from lastack.live.assembly import Assembly
from lastack.live.rows import RESET_RECEIVED, RESET_SENT, Rows, join
from tests.live.events import CLIENT, SERVER, bundles, rows, steps

_FIRST = "CLOSE SYN_SENT ESTABLISHED FIN_WAIT1 FIN_WAIT2 CLOSE"
_SECOND = "LISTEN SYN_RECV ESTABLISHED CLOSE_WAIT LAST_ACK CLOSE"
_CLIENT, _SERVER = 0xFFFF888000001000, 0xFFFF888000002000
_MINUTE = 60_000_000_000


def _pair(start: int = 0) -> Rows:
    """A client that closes first; its peer closes later."""
    return rows(
        steps(_CLIENT, _FIRST, [start + at for at in (0, 20, 100, 120, 121)], CLIENT, SERVER, 7),
        steps(_SERVER, _SECOND, [start + at for at in (25, 26, 110, 150, 170)], SERVER, CLIENT, 8),
    )


def test_both_ends_are_one_connection() -> None:
    """Two sockets with each other's endpoints are one connection, told by the end that opened it."""
    (bundle,) = bundles(Assembly(), _pair())
    assert bundle.connections == 1
    assert (int(bundle.orig[0]), int(bundle.resp[0])) == (CLIENT, SERVER)
    assert (bundle.outcome.handshake, bundle.outcome.active_closer) == ("three-way", "orig")
    assert (bundle.orig_process, bundle.resp_process) == (["program/7"], ["program/8"])


def test_time_wait_begins_with_the_peers_fin() -> None:
    """A closed socket waits for the peer's FIN in FIN_WAIT2, whatever the tracepoint says; it comes at 150."""
    (bundle,) = bundles(Assembly(), _pair())
    outcome, moments = bundle.outcome, bundle.moments
    assert outcome.time_wait == "orig"
    assert outcome.teardown == "four-segment"
    entered = bundle.times[0, moments.orig[outcome.orig_states.index("TIME_WAIT")]]
    assert entered == 150


def test_no_time_wait_without_a_fin() -> None:
    """A peer that never closes, or resets, leaves nobody in TIME_WAIT."""
    first = steps(_CLIENT, _FIRST, (0, 20, 100, 120, 121), CLIENT, SERVER)
    second = steps(_SERVER, "LISTEN SYN_RECV ESTABLISHED CLOSE_WAIT CLOSE", (25, 26, 110, 150), SERVER, CLIENT)
    (bundle,) = bundles(Assembly(), rows(first, second))
    assert bundle.outcome.time_wait == "none"


def test_no_time_wait_where_the_fin_is_reset() -> None:
    """A FIN that comes after the kernel has given up waiting is answered by a reset."""
    first = steps(_CLIENT, _FIRST, (0, 20, 100, 120, 121), CLIENT, SERVER)
    second = steps(_SERVER, _SECOND, (25, 26, 110, 150, 170), SERVER, CLIENT)
    reset = [(165, _SERVER, RESET_RECEIVED, 0, 0, SERVER, CLIENT, 0)]
    (bundle,) = bundles(Assembly(), rows(first, second, reset))
    assert (bundle.outcome.time_wait, bundle.outcome.reset_by) == ("none", "orig")


def test_one_end_alone() -> None:
    """Where the peer is elsewhere, the kernel is asked whether a closed socket still waits for its FIN."""
    waiting = {(CLIENT, SERVER)}
    assembly = Assembly(lambda: waiting)
    client = rows(steps(_CLIENT, _FIRST, (0, 20, 100, 120, 121), CLIENT, SERVER))
    assert bundles(assembly, client, 10_000_000) == []
    waiting.clear()
    assert bundles(assembly, join([]), 20_000_000) == []  # it is not asked more than once a second
    (bundle,) = bundles(assembly, join([]), 2_000_000_000)
    assert bundle.outcome.time_wait == "orig"
    assert bundle.times[0, bundle.moments.orig[-1]] == 2_000_000_000


def test_a_fin_that_never_comes() -> None:
    """After a minute the kernel gives up, and there was no TIME_WAIT."""
    assembly = Assembly(lambda: {(CLIENT, SERVER)})
    client = rows(steps(_CLIENT, _FIRST, (0, 20, 100, 120, 121), CLIENT, SERVER))
    assert bundles(assembly, client, 10_000_000) == []
    (bundle,) = bundles(assembly, join([]), 2 * _MINUTE)
    assert (bundle.outcome.time_wait, bundle.outcome.teardown) == ("none", "half-closed")


def test_any_portions_in_any_order() -> None:
    """However the events are cut into portions and CPUs mix them, the same connections come out."""
    draw = random.Random(1)  # noqa: S311 - the same each time
    parts = [_pair(number * 1000) for number in range(40)]
    whole = join(
        [
            part._replace(local=part.local + np.uint64(number), remote=part.remote + np.uint64(number))
            for number, part in enumerate(parts)
        ]
    )
    whole = whole._replace(socket=whole.socket + np.repeat(np.arange(40, dtype=np.uint64) << np.uint64(13), 10))
    (expected,) = bundles(Assembly(), whole)
    assert expected.connections == 40
    for _ in range(30):
        cuts = sorted(draw.sample(range(42_000), 4))
        assembly, found = Assembly(), 0
        for begin, until in zip([0, *cuts], [*cuts, 50_000_000], strict=True):
            some = np.flatnonzero((whole.time >= begin) & (whole.time < until))
            order = np.array(draw.sample(some.tolist(), len(some)), np.int64)
            for bundle in bundles(assembly, whole.take(order), until - 1):
                assert bundle.outcome == expected.outcome
                found += bundle.connections
        assert found == 40
        assert assembly.waiting.number == 0


def test_memory_used_again() -> None:
    """A socket's address that another socket has later is two sockets."""
    again = steps(_CLIENT, _FIRST, (5000, 5020, 5100, 5120, 5121), CLIENT + 1, SERVER)
    first = steps(_CLIENT, _FIRST, (0, 20, 100, 120, 121), CLIENT, SERVER)
    (bundle,) = bundles(Assembly(), rows(first, again))
    assert bundle.connections == 2


def test_an_end_that_was_lost() -> None:
    """A socket whose CLOSE was lost is over when its memory has another life."""
    first = steps(_CLIENT, "CLOSE SYN_SENT ESTABLISHED", (0, 20), CLIENT, SERVER)
    again = steps(_CLIENT, _FIRST, (5000, 5020, 5100, 5120, 5121), CLIENT + 1, SERVER)
    found = bundles(Assembly(), rows(first, again))
    assert sorted(bundle.outcome.conn_state for bundle in found) == ["S1", "SF"]


def test_a_port_chosen_late() -> None:
    """The port that connect() chooses after SYN_SENT is the connection's."""
    first, *rest = steps(_CLIENT, _FIRST, (0, 20, 100, 120, 121), CLIENT, SERVER)
    unchosen = (*first[:5], CLIENT & ~0xFFFF, *first[6:])
    (bundle,) = bundles(Assembly(), rows([unchosen, *rest]))
    assert int(bundle.orig[0]) == CLIENT


def test_of_another_port_or_unknown() -> None:
    """Where a filter hides a socket's further steps, its first one is forgotten after a while."""
    unchosen = steps(_CLIENT, "CLOSE SYN_SENT", (0,), CLIENT & ~0xFFFF, SERVER)
    assembly = Assembly(filtered=True)
    assert bundles(assembly, rows(unchosen), 1_000_000_000) == []
    assert assembly.waiting.number == 1
    assert bundles(assembly, join([]), 3_000_000_000) == []
    assert assembly.waiting.number == 0


def test_a_reset_told_after_its_close() -> None:
    """The kernel tells of CLOSE, then of the reset: the reset is the cause, with the kernel's own word."""
    first = steps(_CLIENT, "CLOSE SYN_SENT ESTABLISHED CLOSE", (0, 20, 100), CLIENT, SERVER)
    reset = [(101, _CLIENT, RESET_SENT, 7, 12, CLIENT, SERVER, 0)]
    (bundle,) = bundles(Assembly(), rows(first, reset))
    assert (bundle.outcome.reset_by, bundle.outcome.reset_cause) == ("orig", "aborted")
    assert bundle.outcome.reset_reason == "TCP_ABORT_ON_LINGER"


def test_a_reset_without_a_socket() -> None:
    """Where nobody listens, the reset has endpoints and no socket; it belongs to the client's connection."""
    first = steps(_CLIENT, "CLOSE SYN_SENT CLOSE", (0, 20), CLIENT, SERVER)
    reset = [(10, 0, RESET_SENT, 0, 1, SERVER, CLIENT, 0), (15, _CLIENT, RESET_RECEIVED, 0, 0, CLIENT, SERVER, 0)]
    assembly = Assembly()
    (bundle,) = bundles(assembly, rows(first, reset))
    assert (bundle.outcome.handshake, bundle.outcome.reset_by) == ("refused", "resp")
    assert assembly.strays == 0


def test_events_of_no_connection() -> None:
    """A reset that fits nothing is counted; listeners' own steps are no connections."""
    assembly = Assembly()
    reset = [(10, 0, RESET_SENT, 0, 1, SERVER, CLIENT, 0)]
    listener = steps(_SERVER, "CLOSE LISTEN CLOSE", (0, 20), SERVER & ~0, 0)
    assert bundles(assembly, rows(reset, listener), ending=True) == []
    assert (assembly.strays, assembly.waiting.number) == (1, 0)


def test_those_of_a_namespace() -> None:
    """Connections of which nothing is known wait; those of other namespaces go."""
    verdicts = {"now": 0}
    assembly = Assembly(known=lambda lives: np.full(len(lives.first), verdicts["now"]))
    assert bundles(assembly, _pair(), 10_000_000) == []
    verdicts["now"] = -1
    assert bundles(assembly, join([]), 10_000_000) == []
    assert assembly.waiting.number == 0
    verdicts["now"] = 1
    assert len(bundles(assembly, _pair(), 10_000_000)) == 1


def test_still_open_at_the_end() -> None:
    """What is not over is given at the end, as far as it has come."""
    first = steps(_CLIENT, "CLOSE SYN_SENT ESTABLISHED", (0, 20), CLIENT, SERVER)
    assembly = Assembly()
    assert bundles(assembly, rows(first)) == []
    (bundle,) = bundles(assembly, join([]), ending=True)
    assert bundle.outcome.conn_state == "S1"


def test_a_million_unanswered() -> None:
    """Of resets that fit nothing, no more are kept than a bound."""
    assembly = Assembly()
    numbers = np.arange(300_000)
    flood = Rows(
        numbers,
        np.zeros(300_000, np.uint64),
        np.full(300_000, RESET_SENT, np.uint8),
        np.zeros(300_000, np.uint8),
        np.zeros(300_000, np.uint8),
        numbers.astype(np.uint64) << np.uint64(16),
        np.full(300_000, SERVER, np.uint64),
        np.zeros(300_000, np.int32),
    )
    bundles(assembly, flood, 1 << 20)
    assert assembly.waiting.number == 100_000
    assert assembly.strays == 200_000
