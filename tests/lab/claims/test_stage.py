"""What experiments play on, against what other readers of the kernel see."""

import socket
from collections.abc import Callable
from pathlib import Path

import pytest

from lastack.errors import RefusedError
from lastack.lab import Lab
from lastack.lab.claims.claim import NotTestableError
from lastack.lab.claims.segment import ACK, RST
from lastack.lab.claims.stage import Stage
from tests.kernel.private import unavailable


def _on_stage(act: Callable[[Stage], object], family: int = 4, planted: dict[str, object] | None = None) -> object:
    """What ``act`` returns, played in a lab's process."""
    try:
        with Lab() as lab:
            link = lab.links[0]
            worker = lab.worker(lambda client: _Player(Stage(client, link, family, planted or {}), act))
            return worker.ask("play")
    except RefusedError as error:
        unavailable(error.message)


class _Player:
    def __init__(self, stage: Stage, act: Callable[[Stage], object]) -> None:
        self.stage = stage
        self.act = act

    def play(self) -> object:
        return self.act(self.stage)


@pytest.mark.parametrize("family", [4, 6])
def test_rows_are_those_of_proc(family: int) -> None:
    """State, ports and the listener's queue, as /proc/net/tcp prints them."""

    def act(stage: Stage) -> tuple[list[tuple[str, int]], list[tuple[str, int]]]:
        door = stage.server.listen(backlog=7)
        stage.leave(door, by_server=True)
        stage.client.connect(door.getsockname()[:2])
        stage.server.reaches(80, "ESTABLISHED")
        with stage.server.inside(), open("/proc/net/tcp6" if family == 6 else "/proc/net/tcp") as file:  # noqa: PTH123
            lines = [line.split() for line in file][1:]
        states = {"0A": "LISTEN", "06": "TIME_WAIT", "01": "ESTABLISHED"}
        proc = [(states[words[3]], int(words[1].rpartition(":")[2], 16)) for words in lines]
        ours = [(row.state, row.local[1]) for row in stage.server.rows()]
        (listener,) = [row for row in stage.server.rows() if row.state == "LISTEN"]
        assert (listener.queued, listener.limit) == (1, 7)
        return sorted(ours), sorted(proc)

    ours, proc = _pair(_on_stage(act, family))
    assert ours == proc
    assert ours == [("ESTABLISHED", 80), ("LISTEN", 80), ("TIME_WAIT", 80)]


def _pair(result: object) -> tuple[object, object]:
    assert isinstance(result, tuple)
    first, second = result
    return first, second


@pytest.mark.parametrize("family", [4, 6])
def test_the_kernel_takes_a_puppet_for_a_peer(family: int) -> None:
    """It shakes hands and sends data, with no checksum refused; the tap sees what the server sends, and when."""

    def act(stage: Stage) -> tuple[bytes, int, bool, int]:
        door, puppet, count = stage.server.listen(), stage.puppet(), stage.server.count()
        numbers = puppet.connect(1001)
        accepted = stage.take(door)
        puppet.send(1001, 80, ACK, payload=b"hello", **numbers.fields())
        said = accepted.recv(10)
        accepted.send(b"hi")
        puppet.tap.wait(lambda one: one.payload == b"hi")
        theirs = puppet.tap.seen(lambda one: one.source[0] == stage.server.address)
        return said, count["InCsumErrors"], theirs[-1].at > theirs[0].at > 0, len(puppet.resets())

    assert _on_stage(act, family) == (b"hello", 0, True, 0)


def test_a_planted_setting_stays() -> None:
    """Whatever an experiment writes; others it may change."""

    def act(stage: Stage) -> list[str]:
        keys = ("net.ipv4.tcp_fin_timeout", "net.ipv4.tcp_retries2")
        stage.server.set(dict.fromkeys(keys, 7))
        return [stage.server.get(key) for key in keys] + [stage.client.get(keys[0])]

    assert _on_stage(act, planted={"net.ipv4.tcp_fin_timeout": 33}) == ["33", "7", "33"]


def test_an_attempt_says_how_it_ended() -> None:
    """Connected, refused, no answer, no port."""

    def act(stage: Stage) -> list[str]:
        target = stage.server.listen().getsockname()[:2]
        results = [stage.client.connect(target).result, stage.client.connect((target[0], 81)).result]
        stage.client.set({"net.ipv4.ip_local_port_range": "40000 40000"})
        stage.client.connect(target)
        results.append(stage.client.connect(target).result)
        stage.client.cut(stage.server.address)
        source = (stage.client.address, 50_000)
        results.append(stage.client.connect(target, source=source, patience_s=0.2).result)
        return results

    assert _on_stage(act) == ["ok", "ECONNREFUSED", "EADDRNOTAVAIL", "no answer"]


def test_the_ends_are_two_namespaces() -> None:
    """A process that steps over comes back to where it was, nested or not."""

    def act(stage: Stage) -> bool:
        def here() -> int:
            return Path("/proc/thread-self/ns/net").stat().st_ino

        home = here()
        with stage.client.inside():
            away = here()
            with stage.server.inside():
                nested = here()
            back = here()
        return (nested, back, here()) == (home, away, home) and home != away

    assert _on_stage(act) is True


def test_what_a_kernel_lacks_is_no_verdict() -> None:
    """A setting, a counter, a connection that are not there end in NotTestableError."""

    def act(stage: Stage) -> list[str]:
        said = []
        door = stage.server.listen()
        door.close()
        for ask in (
            lambda: stage.server.get("net.ipv4.tcp_no_such_thing"),
            lambda: stage.server.set({"net.ipv4.tcp_syn_retries": 0}),
            lambda: stage.server.count()["NoSuchCounter"],
        ):
            try:
                ask()
            except NotTestableError as error:
                said.append(str(error))
        return said

    assert _on_stage(act) == [
        "net.ipv4.tcp_no_such_thing cannot be read in a private namespace: ENOENT",
        "the kernel answers net.ipv4.tcp_syn_retries = 0 with EINVAL",
        "this kernel has no counter NoSuchCounter",
    ]


def test_resets_of_the_server_are_seen() -> None:
    """A segment to a closed port is answered with RST."""

    def act(stage: Stage) -> int:
        puppet = stage.puppet()
        puppet.send(1001, 9, ACK, sequence=1, acknowledgement=1)
        puppet.tap.wait(lambda one: one.flags & RST)
        return len(puppet.resets(1001))

    assert _on_stage(act) == 1


def test_a_socket_belongs_to_its_end() -> None:
    """The same port can be bound at both."""

    def act(stage: Stage) -> list[int]:
        doors = [end.listen(90, address="") for end in (stage.server, stage.client)]
        assert all(isinstance(door, socket.socket) for door in doors)
        return [len(end.rows(90)) for end in (stage.server, stage.client)]

    assert _on_stage(act) == [1, 1]
