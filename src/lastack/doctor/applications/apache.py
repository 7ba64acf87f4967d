"""Apache httpd, as a server and as a proxy."""

from lastack.doctor.applications.row import Advice, Application

__all__ = ["APACHE"]

_MPM = "https://httpd.apache.org/docs/2.4/mod/mpm_common.html"
_PROXY = "https://httpd.apache.org/docs/2.4/mod/mod_proxy.html"
_CORE = "https://httpd.apache.org/docs/2.4/mod/core.html"

APACHE = Application(
    "Apache httpd",
    ("httpd", "apache2"),
    (
        Advice(
            "upstream-keepalive",
            "Use connections to the backend again; FastCGI backends and URLs with substitutions do not without "
            "enablereuse. ttl must be shorter than the backend's own keep-alive.",
            "server config",
            ('ProxyPass "/" "http://192.0.2.10:8080/" enablereuse=on ttl=60',),
            f"{_PROXY}#proxypass",
        ),
        Advice(
            "backlog",
            "A longer backlog than the 511 that httpd asks for.",
            "server config",
            ("ListenBackLog 4096",),
            f"{_MPM}#listenbacklog",
        ),
        Advice(
            "accept",
            "More workers: connections beyond MaxRequestWorkers wait in the accept queue.",
            "server config",
            ("ServerLimit 32", "ThreadsPerChild 25", "MaxRequestWorkers 800"),
            f"{_MPM}#maxrequestworkers",
        ),
        Advice(
            "close-wait",
            "Bound the time that a worker waits for a client, and for a backend.",
            "server config",
            ("Timeout 60", "ProxyTimeout 60"),
            f"{_CORE}#timeout",
        ),
        Advice(
            "idle",
            "Probe idle connections to the backend, after tcp_keepalive_time; close idle clients soon.",
            "server config",
            ("KeepAliveTimeout 5", 'ProxyPass "/" "http://192.0.2.10:8080/" keepalive=On'),
            f"{_PROXY}#proxypass",
        ),
    ),
)
