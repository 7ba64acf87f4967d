"""Envoy."""

from lastack.doctor.applications.row import Advice, Application

__all__ = ["ENVOY"]

_API = "https://www.envoyproxy.io/docs/envoy/latest/api-v3/config"

ENVOY = Application(
    "Envoy",
    ("envoy",),
    (
        Advice(
            "upstream-keepalive",
            "Take max_requests_per_connection out of the cluster, 1 of which closes after each request; let the idle "
            "timeout be shorter than the upstream's.",
            "cluster, typed_extension_protocol_options",
            ("common_http_protocol_options:", "  idle_timeout: 60s"),
            f"{_API}/core/v3/protocol.proto",
        ),
        Advice(
            "backlog",
            "A longer backlog.",
            "listener",
            ("tcp_backlog_size: 4096",),
            f"{_API}/listener/v3/listener.proto",
        ),
        Advice(
            "accept",
            "Spread accepted connections evenly over the worker threads.",
            "listener",
            ("connection_balance_config:", "  exact_balance: {}"),
            f"{_API}/listener/v3/listener.proto",
        ),
        Advice(
            "close-wait",
            "Let idle connections of clients end.",
            "HTTP connection manager",
            ("common_http_protocol_options:", "  idle_timeout: 300s"),
            "https://www.envoyproxy.io/docs/envoy/latest/faq/configuration/timeouts",
        ),
        Advice(
            "idle",
            "Probe idle connections to the upstream.",
            "cluster",
            (
                "upstream_connection_options:",
                "  tcp_keepalive:",
                "    keepalive_time: 120",
                "    keepalive_interval: 30",
                "    keepalive_probes: 4",
            ),
            f"{_API}/cluster/v3/cluster.proto",
        ),
    ),
)
