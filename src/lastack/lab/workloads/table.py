"""The workloads that come with lastack: one row each."""

from lastack.lab.workloads.workload import Knobs, Workload

__all__ = ["WORKLOADS"]

_NARROW: dict[str, str | int] = {"net.ipv4.ip_local_port_range": "40000 41999"}

WORKLOADS: dict[str, Workload] = {
    "server-closes-first": Workload(
        about="A web server without keep-alive: peers connect, ask once, and the server closes first.",
        kind="visitors",
        knobs=Knobs(requests=10_000, rate=4_000, peers=64, concurrency=1_000, peer_close_delay_s=0.1),
        headline=["end.TIME_WAIT", "answered_per_s"],
    ),
    "one-destination": Workload(
        about="A client of one destination with 2,000 local ports, which closes first.",
        kind="visitors",
        knobs=Knobs(opener="host", requests=1_000_000, seconds=4.0, rate=3_000),
        settings=_NARROW,
        headline=["connections_per_s"],
        towards=" to one destination",
    ),
    "one-destination-default-range": Workload(
        about="The same with the kernel's own port range: 20,000 connections.",
        kind="visitors",
        knobs=Knobs(opener="host", requests=20_000, seconds=8.0),
        headline=["connections_per_s"],
        towards=" to one destination",
    ),
    "proxy": Workload(
        about="A proxy with 2,000 local ports, which opens a connection to its upstream for each request.",
        kind="relay",
        knobs=Knobs(requests=1_000_000, seconds=4.0, rate=1_500, concurrency=32, keepalive=50),
        settings=_NARROW,
        headline=["answered_per_s", "end.TIME_WAIT"],
    ),
    "half-open-burst": Workload(
        about="A listener with a backlog of 128 that gets 4,000 SYNs a second without a third segment, and 200 peers "
        "a second that mean it.",
        kind="visitors",
        knobs=Knobs(requests=600, rate=200, seconds=3.0, backlog=128, half_open_per_s=4_000),
        headline=["answered_per_s"],
    ),
    "slow-accept": Workload(
        about="A program that accepts 200 connections a second of the 400 that come, with a backlog of 64.",
        kind="visitors",
        knobs=Knobs(requests=1_200, rate=400, seconds=3.0, backlog=64, accepts_per_s=200),
        headline=["answered_per_s"],
    ),
    "half-closed-peers": Workload(
        about="A server that closes first, and peers that never do.",
        kind="visitors",
        knobs=Knobs(requests=2_000, rate=500, seconds=5.0, peer_keeps=True),
        headline=["end.FIN_WAIT2"],
    ),
    "vanishing-peers": Workload(
        about="100 connections whose peers vanish without a word while they are idle for 4 seconds.",
        kind="idle",
        knobs=Knobs(requests=100),
        headline=["unnoticed"],
    ),
    "forgetful-nat": Workload(
        about="100 connections, idle for 4 seconds, through a middle that forgets after 2; then each is used again.",
        kind="idle",
        knobs=Knobs(requests=100, forget_s=2.0),
        headline=["lost"],
    ),
    "nginx": Workload(
        about="Real programs: wrk, nginx and a second nginx, with a new upstream connection for each request.",
        kind="nginx",
        knobs=Knobs(seconds=3.0, concurrency=32),
        headline=["answered_per_s", "end.TIME_WAIT"],
    ),
}
