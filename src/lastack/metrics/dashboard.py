"""A dashboard for Grafana, one row a panel."""

from typing import Any, Literal, NamedTuple

__all__ = ["PANELS", "Panel", "dashboard"]

_WIDTH, _HEIGHT = 24, 8
_HERE = '{job="$job", instance="$instance"}'


class Panel(NamedTuple):
    """One panel.

    Attributes:
        title: above it.
        kind: ``timeseries``, ``stat`` or ``table``.
        unit: Grafana's id of it.
        queries: (PromQL, legend); ``$here`` selects the host.
        width: of 24 columns.
        stacked: whether the series are piled up.
        text: what to read out of it.
    """

    title: str
    kind: Literal["timeseries", "stat", "table"]
    unit: str
    queries: tuple[tuple[str, str], ...]
    width: int = 12
    stacked: bool = False
    text: str = ""


PANELS = (
    Panel("Findings", "table", "none", (("lastack_finding_info$here", ""),), 12, text="What the doctor finds now."),
    Panel("Sockets", "stat", "short", (("sum(lastack_sockets$here)", ""),), 4),
    Panel(
        "Least ports left",
        "stat",
        "short",
        (("min(lastack_destination_ports_headroom$here)", ""),),
        4,
        text="Of the destination that has the fewest.",
    ),
    Panel("Fullest accept queue", "stat", "percentunit", (("max(lastack_listener_queue_fill$here)", ""),), 4),
    Panel("Sockets by state", "timeseries", "short", (("lastack_sockets$here", "{{state}}"),), stacked=True),
    Panel(
        "Opened and closed first",
        "timeseries",
        "cps",
        (
            ("rate(node_netstat_Tcp_PassiveOpens$here[$__rate_interval])", "came in"),
            ("rate(node_netstat_Tcp_ActiveOpens$here[$__rate_interval])", "tried from here"),
            ("lastack_closes_last_minute$here / 60", "closed first here, opened by {{opened_by}}"),
        ),
        text="A server that closes first has the TIME_WAIT; that is no problem in itself.",
    ),
    Panel(
        "Ports used by destination",
        "timeseries",
        "short",
        (
            ("topk(10, lastack_destination_ports_used$here)", "{{destination}}"),
            ("lastack_ports_available$here", "available to each"),
        ),
    ),
    Panel(
        "Accept queues",
        "timeseries",
        "short",
        (("topk(10, lastack_listener_queue$here)", "{{listener}}"),),
        text="A queue that stays above zero belongs to a program that does not keep up.",
    ),
    Panel(
        "Half-open requests and cookies",
        "timeseries",
        "short",
        (
            ("topk(10, lastack_listener_half_open$here)", "half open, {{listener}}"),
            ("rate(node_netstat_TcpExt_SyncookiesSent$here[$__rate_interval])", "cookies a second"),
        ),
    ),
    Panel("CLOSE_WAIT by program", "timeseries", "short", (("topk(10, lastack_close_wait$here)", "{{process}}"),)),
    Panel(
        "What goes wrong, a second",
        "timeseries",
        "cps",
        tuple(
            (f"rate(node_netstat_{name}$here[$__rate_interval])", name)
            for name in (
                "TcpExt_ListenOverflows",
                "TcpExt_ListenDrops",
                "TcpExt_TCPReqQFullDrop",
                "TcpExt_TCPTimeWaitOverflow",
                "TcpExt_TCPAbortOnMemory",
                "TcpExt_TCPAbortOnTimeout",
                "Tcp_AttemptFails",
                "Tcp_EstabResets",
                "Tcp_RetransSegs",
            )
        ),
    ),
    Panel(
        "TIME_WAIT and its limit",
        "timeseries",
        "short",
        (
            ("lastack_time_wait_mini_sockets$here", "counted against the limit"),
            ("lastack_time_wait_limit$here", "tcp_max_tw_buckets"),
        ),
    ),
    Panel(
        "What a scrape costs",
        "timeseries",
        "s",
        (
            ("lastack_scrape_duration_seconds$here", "time"),
            ("lastack_scrape_cpu_seconds$here", "CPU time"),
            ("lastack_detail_cpu_seconds$here", "CPU time to tell sockets apart"),
        ),
    ),
)


def dashboard() -> dict[str, Any]:
    """The dashboard as Grafana imports it."""
    return {
        "title": "lastack: TCP of a host",
        "uid": "lastack-host",
        "tags": ["lastack", "tcp"],
        "schemaVersion": 39,
        "editable": True,
        "graphTooltip": 1,
        "refresh": "30s",
        "time": {"from": "now-6h", "to": "now"},
        "templating": {"list": [_DATASOURCE, _variable("job", "lastack_exact"), _variable("instance", _OF_JOB)]},
        "panels": _placed(),
    }


_OF_JOB = 'lastack_exact{job="$job"}'
_SOURCE = {"type": "prometheus", "uid": "${datasource}"}
_DATASOURCE = {"name": "datasource", "type": "datasource", "query": "prometheus", "label": "Prometheus"}


def _variable(name: str, of: str) -> dict[str, Any]:
    query = {"query": f"label_values({of}, {name})", "refId": name}
    return {"name": name, "type": "query", "datasource": _SOURCE, "query": query, "refresh": 2, "sort": 1}


def _placed() -> list[dict[str, Any]]:
    """The panels, from left to right and from top to bottom."""
    found: list[dict[str, Any]] = []
    x = y = 0
    for number, panel in enumerate(PANELS, 1):
        if x + panel.width > _WIDTH:
            x, y = 0, y + _HEIGHT
        found.append(_panel(number, panel) | {"gridPos": {"x": x, "y": y, "w": panel.width, "h": _HEIGHT}})
        x += panel.width
    return found


def _panel(number: int, panel: Panel) -> dict[str, Any]:
    instant = panel.kind != "timeseries"
    targets = [
        {
            "refId": chr(ord("A") + at),
            "datasource": _SOURCE,
            "expr": expression.replace("$here", _HERE),
            "legendFormat": legend,
            "instant": instant,
            "range": not instant,
            "format": "table" if panel.kind == "table" else "time_series",
        }
        for at, (expression, legend) in enumerate(panel.queries)
    ]
    custom = {"stacking": {"mode": "normal"}, "fillOpacity": 30} if panel.stacked else {}
    return {
        "id": number,
        "title": panel.title,
        "type": panel.kind,
        "description": panel.text,
        "datasource": _SOURCE,
        "targets": targets,
        "fieldConfig": {"defaults": {"unit": panel.unit, "custom": custom}, "overrides": []},
    }
