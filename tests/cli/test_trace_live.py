"""``lastack trace``, live."""

import json
import signal
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, redirect_stderr
from datetime import datetime, timedelta
from io import StringIO
from pathlib import Path

import pytest

from lastack.cli import trace_live, trace_report  # noqa: F401 - an ordinary user could not import them later
from lastack.cli.main import main
from lastack.cli.trace_live import missing
from lastack.lab import Lab, Load
from lastack.live import session  # noqa: F401 - as above
from tests.cli.running import lastack
from tests.kernel.private import run_as_nobody
from tests.live.tracing import KEPT_BACK, Live, require_tracing, tracing

pytestmark = KEPT_BACK


@pytest.fixture(scope="module")
def lab() -> Iterator[Lab]:
    """A lab, where tracepoints may be watched."""
    require_tracing()
    with Lab() as opened:
        yield opened


def _await(condition: Callable[[], bool]) -> None:
    end = time.monotonic() + 20
    while not condition() and time.monotonic() < end:
        time.sleep(0.01)
    assert condition()


def _connections(lab: Lab, port: int, seconds: float = 0.3, rate: float = 100) -> int:
    """How many a load opens, at a port of its own."""
    return lab.start(Load(seconds=seconds, rate=rate, port=port)).report().opened


def _watch(lab: Lab, folder: Path, *arguments: str) -> AbstractContextManager[Live]:
    return tracing(folder, "--netns", str(lab.server.pid), *arguments)


def test_a_line_a_connection(lab: Lab, tmp_path: Path) -> None:
    """Every connection is a line while the trace runs: who closed first, who holds TIME_WAIT, the programs."""
    with _watch(lab, tmp_path) as live:
        opened = _connections(lab, 1080)
        _await(lambda: len(live.lines) >= opened)
        live.end()
    assert len(live.lines) == opened
    assert all("server first" in line and "TIME_WAIT: server" in line for line in live.lines)
    assert [line for line in live.lines if line.count("[lastack-lab/") != 2] == []


def test_filters(lab: Lab, tmp_path: Path) -> None:
    """Port, address and family choose connections; what the kernel drops and what is dropped later alike."""
    client = lab.links[0].server(6)
    with _watch(
        lab, tmp_path, "--json", "--port", "1081", "--port", "1083", "--family", "6", "--address", client
    ) as live:
        _connections(lab, 1082)
        lab.start(Load(seconds=0.2, rate=100, port=1081)).report()
        opened = lab.start(Load(seconds=0.2, rate=100, port=1083, family=6)).report().opened
        live.end()
    found = [json.loads(line) for line in live.lines]
    assert {(one["resp_h"], one["resp_p"]) for one in found} == {(client, 1083)}
    assert len(found) == opened


def test_the_whole_machine_and_one_namespace(lab: Lab, tmp_path: Path) -> None:
    """Without --netns every namespace's connections are there; with it, none of another's."""
    with (
        Lab() as other,
        tracing(tmp_path, "--port", "1084") as everything,
        _watch(lab, tmp_path, "--port", "1084") as one,
    ):
        opened, elsewhere = _connections(lab, 1084), _connections(other, 1084)
        everything.end()
        one.end()
    assert len(everything.lines) == opened + elsewhere
    assert len(one.lines) == opened


def test_summary(lab: Lab, tmp_path: Path) -> None:
    """The sums are those of the load, and say that nothing was lost."""
    with _watch(lab, tmp_path, "--summary", "--json", "--port", "1085") as live:
        opened = _connections(lab, 1085)
        live.end(signal.SIGTERM)
    document = json.loads("".join(live.lines))
    assert document["connections"] == opened
    assert document["lost_events"] == 0
    assert document["time_wait"] == {"resp": opened}


def test_count(lab: Lab, tmp_path: Path) -> None:
    """After so many connections the trace ends by itself."""
    with _watch(lab, tmp_path, "--count", "5", "--port", "1086") as live:
        _connections(lab, 1086)
        assert live.process.wait(20) == 0
    assert len(live.lines) == 5


def test_still_open(lab: Lab, tmp_path: Path) -> None:
    """A connection that is open at the end is shown as that."""
    with _watch(lab, tmp_path, "--json", "--port", "1087") as live:
        load = lab.start(Load(seconds=30, rate=20, hold_s=30, port=1087))
        _await(lambda: bool(_established(lab, 1087)))
        live.end()
        load.stop()
    assert live.lines
    assert {json.loads(line)["conn_state"] for line in live.lines} <= {"S0", "S1"}
    assert "S1" in {json.loads(line)["conn_state"] for line in live.lines}


def _established(lab: Lab, port: int) -> str:
    done = lab.server.run(["ss", "-Htn", "state", "established", f"sport = :{port}"], capture_output=True, text=True)
    return str(done.stdout)


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ((), ["127.0.0.1", "127.0.0.1", "::1"]),
        (("--family", "4"), ["127.0.0.1", "127.0.0.1"]),
        (("--address", "::1"), ["::1"]),
        (("--address", "::1", "--address", "127.0.0.1"), ["127.0.0.1", "127.0.0.1", "::1"]),
    ],
)
def test_both_families_at_one_door(lab: Lab, tmp_path: Path, options: tuple[str, ...], expected: list[str]) -> None:
    """IPv4 over IPv6 sockets is IPv4, at either end, and its two ends are one connection."""
    with tracing(tmp_path, "--json", "--netns", str(lab.client.pid), "--port", "1090", *options) as live:
        lab.client.call(_through_one_door)
        live.end()
    found = [json.loads(line) for line in live.lines]
    assert sorted(one["resp_h"] for one in found) == expected
    assert {one["conn_state"] for one in found} == {"SF"}


def _through_one_door() -> None:
    with socket.create_server(("::", 1090), family=socket.AF_INET6, dualstack_ipv6=True) as door:
        for family, address in (
            (socket.AF_INET, "127.0.0.1"),
            (socket.AF_INET6, "::1"),
            (socket.AF_INET6, "::ffff:127.0.0.1"),
        ):
            with socket.socket(family) as one:
                one.connect((address, 1090))
                door.accept()[0].close()
                one.recv(1)


def test_time_wait_taken_over(lab: Lab, tmp_path: Path) -> None:
    """A client that comes again from the same port takes over the server's TIME_WAIT, which had 60 s to go."""
    with tracing(tmp_path, "--json", "--netns", str(lab.client.pid), "--port", "45455") as live:
        lab.client.call(_connect_twice)
        live.end()
    first, second = [json.loads(line) for line in live.lines]
    assert (first["time_wait"], first["took_over_time_wait"]) == ("resp", None)
    assert second["took_over_time_wait"] == "resp"
    begun = datetime.fromisoformat(first["start"]) + timedelta(microseconds=first["resp_states"][-1]["at_us"])
    left = datetime.fromisoformat(first["time_wait_until"]) - begun
    assert abs(left - timedelta(seconds=60)) < timedelta(milliseconds=1)


def _connect_twice() -> None:
    with socket.create_server(("127.0.0.1", 45455)) as door:
        for _ in range(2):
            one = socket.create_connection(door.getsockname(), source_address=("127.0.0.1", 45456))
            door.accept()[0].close()
            one.recv(1)
            one.close()


def test_silent_peer(lab: Lab, tmp_path: Path) -> None:
    """A client that nobody answers sends its SYN again, and that is told; the resets that it does not get are not."""
    address = lab.links[0].server(4)
    lab.cut(lab.server, lab.links[0].client(4))
    with tracing(tmp_path, "--json", "--netns", str(lab.client.pid), "--port", "1088") as live:
        lab.client.call(_give_up, address)
        live.end()
    lab.mend(lab.server, lab.links[0].client(4))
    (one,) = [json.loads(line) for line in live.lines]
    assert (one["handshake"]["kind"], one["handshake"]["syn_retransmits"]) == ("syn-only", 1)
    assert one["time_wait"] == "none"


def _give_up(address: str) -> None:
    with socket.socket() as one:
        one.settimeout(1.5)
        one.bind(("", 45454))
        one.connect_ex((address, 1088))


def test_cpus_that_keep_records_to_themselves_are_named() -> None:
    """One or several."""
    assert missing([1]).startswith("CPU 1 hands over nothing of what happens while idle")
    assert missing([0, 7]).startswith("CPUs 0, 7 hand over nothing")


def test_flags_that_clash() -> None:
    """Addresses are addresses; what only a capture has is refused."""
    for arguments, message in (
        (("--address", "example.org"), "no IP address"),
        (("--ends", "--summary"), "--ends"),
        (("--checksums", "verify"), "--pcap"),
    ):
        done = lastack("trace", *arguments)
        assert (done.returncode, message in done.stderr) == (2, True)


def _as_user() -> tuple[object, str]:
    with redirect_stderr(StringIO()) as said:
        try:
            main(["trace", "--for", "1s"])
        except SystemExit as end:
            return end.code, said.getvalue()
    return None, ""


def test_an_ordinary_user() -> None:
    """Who may not watch is told what it takes, with exit code 3."""
    require_tracing()
    code, said = run_as_nobody(_as_user)
    assert code == 3
    assert "run as root" in said or "mount -t tracefs" in said


def test_a_full_pipe_is_no_end(lab: Lab, tmp_path: Path) -> None:
    """A trace that is told to end while it prints still prints the rest."""
    with _watch(lab, tmp_path, "--port", "1089") as live:
        opened = _connections(lab, 1089, seconds=0.5, rate=1000)
        said = live.end()
    assert "lost" not in said
    assert len(live.lines) == opened


def test_no_such_namespace() -> None:
    """A namespace that is not there is refused, whatever else is."""
    require_tracing()
    assert lastack("trace", "--netns", "no-such-one", "--for", "1s").returncode == 3
