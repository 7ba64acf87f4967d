"""Real programs: wrk, on a host of its own, in front of an nginx that relays to another nginx on the host under test.

They run in the lab's pid namespace, so nothing of them outlives it, and all their files are in a file system in memory
that the lab alone sees. Both work for an ordinary user, who is root there and owns no other id: so nginx keeps its
user, and asks for no other group.
"""

import ctypes
import os
import re
import shutil
import socket
import subprocess
import time
from pathlib import Path
from string import Template
from typing import TYPE_CHECKING, Any

from lastack.errors import RefusedError
from lastack.lab.lab import Lab
from lastack.lab.namespace import Namespace
from lastack.lab.workloads.outcome import Outcome
from lastack.lab.workloads.workload import Knobs

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["program", "started_nginx"]

_FOLDER = Path("/tmp")  # noqa: S108 - covered by a file system of the lab's own
_PATIENCE_S = 10.0
_FRONT, _BACK = 80, 8080
_CONFIGURATION = Template("""\
user root;
daemon off;
master_process off;
pid $folder/$name.pid;
error_log stderr crit;
events { worker_connections 8192; }
http {
  access_log off;
  keepalive_requests 1000000;
  client_body_temp_path $folder/$name.body;
  proxy_temp_path $folder/$name.proxy;
  fastcgi_temp_path $folder/$name.fastcgi;
  uwsgi_temp_path $folder/$name.uwsgi;
  scgi_temp_path $folder/$name.scgi;
  $rest
}
""")
_ANSWERS = "server { listen $address:$port backlog=4096; location / { return 200 'ok'; } }"
_RELAYS = """upstream up { server $upstream:$back; $pool }
  server { listen $address:$port backlog=4096;
    location / { proxy_pass http://up; proxy_http_version $version; proxy_set_header Connection "$connection"; } }"""

# What wrk prints: "Latency Distribution" in us, ms or s; one line of socket errors where there are any.
_PERCENTILE = re.compile(r"^\s*(50|99)%\s+([\d.]+)(us|ms|s)$", re.MULTILINE)
_TOTAL = re.compile(r"^\s*(\d+) requests in ([\d.]+)(ms|s|m),", re.MULTILINE)
_ERRORS = re.compile(r"Socket errors: connect (\d+), read (\d+), write (\d+), timeout (\d+)")
_NOT_OK = re.compile(r"Non-2xx or 3xx responses: (\d+)")
_SECONDS = {"us": 1e-6, "ms": 1e-3, "s": 1.0, "m": 60.0}


def started_nginx(lab: Lab, knobs: Knobs) -> "_Wrk":
    """Start the three. Raises RefusedError: ``no-program``, ``program-failed``."""
    nginx, wrk = program("nginx"), program("wrk")
    lab.server.call(_mount_memory, str(_FOLDER))
    front, back = lab.links[0].server(4), "127.0.0.1"
    keeps = knobs.upstream_keepalive > 0
    answers = Template(_ANSWERS).substitute(address=back, port=_BACK)
    relays = Template(_RELAYS).substitute(
        upstream=back,
        back=_BACK,
        pool=f"keepalive {knobs.upstream_keepalive}; keepalive_requests 1000000;" if keeps else "",
        address=front,
        port=_FRONT,
        version="1.1" if keeps else "1.0",
        connection="" if keeps else "close",
    )
    servers = [
        _start(lab.server, nginx, "upstream", answers, (back, _BACK)),
        _start(lab.server, nginx, "proxy", relays, (front, _FRONT)),
    ]
    command = [
        wrk,
        "--threads=1",
        f"--connections={knobs.concurrency}",
        f"--duration={max(round(knobs.seconds), 1)}s",
        "--timeout=1s",
        "--latency",
        f"http://{front}:{_FRONT}/",
    ]
    return _Wrk(lab.client.popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True), servers)


class _Wrk:
    """wrk on its way, and the servers that it asks."""

    def __init__(self, process: "subprocess.Popen[Any]", servers: "Sequence[subprocess.Popen[Any]]") -> None:
        self._process = process
        self._servers = servers

    def is_done(self, patience_s: float) -> bool:
        try:
            self._process.wait(patience_s)
        except subprocess.TimeoutExpired:
            return False
        return True

    def outcome(self) -> Outcome:
        printed = self._process.communicate()[0]
        total = _TOTAL.search(printed)
        if total is None:
            raise RefusedError("program-failed", f"wrk ended without a result: {_last_line(printed)}")
        connect, read, write, timeout = map(int, (_ERRORS.search(printed) or _NO_ERRORS).groups())
        not_ok = int((_NOT_OK.search(printed) or _NONE)[1])
        named = {"connect": connect, "read": read, "write": write, "ETIMEDOUT": timeout, "HTTP": not_ok}
        answered = int(total[1]) - not_ok
        return Outcome(
            opened=answered,
            answered=answered,
            asked=int(total[1]) + connect + timeout,
            failed={name: count for name, count in named.items() if count},
            request_us={
                {"50": "median", "99": "p99"}[found[1]]: float(found[2]) * _SECONDS[found[3]] * 1e6
                for found in _PERCENTILE.finditer(printed)
            },
            seconds=float(total[2]) * _SECONDS[total[3]],
        )

    def close(self) -> None:
        for process in (self._process, *self._servers):
            with process:  # closes its pipes, and waits
                process.terminate()


def _matched(pattern: re.Pattern[str], text: str) -> re.Match[str]:
    found = pattern.search(text)
    assert found is not None
    return found


_NO_ERRORS = _matched(_ERRORS, "Socket errors: connect 0, read 0, write 0, timeout 0")
_NONE = _matched(_NOT_OK, "Non-2xx or 3xx responses: 0")


def program(name: str) -> str:
    """Where an installed program is, those of administrators included. Raises RefusedError: ``no-program``."""
    path = shutil.which(name, path=f"{os.environ.get('PATH', os.defpath)}:/usr/sbin:/sbin")
    if path is None:
        raise RefusedError(
            "no-program", f"this workload runs {name}, which is not installed", f"Debian: apt install {name}"
        )
    return path


def _mount_memory(folder: str) -> None:
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.mount(b"tmpfs", folder.encode(), b"tmpfs", ctypes.c_ulong(0), b"mode=700"):
        number = ctypes.get_errno()
        raise RefusedError("program-failed", f"no file system in memory for the lab: {os.strerror(number)}")


def _start(namespace: Namespace, nginx: str, name: str, rest: str, address: tuple[str, int]) -> "subprocess.Popen[Any]":
    """Start an nginx, and wait until it listens."""
    file = _FOLDER / f"{name}.conf"
    namespace.call(_write, str(file), _CONFIGURATION.substitute(folder=_FOLDER, name=name, rest=rest))
    process = namespace.popen(
        [nginx, "-e", "stderr", "-c", str(file)],
        cwd="/",
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )
    deadline = time.monotonic() + _PATIENCE_S
    while not namespace.call(_listens, address):
        if process.poll() is not None or time.monotonic() > deadline:
            process.kill()
            raise RefusedError("program-failed", f"nginx did not start: {_last_line(process.communicate()[1])}")
    return process


def _write(path: str, text: str) -> None:
    Path(path).write_text(text, "ascii")


def _listens(address: tuple[str, int]) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(address) == 0


def _last_line(text: str) -> str:
    return (text.strip().splitlines() or ["it said nothing"])[-1]
