"""Opening and talking: destinations that do not answer or refuse, peers that are gone, deaf, or cut off."""

from lastack.lab import Cohort, Load
from lastack.model.sample import Sample
from tests.doctor.faults.fault import Fault, Program

__all__ = ["FAULTS"]

# Fifty attempts a second, each so many times to a port where nobody listens.
_TRYING = """
import socket, sys, time
print("ready", flush=True)
number = 0
while True:
    number += 1
    with socket.socket() as client:
        client.connect_ex((sys.argv[2], 9001 if number % {every} == 0 else 9000))
    time.sleep(0.02)
"""
_SERVICE = """
import socket, sys
server = socket.create_server((sys.argv[2], 9000), backlog=100)
print("ready", flush=True)
while True:
    server.accept()[0].close()
"""
# Answers each connection, and closes it without having read the request, or by SO_LINGER 0.
_RUDE = """
import socket, struct, sys
server = socket.create_server((sys.argv[1], 8443), backlog=100)
print("ready", flush=True)
while True:
    end = server.accept()[0]
    {wait}
    end.close()
"""
_UNREAD = _RUDE.format(wait="end.recv(1, socket.MSG_PEEK)")
_LINGER = _RUDE.format(
    wait='end.recv(100); end.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))'
)
_POLITE = _RUDE.format(wait="end.recv(100)")
_ASKING = """
import contextlib, socket, sys, time
print("ready", flush=True)
while True:
    with contextlib.suppress(ConnectionError), socket.create_connection((sys.argv[1], 8443)) as client:
        client.send(b"GET / HTTP/1.0")
        client.recv(100)
    time.sleep(0.02)
"""
# Sixty connections, a byte on each five times a second, whether there is an answer or not.
_CHATTY = """
import socket, sys, time
server = socket.create_server((sys.argv[1], 8443), backlog=100)
print("ready", flush=True)
ends = [server.accept()[0] for _ in range(60)]
for end in ends:
    end.setblocking(False)
while True:
    for end in ends:
        end.send(b"x")
    time.sleep(0.2)
"""
_LISTENING = """
import socket, sys, time
ends = [socket.create_connection((sys.argv[1], 8443)) for _ in range(60)]
print("ready", flush=True)
while True:
    for end in ends:
        end.recv(100)
"""
# Sends to each of 150 connections until there is no room.
_SENDER = """
import socket, sys, time
server = socket.create_server((sys.argv[1], 8443), backlog=1000)
print("ready", flush=True)
ends = []
for _ in range(150):
    end = server.accept()[0]
    end.setblocking(False)
    ends.append(end)
    try:
        while True:
            end.send(bytes(65536))
    except BlockingIOError:
        pass
time.sleep(600)
"""
# Of 150 connections, so many are never read from.
_READING = """
import selectors, socket, sys
ready = selectors.DefaultSelector()
ends = []
for number in range(150):
    end = socket.socket()
    end.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    end.connect((sys.argv[1], 8443))
    ends.append(end)
    if number >= {deaf}:
        ready.register(end, selectors.EVENT_READ)
print("ready", flush=True)
while True:
    for key, _ in ready.select():
        key.fileobj.recv(1 << 20)
"""
# Closes what it has accepted, and so has the TIME_WAIT.
_CLOSING_FIRST = """
import socket, sys
server = socket.create_server((sys.argv[1], 8443), backlog=1000)
print("ready", flush=True)
while True:
    server.accept()[0].close()
"""
# A hundred ports of one address, each used again and again, as a NAT does: by one host, or in turn by two whose clocks
# are apart, as a clock with an offset of the connection's own (1) is from one without (2).
_FEW_PORTS = """
import contextlib, socket, sys, time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
def visit(port):
    with contextlib.suppress(OSError), socket.socket() as client:
        client.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        client.settimeout(2)
        client.bind((sys.argv[2], port))
        client.connect((sys.argv[1], 8443))
        client.recv(1)
clock = Path("/proc/sys/net/ipv4/tcp_timestamps")
crowd = ThreadPoolExecutor(100)
print("ready", flush=True)
while True:
    for host in "{hosts}":
        clock.write_text(host)
        list(crowd.map(visit, range(20000, 20100)))
        time.sleep(0.2)
"""
# Twenty connections with a byte each way twenty times a second; on each, every so often, a segment from a minute ago.
_ECHO = """
import selectors, socket, sys
server = socket.create_server((sys.argv[1], 8443), backlog=100)
print("ready", flush=True)
ready = selectors.DefaultSelector()
for _ in range(20):
    ready.register(server.accept()[0], selectors.EVENT_READ)
while True:
    for key, _ in ready.select():
        key.fileobj.send(key.fileobj.recv(100))
"""
_MIXED_CLOCKS = """
import itertools, socket, sys, time
from lastack.lab.claims.segment import ACK, PSH, Segment
raw = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_RAW)
ends = [socket.create_connection((sys.argv[1], 8443)) for _ in range(20)]
print("ready", flush=True)
TCP_TIMESTAMP = 24
for turn in itertools.count(1):
    for number, end in enumerate(ends):
        end.send(b"x")
        if (20 * turn + number) % {every} == 0:
            stamp = (end.getsockopt(socket.IPPROTO_TCP, TCP_TIMESTAMP) - 60000) % 2**32
            old = Segment(end.getsockname(), end.getpeername(), PSH | ACK, 1, 1, (stamp, 0), payload=b"x")
            raw.sendto(old.packet(), (sys.argv[1], 0))
        end.recv(100)
    time.sleep(0.05)
"""


def _syns_again(sample: Sample) -> int:
    return sum(cohort.retried for cohort in sample.cohorts if cohort.state == "SYN_SENT")


def _silent(sample: Sample) -> int:
    return sum(cohort.retried for cohort in sample.cohorts if cohort.state == "ESTABLISHED")


def _clock_is_kept(sample: Sample) -> bool:
    """Every connection has stamps to compare with: those of its first second are not kept."""
    return sample.counters["TcpExt"]["PAWSEstab"] > 0 or sample.counters["Tcp"]["InSegs"] > 1000


def _each_port_once(sample: Sample) -> bool:
    """A TIME_WAIT for each port."""
    return sample.sockstat["TCP"]["tw"] >= 100


def _without_room(sample: Sample) -> int:
    return sum(cohort.probed for cohort in sample.cohorts if cohort.state == "ESTABLISHED")


def _at_rest(sample: Sample) -> bool:
    """Every connection is made."""
    return sum(cohort.count for cohort in sample.cohorts if cohort.state == "ESTABLISHED") >= 60


FAULTS = (
    Fault(
        "dead-upstream",
        "40 connections to an upstream that does not answer",
        "syn-sent",
        "critical",
        cohorts=(Cohort("SYN_SENT", 40, port=9000, remote="198.18.0.9"),),
        once=lambda sample: _syns_again(sample) >= 40,
    ),
    Fault(
        "upstream-that-drops-some",
        "40 connections without an answer to an upstream that has answered 30 others",
        "syn-sent",
        "warning",
        cohorts=(
            Cohort("ESTABLISHED", 30, active=True, port=9000, remote="198.18.0.9"),
            Cohort("SYN_SENT", 40, port=9000, remote="198.18.0.9"),
        ),
        once=lambda sample: _syns_again(sample) >= 40,
    ),
    Fault(
        "lost-syns-here-and-there",
        "30 SYNs without an answer, three to each of ten services",
        "syn-sent",
        None,
        cohorts=tuple(Cohort("SYN_SENT", 3, port=9000 + number) for number in range(10)),
        once=lambda sample: _syns_again(sample) >= 30,
    ),
    Fault(
        "refused",
        "a program that tries again and again to reach a service that is down",
        "refused-connects",
        "warning",
        programs=(Program(_SERVICE, "client"), Program(_TRYING.format(every=2))),
        interval_s=1,
    ),
    Fault(
        "refused-now-and-then",
        "one attempt in 25 refused",
        "refused-connects",
        None,
        programs=(Program(_SERVICE, "client"), Program(_TRYING.format(every=25))),
        interval_s=1,
    ),
    Fault(
        "closed-with-unread-data",
        "a program that closes without reading the request",
        "resets",
        "warning",
        programs=(Program(_UNREAD), Program(_ASKING, "client")),
        interval_s=1,
    ),
    Fault(
        "closed-by-linger-0",
        "a program that sets SO_LINGER to 0",
        "resets",
        "notice",
        programs=(Program(_LINGER), Program(_ASKING, "client")),
        interval_s=1,
    ),
    Fault(
        "closed-politely",
        "the same requests, read before close()",
        "resets",
        None,
        programs=(Program(_POLITE), Program(_ASKING, "client")),
        interval_s=1,
    ),
    Fault(
        "clients-that-are-cut-off",
        "sixty open connections whose clients have been out of reach for a while",
        "unacknowledged",
        "warning",
        programs=(Program(_CHATTY), Program(_LISTENING, "client")),
        cut=True,
        once=lambda sample: _silent(sample) >= 60,
    ),
    Fault(
        "clients-that-answer",
        "the same sixty, in reach",
        "unacknowledged",
        None,
        programs=(Program(_CHATTY), Program(_LISTENING, "client")),
        once=_at_rest,
    ),
    Fault(
        "peers-that-do-not-read",
        "120 of 150 peers whose window stays closed",
        "zero-window",
        "warning",
        programs=(Program(_SENDER), Program(_READING.format(deaf=120), "client")),
        once=lambda sample: _without_room(sample) >= 120,
    ),
    Fault(
        "slow-readers",
        "ten of 150 peers whose window is closed",
        "zero-window",
        None,
        programs=(Program(_SENDER), Program(_READING.format(deaf=10), "client")),
        once=lambda sample: _without_room(sample) >= 10,
    ),
    Fault(
        "two-clocks-behind-one-address",
        "a NAT with two hosts and few ports; their clocks are apart, and tcp_rfc1337 is 1",
        "older-timestamps",
        "warning",
        settings={"net.ipv4.tcp_rfc1337": 1},
        programs=(Program(_CLOSING_FIRST), Program(_FEW_PORTS.format(hosts="12"), "client")),
        once=_each_port_once,
        interval_s=5,
    ),
    Fault(
        "two-clocks-that-get-in",
        "the same with tcp_rfc1337 = 0: each attempt that is refused gets in with its next SYN",
        "older-timestamps",
        "notice",
        programs=(Program(_CLOSING_FIRST), Program(_FEW_PORTS.format(hosts="12"), "client")),
        once=_each_port_once,
        interval_s=2,
    ),
    Fault(
        "one-clock-behind-one-address",
        "the same ports used again as fast by one host, with tcp_rfc1337 = 1",
        "older-timestamps",
        None,
        settings={"net.ipv4.tcp_rfc1337": 1},
        programs=(Program(_CLOSING_FIRST), Program(_FEW_PORTS.format(hosts="1"), "client")),
        once=_each_port_once,
        interval_s=2,
    ),
    Fault(
        "timestamps-rewritten",
        "one segment in five that comes with a clock a minute behind",
        "older-timestamps",
        "warning",
        programs=(Program(_ECHO), Program(_MIXED_CLOCKS.format(every=5), "client")),
        once=_clock_is_kept,
        interval_s=2,
    ),
    Fault(
        "late-duplicates",
        "one in three hundred, as duplicates that were long on their way",
        "older-timestamps",
        None,
        programs=(Program(_ECHO), Program(_MIXED_CLOCKS.format(every=301), "client")),
        once=_clock_is_kept,
        interval_s=2,
    ),
    Fault(
        "busy-service",
        "300 connections a second that clients open and close",
        "resets",
        None,
        loads=(Load(seconds=30, rate=300, closer="client"),),
        interval_s=1,
    ),
)
