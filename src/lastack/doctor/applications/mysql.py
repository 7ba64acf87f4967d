"""MySQL and MariaDB."""

from lastack.doctor.applications.row import Advice, Application

__all__ = ["MYSQL"]

_VARIABLES = "https://dev.mysql.com/doc/refman/8.4/en/server-system-variables.html"

MYSQL = Application(
    "MySQL",
    ("mysqld", "mariadbd"),
    (
        Advice("backlog", "A longer backlog.", "mysqld", ("back_log = 4096",), f"{_VARIABLES}#sysvar_back_log"),
        Advice(
            "accept",
            "Keep threads for connections to come.",
            "mysqld",
            ("thread_cache_size = 100",),
            f"{_VARIABLES}#sysvar_thread_cache_size",
        ),
        Advice(
            "close-wait",
            "Close connections that have been idle for ten minutes, instead of eight hours.",
            "mysqld",
            ("wait_timeout = 600",),
            f"{_VARIABLES}#sysvar_wait_timeout",
        ),
        Advice(
            "idle",
            "Close idle connections sooner than the network forgets them.",
            "mysqld",
            ("wait_timeout = 300",),
            f"{_VARIABLES}#sysvar_wait_timeout",
        ),
        Advice(
            "dead-peer",
            "Give up a client that takes no data for half a minute.",
            "mysqld",
            ("net_write_timeout = 30",),
            f"{_VARIABLES}#sysvar_net_write_timeout",
        ),
        Advice(
            "files",
            "Let the server open more files.",
            "mysqld",
            ("open_files_limit = 65535",),
            f"{_VARIABLES}#sysvar_open_files_limit",
        ),
    ),
)
