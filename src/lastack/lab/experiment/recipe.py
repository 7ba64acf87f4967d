"""The article's recipe, line by line: what each of its seven settings does alone, and what is missed without it."""

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import NamedTuple

from lastack.errors import RefusedError
from lastack.lab.experiment.arm import BASELINE, Arm
from lastack.lab.experiment.experiment import Experiment, Result, Step, conduct
from lastack.lab.experiment.run import Run, obstacles
from lastack.lab.workloads.workload import Knobs, Workload

__all__ = [
    "ALL",
    "ARTICLE_TIME_WAIT",
    "LINES",
    "STAGES",
    "Stage",
    "alone",
    "conduct_recipe",
    "missing_lines",
    "recipe_arms",
    "without",
]

LINES: dict[str, str] = {
    "net.ipv4.tcp_syncookies": "1",
    "net.ipv4.tcp_tw_reuse": "1",
    "net.ipv4.tcp_tw_recycle": "1",
    "net.ipv4.tcp_max_tw_buckets": "5000",
    "net.ipv4.tcp_max_syn_backlog": "8192",
    "net.ipv4.tcp_keepalive_time": "1200",
    "net.ipv4.ip_local_port_range": "1024 65000",
}
ALL = "all seven"
ARTICLE_TIME_WAIT = 682  # after the recipe, as the article has it; 25,087 before

_COLUMNS = ("end.TIME_WAIT", "failed", "resets", "counter.TcpExt.TCPTimeWaitOverflow")

# A tenth of the ports: of each thousand, connect() may have the first hundred. With all of them a run takes minutes,
# for a search among ports in TIME_WAIT costs milliseconds.
_TENTH: dict[str, str | int] = {
    "net.ipv4.ip_local_reserved_ports": ",".join(f"{first + 100}-{first + 999}" for first in range(1000, 65_000, 1000))
}


class Stage(NamedTuple):
    """A workload that the recipe goes through.

    Attributes:
        title: of its table.
        workload: what happens.
        remedies: what does not stand in the article; tried beside it.
        columns: the metrics of its table, which alone are judged.
        scaled: lines with another value here, where the load is a part of a real one.
        most_time_wait: what a remedy may leave: the article's 682, or the load's part of it.
    """

    title: str
    workload: Workload
    remedies: Sequence[Arm]
    columns: Sequence[str] = _COLUMNS
    scaled: Mapping[str, str] = MappingProxyType({})
    most_time_wait: int = ARTICLE_TIME_WAIT


STAGES = (
    Stage(
        "Web server that closes first",
        Workload(
            about="The article's number of connections, 25,087, each with one request; the server closes first, and "
            "its peers 0.1 s later.",
            kind="visitors",
            knobs=Knobs(requests=25_087, seconds=20.0, concurrency=2_000, peers=64, peer_close_delay_s=0.1),
            headline=["end.TIME_WAIT"],
        ),
        (
            Arm(name="keep-alive: 50 requests a connection", application={"keepalive": "50"}),
            Arm(name="the peers close first", application={"closer": "peer"}),
        ),
    ),
    Stage(
        "Proxy to one upstream",
        Workload(
            about="A tenth of a busy proxy: 5,000 requests at 1,500 a second, each over a new connection to one "
            "upstream. Nine of ten local ports are reserved in every arm, which leaves 2,800 of the default range; "
            "tcp_max_tw_buckets is 500 instead of 5000.",
            kind="relay",
            knobs=Knobs(requests=5_000, rate=1_500, seconds=30.0, concurrency=32, keepalive=50),
            settings=_TENTH,
            headline=["answered"],
        ),
        (
            Arm(name="upstream keep-alive: 32 idle connections", application={"upstream_keepalive": "32"}),
            Arm(name="four upstream ports", application={"destinations": "4"}),
        ),
        ("answered", *_COLUMNS),
        {"net.ipv4.tcp_max_tw_buckets": "500"},
        ARTICLE_TIME_WAIT // 10,
    ),
    Stage(
        "Burst of half-open handshakes",
        Workload(
            about="4,000 SYNs a second whose handshakes never finish, and 200 peers a second that mean it.",
            kind="visitors",
            knobs=Knobs(requests=300, rate=200, seconds=1.5, backlog=128, half_open_per_s=4_000),
            headline=["answered"],
        ),
        (Arm(name="backlog 4096", application={"backlog": "4096"}),),
        ("peak.SYN_RECV", "answered", "failed", "resets", "counter.TcpExt.SyncookiesSent"),
    ),
)


def alone(key: str) -> str:
    """The name of the arm that has this line only."""
    return f"{key.rpartition('.')[2]} alone"


def without(key: str) -> str:
    """The name of the arm that has all lines but this one."""
    return f"all but {key.rpartition('.')[2]}"


def missing_lines() -> dict[str, RefusedError]:
    """The lines that this kernel has no setting for, or refuses, with its words."""
    workloads = [Workload(about="", kind="visitors", settings={key: value}) for key, value in LINES.items()]
    return {key: error for key, error in zip(LINES, obstacles(workloads), strict=True) if error is not None}


def recipe_arms(missing: Mapping[str, RefusedError], scaled: Mapping[str, str] | None = None) -> list[Arm]:
    """The baseline, each line alone, all together, and all but one; without the lines that this kernel refuses.

    Args:
        missing: setting to the kernel's refusal.
        scaled: lines that have another value.
    """
    present = {key: value for key, value in {**LINES, **(scaled or {})}.items() if key not in missing}
    each = [Arm(name=alone(key), settings={key: value}) for key, value in present.items()]
    but_one = [
        Arm(name=without(key), settings={other: value for other, value in present.items() if other != key})
        for key in present
    ]
    return [BASELINE, *each, Arm(name=ALL, settings=present), *but_one]


def conduct_recipe(
    stage: Stage,
    missing: Mapping[str, RefusedError],
    blocks: int,
    run: Callable[[Arm, Workload], Run],
    progress: Callable[[Step], None] = lambda _: None,
    stopped: Callable[[], bool] = lambda: False,
) -> Result:
    """One stage: every arm in every block, and of its metrics those of its columns.

    Args:
        stage: which.
        missing: as for ``recipe_arms``.
        blocks: runs of each arm.
        run: runs an arm once.
        progress: told before each run.
        stopped: asked before each run whether to end as if interrupted.
    """
    arms = [*recipe_arms(missing, stage.scaled), *stage.remedies]

    def narrowed(arm: Arm) -> Run:
        """A run with the stage's own metrics alone: the fewer are judged, the fewer runs tell."""
        whole = run(arm, arm.applied_to(stage.workload))
        values = {name: whole.values.get(name, 0.0) for name in stage.columns}
        return Run(arm=whole.arm, values=values, looks=whole.looks, behind=whole.behind)

    experiment = Experiment(arms=arms, headline=stage.workload.headline, blocks=blocks, pooled=True)
    return conduct(experiment, narrowed, progress, stopped)
