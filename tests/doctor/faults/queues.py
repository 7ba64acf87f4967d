"""Listeners: the accept queue, the SYN queue, and requests that nobody completes."""

from lastack.lab import Cohort, Load
from lastack.model.sample import Sample
from tests.doctor.faults.fault import Fault, Program

__all__ = ["FAULTS"]

# Accepts twenty connections a second and closes them; never more than nine wait.
_SLOW = """
import socket, sys, time
server = socket.create_server((sys.argv[1], 8443), backlog=8)
print("ready", flush=True)
while True:
    server.accept()[0].close()
    time.sleep(0.05)
"""
# A hundred new connections a second.
_IMPATIENT = """
import socket, sys, time
print("ready", flush=True)
clients = []
while True:
    client = socket.socket()
    client.setblocking(False)
    client.connect_ex((sys.argv[1], 8443))
    clients = [*clients[-300:], client]
    time.sleep(0.01)
"""


def _unanswered(sample: Sample) -> bool:
    return sum(cohort.retried for cohort in sample.cohorts if cohort.state == "SYN_RECV") >= 50


def _full(sample: Sample) -> bool:
    return any((listener.queue or 0) > (listener.backlog or 0) for listener in sample.listeners)


FAULTS = (
    Fault(
        "accept-queue-full",
        "a program that has stopped accepting; its queue is full",
        "accept-queue",
        "critical",
        cohorts=(Cohort("LISTEN", 1, port=8443, backlog=4), Cohort("ESTABLISHED", 5, kind="queued", port=8443)),
    ),
    Fault(
        "accept-queue-overflowing",
        "a program that accepts 20 connections a second while 100 come",
        "accept-queue",
        "critical",
        programs=(Program(_SLOW), Program(_IMPATIENT, "client")),
        once=_full,
        interval_s=1,
    ),
    Fault(
        "accept-burst",
        "a burst of 500 connections that a backlog of 4,096 absorbs",
        "accept-queue",
        None,
        cohorts=(Cohort("LISTEN", 1, port=8443), Cohort("ESTABLISHED", 500, kind="queued", port=8443)),
    ),
    Fault(
        "syn-queue-full",
        "half-open requests that fill a backlog of 64, SYN cookies off",
        "syn-queue",
        "critical",
        settings={"net.ipv4.tcp_syncookies": 0},
        cohorts=(Cohort("LISTEN", 1, port=8443, backlog=64), Cohort("SYN_RECV", 65, port=8443)),
    ),
    Fault(
        "syn-cookies-sent",
        "200 SYNs a second that are never completed, and a backlog of 16",
        "syn-queue",
        "warning",
        cohorts=(Cohort("LISTEN", 1, port=8443, backlog=16),),
        loads=(Load(seconds=30, rate=200, finish=False, port=8443),),
        interval_s=1,
    ),
    Fault(
        "syn-burst",
        "a burst of 1,000 SYNs that a backlog of 4,096 absorbs",
        "syn-queue",
        None,
        cohorts=(Cohort("LISTEN", 1, port=8443), Cohort("SYN_RECV", 1_000, port=8443)),
    ),
    Fault(
        "half-open-flood",
        "200 requests that nobody completes, SYN cookies off",
        "half-open-flood",
        "warning",
        settings={"net.ipv4.tcp_syncookies": 0},
        cohorts=(Cohort("LISTEN", 1, port=8443), Cohort("SYN_RECV", 200, port=8443)),
        once=_unanswered,
    ),
    Fault(
        "half-open-flood-behind-cookies",
        "the same, with SYN cookies standing by",
        "half-open-flood",
        "notice",
        cohorts=(Cohort("LISTEN", 1, port=8443), Cohort("SYN_RECV", 200, port=8443)),
        once=_unanswered,
    ),
    Fault(
        "small-backlog-without-cookies",
        "a backlog of 32 and SYN cookies off: an invitation to a flood",
        "half-open-flood",
        "notice",
        settings={"net.ipv4.tcp_syncookies": 0},
        cohorts=(Cohort("LISTEN", 1, port=8443, backlog=32),),
    ),
    Fault(
        "small-backlog",
        "a backlog of 32 with SYN cookies on, as shipped",
        "half-open-flood",
        None,
        cohorts=(Cohort("LISTEN", 1, port=8443, backlog=32), Cohort("ESTABLISHED", 20, port=8443)),
    ),
)
