"""A page being served in a lab's namespace, and asking it as any client would."""

import http.client
import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, NamedTuple

from lastack.lab import Lab

__all__ = ["Answer", "Page", "as_user", "ask", "first_frames", "served"]

_URL = re.compile(rb"lastack: https?://\S+:(\d+)/\n")
_PATIENCE_S = 20


class Answer(NamedTuple):
    """What a server answers; header names in lower case."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def document(self) -> dict[str, Any]:
        """Its JSON."""
        found: dict[str, Any] = json.loads(self.body)
        return found


def ask(port: int, path: str, method: str = "GET", headers: Mapping[str, str] | None = None) -> Answer:
    """One request over loopback, the whole answer."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=_PATIENCE_S)
    try:
        connection.request(method, path, headers=dict(headers or {}))
        response = connection.getresponse()
        return Answer(response.status, {name.lower(): value for name, value in response.getheaders()}, response.read())
    finally:
        connection.close()


def first_frames(port: int, count: int) -> list[dict[str, Any]]:
    """The first frames of the event stream."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=_PATIENCE_S)
    try:
        connection.request("GET", "/events")
        response = connection.getresponse()
        frames: list[dict[str, Any]] = []
        while len(frames) < count:
            line = response.readline()
            if line.startswith(b"data: "):
                frames.append(json.loads(line.removeprefix(b"data: ")))
        return frames
    finally:
        connection.close()


class Page(NamedTuple):
    """A page that is served.

    Attributes:
        lab: in whose server's namespace.
        port: on loopback there.
        process: that serves it; a stand-in's outside the lab.
        said: what it said on stderr until it was there.
    """

    lab: Lab
    port: int
    process: "subprocess.Popen[bytes]"
    said: str

    def ask(self, path: str, method: str = "GET", headers: Mapping[str, str] | None = None) -> Answer:
        """As ``ask``, from inside the namespace."""
        return self.lab.server.call(ask, self.port, path, method, headers)

    def frame(self) -> dict[str, Any]:
        """The last frame."""
        return self.ask("/frame").document


def as_user(uid: int) -> list[str]:
    """What to write before a command that root starts as somebody else: setpriv(1) of util-linux."""
    return ["setpriv", f"--reuid={uid}", f"--regid={uid}", "--clear-groups"]


@contextmanager
def served(lab: Lab, *options: str, uid: int | None = None) -> Iterator[Page]:
    """``lastack serve`` in the lab, on any port, until the block ends; ``uid``: started by that user, if not by us."""
    command = [sys.executable, "-m", "lastack", "serve", "--listen", "127.0.0.1:0", "--every", "0.2", *options]
    if uid is not None:
        command = [*as_user(uid), *command]
    elif os.geteuid() != 0 and "--user" not in options:
        command += ["--user", "root"]  # of the lab's user namespace, where there is nobody else
    with lab.server.popen(command, stderr=subprocess.PIPE) as process:
        try:
            said = b""
            while not (found := _URL.search(said)):
                assert process.stderr is not None
                line = process.stderr.readline()
                assert line, said.decode()
                said += line
            yield Page(lab, int(found[1]), process, said.decode())
        finally:
            process.send_signal(signal.SIGTERM)
            try:
                process.wait(_PATIENCE_S)
            finally:
                process.kill()
