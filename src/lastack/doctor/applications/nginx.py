"""nginx, as a server and as a proxy."""

from lastack.doctor.applications.row import Advice, Application

__all__ = ["NGINX"]

_CORE = "https://nginx.org/en/docs/ngx_core_module.html"
_HTTP = "https://nginx.org/en/docs/http/ngx_http_core_module.html"
_PROXY = "https://nginx.org/en/docs/http/ngx_http_proxy_module.html"
_FASTCGI = "https://nginx.org/en/docs/http/ngx_http_fastcgi_module.html"
_UPSTREAM = "https://nginx.org/en/docs/http/ngx_http_upstream_module.html"

NGINX = Application(
    "nginx",
    ("nginx", "openresty"),
    (
        Advice(
            "upstream-keepalive",
            "Keep idle connections to the upstream, so many a worker, and speak HTTP/1.1 to it; before nginx 1.29.7 "
            "neither is the default.",
            "http",
            (
                "upstream backend { server 192.0.2.10:8080; keepalive 64; keepalive_timeout 60s; }",
                "server { location / {",
                '    proxy_pass http://backend; proxy_http_version 1.1; proxy_set_header Connection "";',
                "} }",
            ),
            f"{_UPSTREAM}#keepalive",
        ),
        Advice(
            "upstream-keepalive",
            "Keep idle connections to FastCGI servers; PHP-FPM then gives each of them a worker, so keep fewer than "
            "its pm.max_children.",
            "http",
            (
                "upstream php { server 127.0.0.1:9000; keepalive 8; }",
                "server { location / { fastcgi_pass php; fastcgi_keep_conn on; } }",
            ),
            f"{_FASTCGI}#fastcgi_keep_conn",
            ports=(9000,),
        ),
        Advice(
            "backlog",
            "A longer backlog than the 511 that nginx asks for.",
            "server",
            ("listen 80 backlog=4096;",),
            f"{_HTTP}#listen",
        ),
        Advice(
            "accept",
            "A worker for each CPU, room for their connections, and a queue of its own for each worker.",
            "main",
            (
                "worker_processes auto;",
                "events { worker_connections 8192; }",
                "http { server { listen 80 reuseport; } }",
            ),
            f"{_CORE}#worker_processes",
        ),
        Advice(
            "close-wait",
            "Give a client up when it has closed, and an upstream that does not answer in time.",
            "http",
            ("proxy_ignore_client_abort off;", "proxy_read_timeout 60s;"),
            f"{_PROXY}#proxy_ignore_client_abort",
        ),
        Advice(
            "idle",
            "Close idle connections to clients sooner, and probe the idle ones on both sides.",
            "server",
            ("listen 80 so_keepalive=2m:30s:4;", "keepalive_timeout 60s;", "proxy_socket_keepalive on;"),
            f"{_PROXY}#proxy_socket_keepalive",
        ),
        Advice(
            "dead-peer",
            "Reset a client that took too long, instead of leaving its data in FIN_WAIT1.",
            "http",
            ("send_timeout 30s;", "reset_timedout_connection on;"),
            f"{_HTTP}#reset_timedout_connection",
        ),
        Advice(
            "files",
            "Let each worker open more files: two for each proxied connection.",
            "main",
            ("worker_rlimit_nofile 65536;",),
            f"{_CORE}#worker_rlimit_nofile",
        ),
    ),
)
