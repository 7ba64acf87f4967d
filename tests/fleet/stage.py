"""A fleet in one lab: each client is a host with settings, an exporter and a load of its own, scraped from the server.

server    Prometheus; what the hosts connect to: ``ECHO`` waits for the other side to close, ``CURT`` closes first
client k  host k: its exporter on ``EXPORTER``, one process
"""

import json
import shutil
import socket
import subprocess
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from functools import partial
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import quote
from urllib.request import urlopen

from lastack.errors import RefusedError
from lastack.kernel.sampler import take_sample
from lastack.lab import Lab
from lastack.lab.worker import Worker
from lastack.metrics.exposition import render
from lastack.model.model import Model
from tests.kernel.private import unavailable

__all__ = ["CURT", "ECHO", "URL", "Fleet", "Host", "Peer", "fleet"]

ECHO, CURT, EXPORTER = 8080, 8081, 9777
URL = "http://127.0.0.1:9090"
_PATIENCE_S = 120.0


class _Exporter(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        body, kind = render(Model.of(take_sample()), accept=self.headers.get("Accept", ""))
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_arguments: object) -> None:
        """Say nothing."""


class Host:
    """The programs of a host: its exporter, and what makes it sick."""

    def __init__(self, address: str) -> None:
        self._address = address
        self._kept: list[socket.socket] = []
        server = HTTPServer((address, EXPORTER), _Exporter)
        threading.Thread(target=server.serve_forever, daemon=True).start()

    def visit(self, server: str, times: int) -> int:
        """Open connections and close them first; how many came about before there was no port left."""
        for number in range(times):
            try:
                socket.create_connection((server, ECHO)).close()
            except OSError:
                return number
        return times

    def churn(self, server: str, pause_s: float) -> None:
        """Visit again and again, from now on."""

        def go() -> None:
            while True:
                self.visit(server, 1)
                time.sleep(pause_s)

        threading.Thread(target=go, daemon=True).start()

    def leak(self, server: str, count: int) -> None:
        """Hold connections that the other side closes."""
        self._kept += [socket.create_connection((server, CURT)) for _ in range(count)]

    def hold(self, server: str, first: int, count: int) -> None:
        """Keep connections open, from these ports."""
        ports = range(first, first + count)
        self._kept += [socket.create_connection((server, ECHO), source_address=(self._address, at)) for at in ports]

    def stall(self, port: int, backlog: int) -> None:
        """Listen, and never accept."""
        self._kept.append(socket.create_server((self._address, port), backlog=backlog))


class Peer:
    """What hosts connect to, and what connects to them."""

    def __init__(self) -> None:
        self._kept: list[socket.socket] = []
        for port, serve in ((ECHO, self._wait), (CURT, self._close)):
            listener = socket.create_server(("0.0.0.0", port), backlog=1000)
            threading.Thread(target=self._accept, args=(listener, serve), daemon=True).start()

    def crowd(self, address: str, port: int, count: int) -> None:
        """Connect, as far as there is room."""
        for _ in range(count):
            connection = socket.socket()
            connection.setblocking(False)  # noqa: FBT003 - socket's own
            connection.connect_ex((address, port))
            self._kept.append(connection)

    def _accept(self, listener: socket.socket, serve: Callable[[socket.socket], None]) -> None:
        while True:
            serve(listener.accept()[0])

    def _wait(self, connection: socket.socket) -> None:
        with connection, suppress(OSError):
            connection.recv(1)

    def _close(self, connection: socket.socket) -> None:
        connection.close()


class Fleet:
    """The hosts, and the server that watches them.

    Attributes:
        lab: where it all is.
        hosts: their programs: methods of ``Host``, by ``ask``.
        peer: methods of ``Peer``.
    """

    def __init__(self, lab: Lab, hosts: Sequence[Worker], peer: Worker) -> None:
        self.lab, self.hosts, self.peer = lab, hosts, peer

    def address(self, number: int) -> str:
        """A host's."""
        return self.lab.links[number].client(4)

    def server(self, number: int) -> str:
        """The server's, as that host sees it."""
        return self.lab.links[number].server(4)

    def until(self, promql: str, holds: Callable[[list[Any]], bool]) -> None:
        """Ask Prometheus until the answer is so."""
        until = time.monotonic() + _PATIENCE_S
        while not holds(found := self.lab.server.call(_ask, promql)):
            assert time.monotonic() < until, (promql, found)
            time.sleep(0.5)


def _ask(promql: str) -> list[Any]:
    try:
        with urlopen(f"{URL}/api/v1/query?query={quote(promql)}", timeout=10) as answer:  # noqa: S310 - ours
            found: list[Any] = json.load(answer)["data"]["result"]
            return found
    except OSError:  # it is not up yet
        return []


@contextmanager
def fleet(count: int, settings: Callable[[int], dict[str, object]], folder: Path) -> Iterator[Fleet]:
    """So many hosts, those of even numbers of job ``web``, the others ``api``, each with its settings, scraped."""
    prometheus = shutil.which("prometheus") or unavailable("prometheus is not installed")
    with ExitStack() as stack:
        try:
            lab = stack.enter_context(Lab(count))
        except RefusedError as error:
            unavailable(error.message)
        for number, client in enumerate(lab.clients):
            client.set(settings(number))
        peer = Worker(lab.server, Peer)
        stack.callback(peer.close)
        hosts = []
        for client, link in zip(lab.clients, lab.links, strict=True):
            hosts.append(Worker(client, partial(Host, link.client(4))))
            stack.callback(hosts[-1].close)
        (folder / "prometheus.yml").write_text(_configuration([link.client(4) for link in lab.links]))
        options = [
            f"--config.file={folder}/prometheus.yml",
            f"--storage.tsdb.path={folder}/data",
            "--web.listen-address=127.0.0.1:9090",
        ]
        running = lab.server.popen([prometheus, *options], stderr=subprocess.DEVNULL)
        stack.callback(running.wait)
        stack.callback(running.terminate)
        found = Fleet(lab, hosts, peer)
        found.until("count(lastack_exact)", lambda answer: bool(answer) and answer[0]["value"][1] == str(count))
        yield found


def _configuration(addresses: Sequence[str]) -> str:
    targets = [f"{address}:{EXPORTER}" for address in addresses]
    jobs = [
        f"- job_name: {job}\n  static_configs:\n  - targets: {targets[of::2]}" for of, job in enumerate(("web", "api"))
    ]
    return "global: {scrape_interval: 4s}\nscrape_configs:\n" + "\n".join(jobs) + "\n"
