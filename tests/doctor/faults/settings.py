"""Settings of a namespace, and limits of a process."""

from lastack.lab import Cohort, Load
from lastack.model.sample import Sample
from tests.doctor.faults.fault import Fault, Program

__all__ = ["FAULTS"]

# A connection to itself, both ends with SO_KEEPALIVE.
_KEPT_ALIVE = """
import socket, sys, time
listener = socket.create_server((sys.argv[1], 8080))
one = socket.create_connection((sys.argv[1], 8080))
two, _ = listener.accept()
for end in (one, two):
    end.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
print(flush=True)
time.sleep(600)
"""

_FILES = """
import os, resource, socket, sys, time
resource.setrlimit(resource.RLIMIT_NOFILE, ({limit}, {limit}))
listener = socket.create_server((sys.argv[1], 8080))
while len(os.listdir("/proc/self/fd")) <= {count}:
    os.open("/dev/null", os.O_RDONLY)
print(flush=True)
time.sleep(600)
"""

# 14,000 ports towards one destination, and 800 connections a second that this end closes: they last 17 s without reuse,
# long enough for a doctor that a busy machine lets wait.
_CLIENT = {"net.ipv4.ip_local_port_range": "40000 53999", "net.ipv4.tcp_tw_reuse": 1}
_CALLS = (Load(seconds=60, rate=800, opener="server", closer="server", port=8080),)


def _many_time_wait(sample: Sample) -> bool:
    """More than a quarter of the ports, so that many connections meet one that is old enough."""
    return sum(cohort.count for cohort in sample.cohorts if cohort.state == "TIME_WAIT") >= 3600


def _kept_alive(sample: Sample) -> bool:
    return sum(cohort.kept_alive for cohort in sample.cohorts) == 2


FAULTS = (
    Fault(
        "service-in-the-range",
        "a service listens inside of a range that was widened to 1024",
        "listeners-in-range",
        "notice",
        cohorts=(Cohort("LISTEN", 1, port=8080),),
        settings={"net.ipv4.ip_local_port_range": "1024 65535"},
    ),
    Fault(
        "service-reserved",
        "the same, its port reserved",
        "listeners-in-range",
        None,
        cohorts=(Cohort("LISTEN", 1, port=8080),),
        settings={"net.ipv4.ip_local_port_range": "1024 65535", "net.ipv4.ip_local_reserved_ports": "8080"},
    ),
    Fault(
        "fin-timeout-long",
        "tcp_fin_timeout is 90, and FIN_WAIT2 lasts 60 s",
        "fin-timeout",
        "notice",
        settings={"net.ipv4.tcp_fin_timeout": 90},
    ),
    Fault(
        "fin-timeout-short",
        "tcp_fin_timeout is 15, and orphans wait for the peers' FINs",
        "fin-timeout",
        None,
        cohorts=(Cohort("FIN_WAIT2", 30, kind="orphan"),),
        settings={"net.ipv4.tcp_fin_timeout": 15},
    ),
    Fault(
        "keepalive-without-probes",
        "tcp_keepalive_probes is 0 under connections with SO_KEEPALIVE",
        "keepalive-probes",
        "warning",
        settings={"net.ipv4.tcp_keepalive_probes": 0},
        programs=(Program(_KEPT_ALIVE),),
        once=_kept_alive,
    ),
    Fault(
        "keepalive-probes-late",
        "idle connections with SO_KEEPALIVE, whose first probe is two hours away",
        "keepalive-probes",
        None,
        programs=(Program(_KEPT_ALIVE),),
        once=_kept_alive,
    ),
    Fault(
        "files-gone",
        "a process that has opened all the files that it may",
        "open-files",
        "critical",
        programs=(Program(_FILES.format(limit=128, count=127)),),
    ),
    Fault(
        "files-few-left",
        "a process with 110 of 128 files open",
        "open-files",
        "warning",
        programs=(Program(_FILES.format(limit=128, count=110)),),
    ),
    Fault(
        "files-many-of-more",
        "a process with 900 of 4,096 files open",
        "open-files",
        None,
        programs=(Program(_FILES.format(limit=4096, count=900)),),
    ),
    Fault(
        "cookies-without-timestamps",
        "SYN cookies where tcp_timestamps is 0",
        "cookie-options",
        "notice",
        settings={"net.ipv4.tcp_timestamps": 0},
    ),
    Fault(
        "neither-cookies-nor-timestamps",
        "timestamps off, and no cookies that would need them",
        "cookie-options",
        None,
        settings={"net.ipv4.tcp_timestamps": 0, "net.ipv4.tcp_syncookies": 0},
    ),
    Fault(
        "recipe-of-old",
        "tcp_max_tw_buckets 5000 and tcp_abort_on_overflow 1, as an old recipe has them",
        "hazardous-settings",
        "notice",
        settings={"net.ipv4.tcp_max_tw_buckets": 5000, "net.ipv4.tcp_abort_on_overflow": 1},
    ),
    Fault(
        "recipe-without-harm",
        "tcp_max_tw_buckets raised, tcp_rfc1337 on, tcp_retries2 8",
        "hazardous-settings",
        None,
        settings={
            "net.ipv4.tcp_max_tw_buckets": 400_000,
            "net.ipv4.tcp_retries2": 8,
            "net.ipv4.tcp_rfc1337": 1,
        },
    ),
    Fault(
        "reuse-with-a-peer-without-timestamps",
        "tcp_tw_reuse is 1, the ports run out, and the peer has no timestamps",
        "time-wait-reuse",
        "warning",
        settings=_CLIENT,
        client_settings={"net.ipv4.tcp_timestamps": 0},
        loads=_CALLS,
        once=_many_time_wait,
        interval_s=4,
    ),
    Fault(
        "reuse-at-work",
        "the same, with a peer that has timestamps",
        "time-wait-reuse",
        None,
        settings=_CLIENT,
        loads=_CALLS,
        once=_many_time_wait,
        interval_s=1.5,
    ),
)
