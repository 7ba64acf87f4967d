"""Upstreams that close first: a real nginx that relays to one, on another host and on its own, with a pool or without.

What leaves no TIME_WAIT behind shows only in what changes between two samples.
"""

from lastack.lab import Load
from lastack.model.sample import Sample
from tests.doctor.faults.fault import Fault, Program

__all__ = ["FAULTS"]

# Runs an nginx in a file system of its own, and is one in turn: what ends it ends its nginx.
_NGINX = """
import ctypes, os, shutil, socket, sys, time
from pathlib import Path
libc = ctypes.CDLL(None)
assert libc.mount(b"tmpfs", b"/mnt", b"tmpfs", ctypes.c_ulong(0), b"mode=700") == 0
kinds = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
folders = "".join(f"{{kind}}_temp_path /mnt/{{kind}};" for kind in kinds)
server, client = sys.argv[1:]
Path("/mnt/conf").write_text(
    "user root; daemon off; master_process off; pid /mnt/pid; error_log stderr crit; events {{}} "
    f"http {{{{ access_log off; {{folders}} {rest} }}}}"
)
if os.fork() == 0:
    while socket.socket().connect_ex(({at})):
        time.sleep(0.05)
    print("ready", flush=True)
    os._exit(0)
os.execv(shutil.which("nginx", path="/usr/sbin:/usr/bin:/sbin"), ["nginx", "-e", "stderr", "-c", "/mnt/conf"])
"""


def _nginx(rest: str, at: str, place: str = "server") -> Program:
    return Program(_NGINX.format(rest=rest, at=at), "client" if place == "client" else "server")


def _relaying(upstream: str, pool: str = "", headers: str = "") -> Program:
    """One on the host under test, towards that upstream."""
    return _nginx(
        f"upstream up {{{{ server {upstream}:8080; {pool} }}}} "
        f"server {{{{ listen {{server}}:80; location / {{{{ proxy_pass http://up; {headers} }}}} }}}}",
        "server, 80",
    )


def _answering(address: str, at: str, place: str) -> Program:
    return _nginx(
        f"keepalive_requests 1000000; server {{{{ listen {address}:8080; location / {{{{ return 200 ok; }}}} }}}}",
        at,
        place,
    )


# An application that takes 20 ms to answer, and whose close is the end of its answer.
_SLOW = """
import socket, sys, threading, time
def answer(end):
    with end:
        end.recv(4096)
        time.sleep(0.02)
        end.send(b"HTTP/1.0 200 OK\\r\\n\\r\\nok")
server = socket.create_server((sys.argv[2], 8080), backlog=100)
print("ready", flush=True)
while True:
    threading.Thread(target=answer, args=(server.accept()[0],)).start()
"""
# Ten visitors, 200 requests a second, each over a connection of its own.
_VISITORS = """
import socket, sys, threading, time
def visit():
    at = time.monotonic()
    while True:
        with socket.create_connection((sys.argv[1], 80)) as end:
            end.send(b"GET / HTTP/1.0\\r\\n\\r\\n")
            while end.recv(4096):
                pass
        at += 0.05
        time.sleep(max(0, at - time.monotonic()))
for _ in range(10):
    threading.Thread(target=visit).start()
    time.sleep(0.005)  # not all at one moment
print("ready", flush=True)
"""
# 45 connections at once every 2.2 s; the other end closes them.
_BURSTS = """
import socket, sys, time
print("ready", flush=True)
while True:
    for _ in range(45):
        with socket.create_connection((sys.argv[2], 9000)) as end:
            end.recv(1)
    time.sleep(2.2)
"""
_CLOSING = """
import socket, sys
server = socket.create_server((sys.argv[2], 9000), backlog=100)
print("ready", flush=True)
while True:
    server.accept()[0].close()
"""
_POOL, _KEEP = "keepalive 16; keepalive_requests 1000000;", "proxy_http_version 1.1; proxy_set_header Connection '';"


def _served(sample: Sample) -> bool:
    """Whether the proxy has answered for a while."""
    return _time_wait(sample, 80) >= 300


def _closed_at_home(sample: Sample) -> bool:
    return _time_wait(sample, 8080) >= 300


def _time_wait(sample: Sample, port: int) -> int:
    waiting = (one for one in sample.cohorts if one.state == "TIME_WAIT" and one.local_port == port)
    return sum(one.count for one in waiting)


def _open(sample: Sample) -> bool:
    return sum(one.count for one in sample.cohorts if one.role == "active" and one.state == "ESTABLISHED") >= 120


FAULTS = (
    Fault(
        "upstream-closes-first",
        "an nginx whose upstream on another host ends each of 200 connections a second",
        "upstream-keep-alive",
        "notice",
        tools=("nginx",),
        programs=(Program(_SLOW, "client"), _relaying("{client}"), Program(_VISITORS, "client")),
        once=_served,
        interval_s=2,
    ),
    Fault(
        "upstream-on-this-host-closes-first",
        "an nginx whose upstream is an nginx on the same host, and ends each connection",
        "upstream-keep-alive",
        "notice",
        tools=("nginx",),
        programs=(
            _answering("127.0.0.1", "'127.0.0.1', 8080", "server"),
            _relaying("127.0.0.1"),
            Program(_VISITORS, "client"),
        ),
        once=_closed_at_home,
    ),
    Fault(
        "upstream-through-a-pool",
        "the same requests through connections to the other host that nginx keeps",
        "upstream-keep-alive",
        None,
        tools=("nginx",),
        programs=(
            _answering("{client}", "client, 8080", "client"),
            _relaying("{client}", _POOL, _KEEP),
            Program(_VISITORS, "client"),
        ),
        once=_served,
        interval_s=2,
    ),
    Fault(
        "upstream-on-this-host-through-a-pool",
        "the same requests through connections to an nginx on the same host that are kept",
        "upstream-keep-alive",
        None,
        tools=("nginx",),
        programs=(
            _answering("127.0.0.1", "'127.0.0.1', 8080", "server"),
            _relaying("127.0.0.1", _POOL, _KEEP),
            Program(_VISITORS, "client"),
        ),
        once=_served,
        interval_s=2,
    ),
    Fault(
        "few-that-the-peer-closes",
        "eight connections a second that the other end closes first",
        "upstream-keep-alive",
        None,
        loads=(Load(seconds=60, rate=8, opener="server", closer="client", port=9000),),
        interval_s=3,
    ),
    Fault(
        "bursts-that-the-peer-closes",
        "45 at once, every 2.2 s, that the other end closes first",
        "upstream-keep-alive",
        None,
        programs=(Program(_CLOSING, "client"), Program(_BURSTS)),
        interval_s=3,
    ),
    Fault(
        "peers-that-close-after-a-while",
        "60 connections a second that the other end closes first, after 2.5 s",
        "upstream-keep-alive",
        None,
        loads=(Load(seconds=60, rate=60, hold_s=2.5, opener="server", closer="client", port=9000),),
        once=_open,
        interval_s=3,
    ),
)
