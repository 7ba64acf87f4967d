"""Closing: connections that one side does not close, or closes without an answer, and TIME_WAIT at its limit."""

from collections.abc import Callable

from msgspec.structs import replace

from lastack.lab import Cohort, Load
from lastack.lab.article import article
from lastack.model.sample import Sample
from tests.doctor.faults.fault import Fault, Program

__all__ = ["FAULTS"]

# 400 clients come and go at once; the program closes after them, fifty a second.
_LATE = """
import socket, sys, time
with socket.create_server((sys.argv[1], 8443), backlog=1000) as server:
    print("ready", flush=True)
    ends = [server.accept()[0] for _ in range(400)]
    for end in ends:
        end.recv(1)
        end.close()
        time.sleep(0.02)
time.sleep(600)
"""
_CROWD = """
import socket, sys, time
crowd = [socket.create_connection((sys.argv[1], 8443)) for _ in range(400)]
for one in crowd:
    one.close()
print("ready", flush=True)
time.sleep(600)
"""
# Sends until the other side has no room, and closes.
_SENDER = """
import socket, sys, time
with socket.create_server((sys.argv[1], 8443), backlog=1000) as server:
    print("ready", flush=True)
    for _ in range(150):
        end = server.accept()[0]
        end.setblocking(False)
        try:
            while True:
                end.send(bytes(65536))
        except BlockingIOError:
            end.close()
time.sleep(600)
"""
_DEAF = """
import socket, sys, time
deaf = []
for _ in range(150):
    one = socket.socket()
    one.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    one.connect((sys.argv[1], 8443))
    deaf.append(one)
print("ready", flush=True)
time.sleep(600)
"""


def _without_answer(count: int, *states: str) -> Callable[[Sample], bool]:
    """That so many connections in these states have been sent their FIN again, or find no room."""

    def seen(sample: Sample) -> bool:
        return sum(one.retried + one.probed for one in sample.cohorts if one.state in states) >= count

    return seen


def _two_minutes_later(sample: Sample) -> Sample:
    """Peers that say nothing, as after two minutes that nobody waits for here."""
    aged = [replace(one, seconds={128: sum(one.seconds.values())}) for one in sample.silences or ()]
    return replace(sample, silences=aged)


def _many_time_wait(sample: Sample) -> bool:
    return sample.sockstat["TCP"]["tw"] >= 50


FAULTS = (
    Fault(
        "the-articles-server",
        "the census of a busy web server: 25,087 TIME_WAIT, and 125 CLOSE_WAIT of one program",
        "close-wait",
        "warning",
        cohorts=tuple(article()),
    ),
    Fault(
        "close-wait-that-drains",
        "a program that closes late: 400 CLOSE_WAIT, fifty fewer each second",
        "close-wait",
        None,
        programs=(Program(_LATE), Program(_CROWD, "client")),
        interval_s=1,
    ),
    Fault(
        "close-wait-of-a-busy-server",
        "ten CLOSE_WAIT among two hundred connections",
        "close-wait",
        None,
        cohorts=(Cohort("CLOSE_WAIT", 10), Cohort("ESTABLISHED", 190)),
    ),
    Fault(
        "half-closed-and-forgotten",
        "a program that has called shutdown() and waits for 60 peers, for two minutes already",
        "fin-wait2",
        "notice",
        cohorts=(Cohort("FIN_WAIT2", 60, kind="held"), Cohort("ESTABLISHED", 100)),
        edit=_two_minutes_later,
    ),
    Fault(
        "many-half-closed",
        "a program that has called shutdown() on 150 of its 250 connections",
        "fin-wait2",
        "warning",
        cohorts=(Cohort("FIN_WAIT2", 150, kind="held"), Cohort("ESTABLISHED", 100)),
    ),
    Fault(
        "lingering-close",
        "a program that has called shutdown() a moment ago",
        "fin-wait2",
        None,
        cohorts=(Cohort("FIN_WAIT2", 60, kind="held"), Cohort("ESTABLISHED", 100)),
    ),
    Fault(
        "orphans-in-fin-wait2",
        "247 closed connections whose peers have not closed yet",
        "fin-wait2",
        None,
        cohorts=(Cohort("FIN_WAIT2", 247, kind="orphan"), Cohort("ESTABLISHED", 100)),
    ),
    Fault(
        "peers-gone-before-the-last-ack",
        "140 LAST_ACK beside 972 open connections: the article's host after it was tuned",
        "vanished-peers",
        "warning",
        cohorts=tuple(article(after=True)),
        once=_without_answer(140, "LAST_ACK"),
    ),
    Fault(
        "peers-that-do-not-read-the-end",
        "150 peers that have no room for the last data of connections that are closed",
        "vanished-peers",
        "warning",
        programs=(Program(_SENDER), Program(_DEAF, "client")),
        once=_without_answer(150, "FIN_WAIT1"),
    ),
    Fault(
        "phones-out-of-reach",
        "15 FIN_WAIT1 and LAST_ACK without an answer, among 500 connections",
        "vanished-peers",
        None,
        cohorts=(Cohort("FIN_WAIT1", 8), Cohort("LAST_ACK", 7), Cohort("ESTABLISHED", 500)),
        once=_without_answer(15, "FIN_WAIT1", "LAST_ACK"),
    ),
    Fault(
        "time-wait-at-its-limit",
        "as many TIME_WAIT as tcp_max_tw_buckets allows",
        "time-wait",
        "warning",
        settings={"net.ipv4.tcp_max_tw_buckets": 1_000},
        cohorts=(Cohort("TIME_WAIT", 1_000),),
    ),
    Fault(
        "time-wait-refused",
        "200 closes a second, and room for fifty TIME_WAIT",
        "time-wait-refused",
        "warning",
        settings={"net.ipv4.tcp_max_tw_buckets": 50},
        loads=(Load(seconds=30, rate=200),),
        once=_many_time_wait,
        interval_s=1,
    ),
    Fault(
        "time-wait-with-room",
        "200 closes a second, and the limit that the kernel chose",
        "time-wait-refused",
        None,
        loads=(Load(seconds=30, rate=200),),
        once=_many_time_wait,
        interval_s=1,
    ),
)
