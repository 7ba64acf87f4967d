"""HAProxy."""

from lastack.doctor.applications.row import Advice, Application

__all__ = ["HAPROXY"]

_MANUAL = "https://docs.haproxy.org/2.6/configuration.html"

HAPROXY = Application(
    "HAProxy",
    ("haproxy",),
    (
        Advice(
            "upstream-keepalive",
            "Use idle server connections for other clients too, and drop httpclose and http-server-close.",
            "backend",
            ("mode http", "no option httpclose", "option http-keep-alive", "http-reuse safe"),
            f"{_MANUAL}#4.2-http-reuse",
        ),
        Advice(
            "backlog",
            "A longer backlog; it is the frontend's maxconn otherwise.",
            "frontend",
            ("backlog 4096",),
            f"{_MANUAL}#4.2-backlog",
        ),
        Advice(
            "accept",
            "Room for more connections: beyond maxconn HAProxy leaves them in the accept queue.",
            "global",
            ("maxconn 20000",),
            f"{_MANUAL}#3.2-maxconn",
        ),
        Advice(
            "close-wait",
            "Bound the time for which one side stays open after the other has closed.",
            "defaults",
            ("timeout client-fin 30s", "timeout server-fin 30s", "option abortonclose"),
            f"{_MANUAL}#4.2-timeout%20client-fin",
        ),
        Advice(
            "idle",
            "Probe idle connections on both sides, sooner than the network forgets them.",
            "defaults",
            ("option clitcpka", "clitcpka-idle 120s", "option srvtcpka", "srvtcpka-idle 120s"),
            f"{_MANUAL}#4.2-clitcpka-idle",
        ),
        Advice(
            "dead-peer",
            "Give up a server that has acknowledged nothing for half a minute (TCP_USER_TIMEOUT); tcp-ut on a bind "
            "line does it for clients.",
            "backend",
            ("default-server tcp-ut 30s",),
            f"{_MANUAL}#5.2-tcp-ut",
        ),
        Advice(
            "files",
            "HAProxy asks for as many files as its maxconn takes: set that, and let the service manager allow it.",
            "global",
            ("maxconn 20000",),
            f"{_MANUAL}#3.1-ulimit-n",
        ),
    ),
)
