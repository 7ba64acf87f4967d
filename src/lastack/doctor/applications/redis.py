"""Redis and Valkey, as servers."""

from lastack.doctor.applications.row import Advice, Application

__all__ = ["REDIS"]

_CONFIG = "https://redis.io/docs/latest/operate/oss_and_stack/management/config-file/"
_CLIENTS = "https://redis.io/docs/latest/develop/reference/clients/"

REDIS = Application(
    "Redis",
    ("redis-server", "valkey-server"),
    (
        Advice("backlog", "A longer backlog than 511.", "redis.conf", ("tcp-backlog 4096",), _CONFIG),
        Advice(
            "accept",
            "Let threads read and write, so that the main one accepts.",
            "redis.conf",
            ("io-threads 4",),
            _CONFIG,
        ),
        Advice(
            "close-wait",
            "Close clients that have been idle for five minutes.",
            "redis.conf",
            ("timeout 300",),
            _CLIENTS,
        ),
        Advice(
            "idle",
            "Probe idle clients after a minute, instead of five.",
            "redis.conf",
            ("tcp-keepalive 60",),
            _CLIENTS,
        ),
        Advice(
            "files",
            "Room for more clients: Redis raises its file limit to that, and 32 for itself, if the hard limit lets it.",
            "redis.conf",
            ("maxclients 20000",),
            _CLIENTS,
        ),
    ),
)
