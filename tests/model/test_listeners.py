"""The queues of listeners."""

import pytest

from tests.model.samples import SERVED, cohort, later, listener, model, sample


def test_an_accept_queue_holds_one_more_than_its_backlog() -> None:
    """listen(2) is full with three: measured."""
    [queue] = model(listeners=[listener(backlog=2, queue=3)]).accept_queues
    assert (queue.label, queue.capacity, queue.fill) == ("0.0.0.0:80", 3, 1.0)


def test_the_fullest_comes_first() -> None:
    """By fill, not by number."""
    queues = model(listeners=[listener(1, queue=50, backlog=999), listener(2, queue=2, backlog=3)]).accept_queues
    assert [queue.port for queue in queues] == [2, 1]


def test_queues_out_of_sight() -> None:
    """/proc/net/tcp shows neither."""
    [queue] = model(listeners=[listener(queue=None, backlog=None)], source="proc").accept_queues
    assert (queue.queue, queue.capacity, queue.fill) == (None, None, None)


@pytest.mark.parametrize(
    ("local", "family", "expected"),
    [
        ("10.0.0.1", 4, "10.0.0.1"),
        ("10.0.0.2", 4, "0.0.0.0"),
        ("::ffff:10.0.0.2", 6, "0.0.0.0"),
        ("2001:db8::1", 6, "::"),
    ],
)
def test_requests_belong_to_the_listener_that_fits_best(local: str, family: int, expected: str) -> None:
    """The very address before any of its family, and that before any at all."""
    listeners = [listener(address="::", family=6), listener(address="0.0.0.0"), listener(address="10.0.0.1")]
    made = model(cohort("SYN_RECV", 4, family=family, role="passive", local=local, local_port=80), listeners=listeners)
    assert [(queue.address, queue.half_open) for queue in made.syn_queues if queue.half_open] == [(expected, 4)]


def test_an_ipv6_wildcard_takes_ipv4_requests() -> None:
    """A dual-stack listener."""
    made = model(
        cohort("SYN_RECV", 4, role="passive", local="10.0.0.1", local_port=80),
        listeners=[listener(address="::", family=6)],
    )
    assert made.syn_queues[0].half_open == 4


def test_requests_without_a_listener_are_left_out() -> None:
    """It may have been closed; so may the sample have folded the address."""
    made = model(
        cohort("SYN_RECV", 4, role="passive", local="10.0.0.1", local_port=81),
        cohort("SYN_RECV", 4),
        listeners=[listener()],
    )
    assert [queue.half_open for queue in made.syn_queues] == [0]


def test_listeners_that_share_a_port() -> None:
    """SO_REUSEPORT: one row, as many queues, the smallest limit."""
    made = model(
        cohort("SYN_RECV", 4, role="passive", local="10.0.0.1", local_port=80),
        listeners=[listener(backlog=511, process="nginx/2"), listener(backlog=128, process="nginx/3")],
    )
    [queue] = made.syn_queues
    assert (queue.sockets, queue.backlog, queue.half_open) == (2, 128, 4)
    assert queue.label == "0.0.0.0:80"


def test_what_a_listener_lost_since_the_earlier_sample() -> None:
    """A socket that lost less than before is another one; of two that look alike nobody knows which is which."""
    before = [listener(1, drops=5), listener(2, drops=5), listener(3, drops=5), listener(3, drops=7), listener(4)]
    now = [listener(1, drops=9), listener(2, drops=4), listener(3, drops=9), listener(4), listener(5, drops=3)]
    made = later(sample(listeners=before), sample(listeners=now))
    assert {queue.port: queue.lost for queue in made.accept_queues} == {1: 4, 2: None, 3: None, 4: None, 5: None}


def test_half_open_requests_without_an_answer() -> None:
    """How many, and from how many addresses."""
    sources = [cohort("SYN_RECV", 4, **SERVED, remote=f"192.0.2.{n}", retried=n) for n in range(3)]
    [queue] = model(*sources, listeners=[listener()]).syn_queues
    assert (queue.half_open, queue.unanswered, queue.sources) == (12, 3, 3)
