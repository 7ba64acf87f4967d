"""Samples made by hand: a healthy, idle host unless said otherwise."""

from typing import Any

from msgspec.structs import replace

from lastack.model.model import Model
from lastack.model.sample import Cohort, Listener, Sample

# What Linux 6.18 says in a fresh namespace.
SETTINGS = {
    "net.core.somaxconn": "4096",
    "net.ipv4.ip_local_port_range": "32768 60999",
    "net.ipv4.ip_local_reserved_ports": "",
    "net.ipv4.tcp_abort_on_overflow": "0",
    "net.ipv4.tcp_ehash_entries": "-262144",
    "net.ipv4.tcp_fin_timeout": "60",
    "net.ipv4.tcp_keepalive_intvl": "75",
    "net.ipv4.tcp_keepalive_probes": "9",
    "net.ipv4.tcp_keepalive_time": "7200",
    "net.ipv4.tcp_max_syn_backlog": "2048",
    "net.ipv4.tcp_max_tw_buckets": "131072",
    "net.ipv4.tcp_retries2": "15",
    "net.ipv4.tcp_syn_retries": "6",
    "net.ipv4.tcp_synack_retries": "5",
    "net.ipv4.tcp_syncookies": "1",
    "net.ipv4.tcp_timestamps": "1",
    "net.ipv4.tcp_tw_reuse": "2",
    "net.ipv4.tcp_tw_reuse_delay": "1000",
}

# 60,999 - 32,768 + 1.
DEFAULT_PORTS = 28_232

UPSTREAM = {"role": "active", "local": "10.0.0.1", "remote": "10.0.0.2", "remote_port": 8080}
SERVED = {"role": "passive", "local": "10.0.0.1", "local_port": 80}


def cohort(state: str, count: int, **fields: Any) -> Cohort:  # noqa: ANN401 - the fields of Cohort
    """A cohort; an IPv4 one unless said otherwise."""
    fields.setdefault("family", 4)
    return Cohort(state=state, count=count, **fields)


def closed(per_second: dict[int, int], **fields: Any) -> Cohort:  # noqa: ANN401 - the fields of Cohort
    """TIME_WAIT sockets by seconds since their close."""
    return cohort("TIME_WAIT", sum(per_second.values()), closes=per_second, **fields)


def listener(port: int = 80, **fields: Any) -> Listener:  # noqa: ANN401 - the fields of Listener
    """A listener with an empty queue."""
    defaults: dict[str, Any] = {"family": 4, "address": "0.0.0.0", "queue": 0, "backlog": 128}
    return Listener(port=port, **defaults | fields)


def sample(*cohorts: Cohort, settings: dict[str, str | None] | None = None, **fields: Any) -> Sample:  # noqa: ANN401 - the fields of Sample
    """A sample of some cohorts; a setting that is None is one that this kernel does not show."""
    merged = SETTINGS | (settings or {})
    defaults: dict[str, Any] = {
        "taken_at": "2026-03-01T12:00:00Z",
        "uptime_s": 1000.0,
        "host": "web1",
        "kernel": "6.18.0",
        "boot_id": "b0",
        "netns": "net:[4026531840]",
        "source": "sock_diag",
        "cohorts": list(cohorts),
        "has_timers": True,
        "listeners": [],
        "bound_ports": [],
        "files": [],
        "promises": [],
        "sockstat": {"TCP": {"orphan": 0, "mem": 1}},
        "memory_pressure": False,
        "settings": {name: value for name, value in merged.items() if value is not None},
    }
    return Sample(**defaults | fields)


def model(*cohorts: Cohort, **fields: Any) -> Model:  # noqa: ANN401 - the fields of Sample
    """The model of one sample."""
    return Model.of(sample(*cohorts, **fields))


def later(before: Sample, now: Sample, seconds: float = 10.0, **deltas: int) -> Model:
    """The model of two samples so far apart, the named counters of TcpExt (``Tcp_...``: of Tcp) gone so much on."""
    start: dict[str, dict[str, int]] = {"TcpExt": {}, "Tcp": {}}
    end: dict[str, dict[str, int]] = {"TcpExt": {}, "Tcp": {}}
    for name, delta in deltas.items():
        group = "Tcp" if name.startswith("Tcp_") else "TcpExt"
        start[group][name.removeprefix("Tcp_")] = 1000
        end[group][name.removeprefix("Tcp_")] = 1000 + delta
    return Model.of(
        replace(now, uptime_s=1000.0 + seconds, counters=end), replace(before, uptime_s=1000.0, counters=start)
    )


def article() -> Sample:
    """The census of a busy web server before somebody tuned it: everything was opened by its clients."""
    held = {"LAST_ACK": 7, "FIN_WAIT1": 17, "FIN_WAIT2": 247, "CLOSING": 4, "SYN_RECV": 2}
    open_ones = {"CLOSE_WAIT": 125, "ESTABLISHED": 1070}
    # 25,087 closes in a minute: 418 a second for 59 of them (24,662), 425 in the oldest.
    closes = dict.fromkeys(range(59), 418) | {59: 25_087 - 59 * 418}
    return sample(
        *[cohort(state, count, **SERVED, orphan=state != "SYN_RECV") for state, count in held.items()],
        *[cohort(state, count, **SERVED, process="httpd/812", uid=33) for state, count in open_ones.items()],
        closed(closes, **SERVED),
        listeners=[listener(port, process="httpd/812") for port in range(80, 89)],
        sockstat={"TCP": {"inuse": 1234, "orphan": 275, "tw": 25_087 + 247, "alloc": 1500, "mem": 400}},
    )
