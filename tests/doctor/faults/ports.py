"""Local ports: used up, churned through, bound, or merely many."""

from lastack.lab import Cohort, Load
from lastack.model.sample import Sample
from tests.doctor.faults.fault import Fault, Program

__all__ = ["FAULTS"]

# Seven services that accept, and close once their client has.
_SERVICES = """
import selectors, socket, sys
ready = selectors.DefaultSelector()
for port in range(9000, 9007):
    ready.register(socket.create_server((sys.argv[2], port), backlog=100), selectors.EVENT_READ, True)
print("ready", flush=True)
while True:
    for key, _ in ready.select():
        if key.data:
            ready.register(key.fileobj.accept()[0], selectors.EVENT_READ, False)
        else:
            ready.unregister(key.fileobj)
            key.fileobj.close()
"""
# 64 connections to each, in turn; this end closes first.
_CLIENT = """
import socket, sys, time
for number in range(448):
    with socket.socket() as client:
        {bind}
        client.connect((sys.argv[2], 9000 + number % 7))
print("ready", flush=True)
time.sleep(600)
"""
_BINDING = _CLIENT.format(bind="client.bind((sys.argv[1], 0))")
_CONNECTING = _CLIENT.format(bind="pass")

# 504 ports.
_NARROW = {"net.ipv4.ip_local_port_range": "40000 40503"}
_RANGE_OF_4000 = {"net.ipv4.ip_local_port_range": "40000 43999"}

# 450 connections in a little more than two seconds.
_CHURN = Load(seconds=2.25, rate=200, opener="server", closer="server", port=9000)


def _closed(sample: Sample, count: int) -> bool:
    return sum(cohort.count for cohort in sample.cohorts if cohort.state == "TIME_WAIT") >= count


def _older_than_ten_seconds(sample: Sample) -> bool:
    return all(min(cohort.closes, default=0) > 10 for cohort in sample.cohorts if cohort.state == "TIME_WAIT")


FAULTS = (
    Fault(
        "ports-used-up",
        "a hundred local ports, all in TIME_WAIT towards one upstream",
        "ephemeral-ports",
        "critical",
        settings={"net.ipv4.ip_local_port_range": "40000 40099"},
        cohorts=(Cohort("TIME_WAIT", 100, active=True, port=5432),),
    ),
    Fault(
        "ports-held",
        "85 of 100 local ports in use at once towards one database",
        "ephemeral-ports",
        "warning",
        settings={"net.ipv4.ip_local_port_range": "40000 40099"},
        cohorts=(Cohort("ESTABLISHED", 85, active=True, port=5432),),
    ),
    Fault(
        "time-wait-of-a-server",
        "25,087 TIME_WAIT on a server's own port",
        "time-wait",
        None,
        cohorts=(Cohort("LISTEN", 1), Cohort("TIME_WAIT", 25_087), Cohort("ESTABLISHED", 1_070)),
    ),
    Fault(
        "as-many-on-a-servers-port",
        "a hundred TIME_WAIT on a server's port, and a range of a hundred ports",
        "ephemeral-ports",
        None,
        settings={"net.ipv4.ip_local_port_range": "40000 40099"},
        cohorts=(Cohort("LISTEN", 1), Cohort("TIME_WAIT", 100)),
    ),
    Fault(
        "closes-spread",
        "1,600 connections a second, spread over eight destinations: more closes a minute than there are ports",
        "ephemeral-ports",
        None,
        loads=(Load(seconds=4, rate=1_600, opener="server", closer="server", port=9000, processes=8),),
        once=lambda sample: _closed(sample, 4_000),
    ),
    Fault(
        "ports-bound",
        "448 connections to seven destinations, each bound to an address before connect(), and 504 ports",
        "bound-ports",
        "warning",
        settings=_NARROW,
        programs=(Program(_SERVICES, "client"), Program(_BINDING)),
        once=lambda sample: _closed(sample, 430),
    ),
    Fault(
        "ports-of-connect",
        "448 connections to seven destinations, their ports chosen by connect(), and 504 ports",
        "bound-ports",
        None,
        settings=_NARROW,
        programs=(Program(_SERVICES, "client"), Program(_CONNECTING)),
        once=lambda sample: _closed(sample, 430),
    ),
    Fault(
        "ports-shared",
        "448 connections to seven destinations, bound to 64 ports that they share (SO_REUSEADDR)",
        "bound-ports",
        None,
        settings=_NARROW,
        cohorts=tuple(Cohort("ESTABLISHED", 64, active=True, port=9000 + number) for number in range(7)),
    ),
    Fault(
        "upstream-without-keep-alive",
        "a proxy that opens a connection for each request, and will have spent half of the ports",
        "upstream-keep-alive",
        "warning",
        settings=_RANGE_OF_4000,
        loads=(_CHURN,),
        once=lambda sample: _closed(sample, 400),
    ),
    Fault(
        "upstream-without-keep-alive-and-ports-to-spare",
        "the same rate, and 28,232 ports",
        "upstream-keep-alive",
        "notice",
        loads=(_CHURN,),
        once=lambda sample: _closed(sample, 400),
    ),
    Fault(
        "upstream-with-a-pool",
        "connections that are used for seconds, with some turnover",
        "upstream-keep-alive",
        None,
        settings=_RANGE_OF_4000,
        loads=(Load(seconds=30, rate=60, hold_s=2.5, opener="server", closer="server", port=9000),),
        once=lambda sample: _closed(sample, 110),
    ),
    Fault(
        "client-closes-first",
        "a client that closes first and has a third of its ports in TIME_WAIT",
        "close-order",
        "notice",
        settings={"net.ipv4.ip_local_port_range": "40000 40999"},
        cohorts=(Cohort("TIME_WAIT", 330, active=True, port=5432),),
        once=_older_than_ten_seconds,
    ),
    Fault(
        "server-closes-first",
        "a server that closes first, 200 times a second",
        "close-order",
        None,
        loads=(Load(seconds=30, rate=200),),
        once=lambda sample: _closed(sample, 200),
    ),
)
