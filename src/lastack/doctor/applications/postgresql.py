"""PostgreSQL, its pooler, and programs that connect to it through libpq."""

from lastack.doctor.applications.row import Advice, Application

__all__ = ["PGBOUNCER", "POSTGRESQL"]

_SERVER = "https://www.postgresql.org/docs/current/runtime-config-connection.html"
_BOUNCER = "https://www.pgbouncer.org/config.html"

POSTGRESQL = Application(
    "PostgreSQL",
    ("postgres", "postmaster"),
    (
        Advice(
            "backlog",
            "The backlog is twice max_connections, at most 10,000; a pooler in front is worth more than either.",
            "postgresql.conf",
            ("max_connections = 400",),
            f"{_SERVER}#GUC-MAX-CONNECTIONS",
        ),
        Advice(
            "accept",
            "A process is started for each connection: let a pooler keep them, and clients keep theirs.",
            "pgbouncer.ini",
            ("pool_mode = transaction", "default_pool_size = 50"),
            f"{_BOUNCER}#pool_mode",
        ),
        Advice(
            "close-wait",
            "Look every ten seconds whether the client of a running query is still there (PostgreSQL 14).",
            "postgresql.conf",
            ("client_connection_check_interval = '10s'",),
            f"{_SERVER}#GUC-CLIENT-CONNECTION-CHECK-INTERVAL",
        ),
        Advice(
            "idle",
            "Probe idle clients after a minute.",
            "postgresql.conf",
            ("tcp_keepalives_idle = 60", "tcp_keepalives_interval = 10", "tcp_keepalives_count = 6"),
            f"{_SERVER}#GUC-TCP-KEEPALIVES-IDLE",
        ),
        Advice(
            "dead-peer",
            "Give up a client that has acknowledged nothing for half a minute.",
            "postgresql.conf",
            ("tcp_user_timeout = 30000",),
            f"{_SERVER}#GUC-TCP-USER-TIMEOUT",
        ),
        Advice(
            "files",
            "Let each process keep more files open, if the kernel allows it.",
            "postgresql.conf",
            ("max_files_per_process = 4096",),
            "https://www.postgresql.org/docs/current/runtime-config-resource.html#GUC-MAX-FILES-PER-PROCESS",
        ),
    ),
)

PGBOUNCER = Application(
    "PgBouncer",
    ("pgbouncer",),
    (
        Advice(
            "upstream-keepalive",
            "Keep server connections: a server_lifetime of 0 uses each but once.",
            "pgbouncer.ini",
            ("pool_mode = transaction", "default_pool_size = 50", "server_lifetime = 3600"),
            f"{_BOUNCER}#server_lifetime",
        ),
        Advice(
            "backlog",
            "A longer backlog than 128.",
            "pgbouncer.ini",
            ("listen_backlog = 4096",),
            f"{_BOUNCER}#listen_backlog",
        ),
        Advice(
            "accept",
            "A process for each CPU, all on one port.",
            "pgbouncer.ini",
            ("so_reuseport = 1",),
            f"{_BOUNCER}#so_reuseport",
        ),
        Advice(
            "close-wait",
            "Close connections that idle, on both sides.",
            "pgbouncer.ini",
            ("server_idle_timeout = 60", "client_idle_timeout = 600"),
            f"{_BOUNCER}#server_idle_timeout",
        ),
        Advice(
            "idle",
            "Probe idle connections after a minute.",
            "pgbouncer.ini",
            ("tcp_keepalive = 1", "tcp_keepidle = 60", "tcp_keepintvl = 10", "tcp_keepcnt = 6"),
            f"{_BOUNCER}#tcp_keepidle",
        ),
        Advice(
            "dead-peer",
            "Give up a peer that has acknowledged nothing for half a minute.",
            "pgbouncer.ini",
            ("tcp_user_timeout = 30000",),
            f"{_BOUNCER}#tcp_user_timeout",
        ),
    ),
)
