"""One namespace as net-tools, busybox, ss and /proc/net/tcp saw it: the files must agree with each other."""

import shutil
import socket
import subprocess
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from time import monotonic

import pytest

from lastack.model.census import SocketRow
from tests.kernel.private import run_private, unavailable
from tests.text.saved import rows_of, states_of

COMMANDS = {
    "netstat -an": ("netstat", "-an"),
    "netstat -anopeW": ("netstat", "-anopeW"),
    "ss -tan": ("ss", "-tan"),
    "ss -tanoepH": ("ss", "-tanoepH"),
    "ss -tani": ("ss", "-tani"),
    "ss -tuan": ("ss", "-tuan"),
}
PROC = "/proc/net/tcp and tcp6"
BUSYBOX = ("busybox", "netstat", "-an")


@contextmanager
def population() -> Iterator[None]:
    """Listeners of each kind, and connections in a few lasting states, of both families and of one on the other."""
    with ExitStack() as held:
        keep = held.enter_context
        udp = keep(socket.socket(socket.AF_INET, socket.SOCK_DGRAM))
        udp.bind(("127.0.0.1", 0))
        four = keep(socket.create_server(("127.0.0.1", 0)))
        six = keep(socket.create_server(("::1", 0), family=socket.AF_INET6))
        both = keep(socket.create_server(("::", 0), family=socket.AF_INET6, dualstack_ipv6=True))
        for listener, address in ((four, "127.0.0.1"), (six, "::1"), (both, "127.0.0.1")):
            port = listener.getsockname()[1]
            for ending in ("none", "client", "both"):
                client = keep(socket.create_connection((address, port)))
                server = keep(listener.accept()[0])
                if ending != "none":
                    client.close()  # FIN_WAIT2 here, CLOSE_WAIT there
                    wait_for_end(server)
                if ending == "both":
                    server.close()  # TIME_WAIT here, nothing there
        # A process with fewer capabilities than ours, so that the tools may see what it holds.
        holder = keep(subprocess.Popen(("sleep", "60"), pass_fds=[four.fileno()]))
        held.callback(holder.terminate)
        settle()
        yield


def wait_for_end(end: socket.socket) -> None:
    """Until the peer's FIN has arrived."""
    assert end.recv(1) == b""


def settle() -> None:
    """Until the last delayed ACK has ended FIN_WAIT1 and LAST_ACK (04 and 09)."""
    deadline = monotonic() + 10
    while " 04 " in (text := proc()) or " 09 " in text:
        assert monotonic() < deadline


def proc() -> str:
    """Both families of /proc/net/tcp."""
    return Path("/proc/net/tcp").read_text() + Path("/proc/net/tcp6").read_text()


def outputs() -> dict[str, str]:
    """What each tool says about the same sockets; TIME_WAIT lasts longer than this takes."""
    with population():
        start = monotonic()
        said = {
            name: subprocess.run(command, capture_output=True, text=True, check=True).stdout
            for name, command in COMMANDS.items()
        }
        said[PROC] = proc()
        if shutil.which(BUSYBOX[0]):
            said["busybox"] = subprocess.run(BUSYBOX, capture_output=True, text=True, check=True).stdout
        assert monotonic() - start < 30
    return said


@pytest.fixture(scope="module")
def saved() -> dict[str, str]:
    """Output by tool."""
    missing = [command[0] for command in COMMANDS.values() if not shutil.which(command[0])]
    if missing:
        unavailable(f"{missing[0]} is not here")
    return run_private(outputs)


def ends(row: SocketRow) -> tuple[object, ...]:
    """State, family, addresses and ports. ss writes ``::`` of a dual-stack socket as ``*``, which hides the family."""
    local, remote = (address if address != "*" else "::" for address in (row.local, row.remote))
    return row.state, row.family or 6, local, row.local_port, remote, row.remote_port


def test_all_name_the_same_sockets(saved: dict[str, str]) -> None:
    """State by state, end by end."""
    sockets = {name: Counter(map(ends, rows_of(text))) for name, text in saved.items()}
    expected = sockets[PROC]
    assert {state for state, *_ in expected} == {"LISTEN", "ESTABLISHED", "FIN_WAIT2", "CLOSE_WAIT", "TIME_WAIT"}
    assert {name: found - expected + (expected - found) for name, found in sockets.items() if found != expected} == {}


def test_awk_counts_the_same(saved: dict[str, str]) -> None:
    """The one-liner that everybody pastes, over the same file."""
    program = "/^tcp/ {++S[$NF]} END {for (key in S) print key, S[key]}"
    awk = subprocess.run(["awk", program], input=saved["netstat -an"], capture_output=True, text=True, check=True)
    counts = dict(line.split() for line in awk.stdout.splitlines())
    assert {state: str(count) for state, count in states_of(saved["netstat -an"]).items()} == counts


def test_owners_and_closes_agree(saved: dict[str, str]) -> None:
    """uid, pid and the age of each close are the same in netstat, ss and /proc, as far as these show them."""
    by_netstat, by_ss, by_proc = (
        {ends(row): row for row in rows_of(saved[name])} for name in ("netstat -anopeW", "ss -tanoepH", PROC)
    )
    for key, row in by_netstat.items():
        assert row.uid == by_ss[key].uid == by_proc[key].uid
        assert pid(row) == pid(by_ss[key])
        ages = [found.close_age_s for found in (row, by_ss[key], by_proc[key])]
        assert ages == [None] * 3 or max(map(int_or_far, ages)) - min(map(int_or_far, ages)) <= 2
    assert sum(row.process is not None and row.process.startswith("sleep/") for row in by_ss.values()) == 1


def pid(row: SocketRow) -> str | None:
    """The pid: netstat and ss take the name from different places."""
    return row.process.rpartition("/")[2] if row.process else None


def int_or_far(age: int | None) -> int:
    """An age; far away where there is none."""
    return 1000 if age is None else age
