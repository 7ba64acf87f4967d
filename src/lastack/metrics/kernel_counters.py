"""The kernel's own counters, by the names that node_exporter gives them: the same thing has one name."""

from collections.abc import Callable, Iterator

from lastack.metrics.family import Family, Row, Scene, single
from lastack.model.sample import Conntrack
from lastack.settings.counters.rows import COUNTERS

__all__ = ["KERNEL"]


def _counter(group: str, name: str) -> Callable[[Scene], list[Row]]:
    return lambda scene: single(scene.model.counters.get(group, {}).get(name))


def _sockstat(name: str) -> Callable[[Scene], list[Row]]:
    return lambda scene: single(scene.model.sockstat.get("TCP", {}).get(name))


def _conntrack(value: Callable[[Conntrack], int]) -> Callable[[Scene], list[Row]]:
    return lambda scene: single(None if scene.model.conntrack is None else value(scene.model.conntrack))


def _families() -> Iterator[Family]:
    for row in COUNTERS.values():
        if row.source in {"Tcp", "TcpExt"}:
            name = f"node_netstat_{row.source}_{row.name}"
            yield Family(name, "unknown", row.counts, (), _counter(row.source, row.name))
        elif row.source == "sockstat":
            short = row.name.rpartition(".")[2]
            yield Family(f"node_sockstat_TCP_{short}", "gauge", row.counts, (), _sockstat(short))


KERNEL: tuple[Family, ...] = (
    *_families(),
    Family(
        "node_nf_conntrack_entries",
        "gauge",
        "Connections in the table of the connection tracker.",
        (),
        _conntrack(lambda table: table.count),
    ),
    Family(
        "node_nf_conntrack_entries_limit",
        "gauge",
        "How many that table takes.",
        (),
        _conntrack(lambda table: table.max),
    ),
)
