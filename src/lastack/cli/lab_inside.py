"""What happens in a lab that stands: a command, a shell, or waiting."""

import os
import signal
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn, TextIO

from lastack.cli.draw import columns
from lastack.cli.progress_line import ProgressLine
from lastack.lab.lab import Lab
from lastack.lab.namespace import Namespace

if TYPE_CHECKING:
    import subprocess

__all__ = ["Progress", "address_plan", "hold", "run_line", "run_shell"]

_REFRESH_S = 25  # TIME_WAIT lasts 60 s
_POLL_S = 1


class Progress(ProgressLine):
    """Counts the sockets that are made, of so many."""

    def __init__(self, total: int, stream: TextIO) -> None:
        super().__init__(stream)
        self._done = 0
        self._total = total

    def __call__(self, sockets: int) -> None:
        """So many more are made."""
        self._done += sockets
        self.show(f"{self._done:,} of {self._total:,} sockets")


def run_line(namespace: Namespace, line: str) -> int:
    """Run a shell line there; its exit status."""
    return _status(namespace.popen(["/bin/sh", "-c", line], env=_environment()))


def run_shell(namespace: Namespace) -> int:
    """Run the user's shell there until it ends; its exit status."""
    return _status(namespace.popen([os.environ.get("SHELL", "/bin/sh")], env=_environment()))


def _environment() -> dict[str, str]:
    """Ours, in which ``lastack`` is found too where it runs out of a folder that is not on the path, last of all."""
    own = str(Path(sys.executable).parent)
    return {**os.environ, "PATH": f"{os.environ.get('PATH', os.defpath)}:{own}"}


def _status(process: "subprocess.Popen[Any]") -> int:
    """Wait for a process; its status as a shell has it, 128 and more for a signal.

    A terminal's Ctrl-C goes to the process too, which may have a use for it. What a process sent us ends both.
    """
    signals = {signal.SIGINT, signal.SIGCHLD}
    signal.pthread_sigmask(signal.SIG_BLOCK, signals)
    try:
        while (code := process.poll()) is None:
            came = signal.sigtimedwait(signals, _POLL_S)
            if came and came.si_signo == signal.SIGINT and came.si_code <= 0:
                raise KeyboardInterrupt
    finally:
        signal.pthread_sigmask(signal.SIG_UNBLOCK, signals)
    return code if code >= 0 else 128 - code


def hold(lab: Lab) -> NoReturn:
    """Keep the population until interrupted; says how to look at it from outside."""
    pid = lab.server.pid
    look = f"lastack census --netns {pid}"
    if os.geteuid() != 0:
        look = f"nsenter --preserve-credentials --user --net --target {pid} lastack census"
    sys.stderr.write(f"lastack: held until Ctrl-C; from another terminal: {look}\n")
    while True:
        lab.sustain()
        time.sleep(_REFRESH_S)


def address_plan(lab: Lab) -> list[str]:
    """Who is where in a lab, and the way from the server to the clients; a line each."""
    families = (4, 6) if Path("/proc/net/if_inet6").exists() else (4,)
    rows = [("you are on the server", "address", "client", "address", "a command there")]
    for client, link in zip(lab.clients, lab.links, strict=True):
        way = f"nsenter --net=/proc/{_pid_inside(lab, client)}/ns/net"
        rows += [(link.device, link.server(family), client.name, link.client(family), way) for family in families]
    return columns(rows, left=len(rows[0]))


def _pid_inside(lab: Lab, client: Namespace) -> int:
    """A client's pid as the lab's /proc has it: its own one shows the lab's pids, the host's those of the host."""
    if lab.server.call(lambda: Path("/proc/self").readlink() != Path(str(os.getpid()))):
        return client.pid
    status = Path(f"/proc/{client.pid}/status").read_text("ascii", "replace")
    (pids,) = (line.split() for line in status.splitlines() if line.startswith("NSpid:"))
    return int(pids[-1])
