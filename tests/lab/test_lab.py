"""Any population, for anybody, exact, and gone without a trace."""

import os
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from uuid import uuid4

import pytest

from lastack.errors import RefusedError, UsageError
from lastack.lab import Cohort, Lab
from lastack.lab.cohorts import RECIPES
from tests.lab.readers import by_ss, rows, states
from tests.lab.users import MARK, Run

# All that /proc/net/tcp shows without a file: held by no process, or not yet taken by accept().
_WITHOUT_FILE = {"orphan", "queued"}
_NEVER_A_FILE = {"TIME_WAIT", "SYN_RECV"}


def every_state() -> list[Cohort]:
    """Each recipe in both families, no two cohorts of the same size."""
    sizes = count(3)
    return [
        Cohort(recipe.state, next(sizes), family, recipe.kind, port=80 if recipe.state != "LISTEN" else 2000)
        for recipe in RECIPES
        for family in (4, 6)
    ]


def wanted(cohorts: list[Cohort]) -> Counter[tuple[int, str]]:
    """Sockets per family and state, by arithmetic; a listener for each family that has half-open ones or a queue."""
    counts: Counter[tuple[int, str]] = Counter({(4, "LISTEN"): 1, (6, "LISTEN"): 1})
    for cohort in cohorts:
        counts[cohort.family, cohort.state] += cohort.count
    return counts


def built() -> tuple[Counter[tuple[int, str]], Counter[tuple[int, str]], Counter[tuple[int, str, bool]]]:
    """What /proc and ss see of every state, and how many of each have a file."""
    with Lab() as lab:
        lab.populate(every_state())
        files = Counter((row.family, row.state, row.has_file) for row in rows(lab.server))
        return states(lab.server), by_ss(lab), files


def test_every_state_in_both_families_is_there(run_as: Run) -> None:
    """Two independent readers see what was asked for, and which sockets a process holds, as root and without."""
    proc, ss, files = run_as(built)
    cohorts = every_state()
    assert proc == ss == wanted(cohorts)
    held: Counter[tuple[int, str, bool]] = Counter({(4, "LISTEN", True): 1, (6, "LISTEN", True): 1})
    for cohort in cohorts:
        has_file = cohort.kind not in _WITHOUT_FILE and cohort.state not in _NEVER_A_FILE
        held[cohort.family, cohort.state, has_file] += cohort.count
    assert files == held


def test_a_second_population_joins_the_first(lab: Lab) -> None:
    """What an earlier call made stays, and counts in the comparison."""
    lab.populate([Cohort("TIME_WAIT", 70)])
    lab.populate([Cohort("TIME_WAIT", 30), Cohort("CLOSE_WAIT", 4)])
    assert states(lab.server) == {(4, "TIME_WAIT"): 100, (4, "CLOSE_WAIT"): 4}


@pytest.mark.parametrize("cookies", [0, 1])
def test_half_open_with_and_without_cookies(lab: Lab, cookies: int) -> None:
    """SYN_RECV is SYN_RECV while the queue has room, whatever tcp_syncookies is; more than the defaults hold, too."""
    lab.server.set({"net.ipv4.tcp_syncookies": cookies, "net.ipv4.tcp_max_syn_backlog": 128})
    lab.populate([Cohort("SYN_RECV", 5000), Cohort("SYN_RECV", 300, family=6)])
    half_open = {(4, "SYN_RECV"): 5000, (6, "SYN_RECV"): 300}
    assert states(lab.server) == half_open | {(4, "LISTEN"): 1, (6, "LISTEN"): 1}


def test_what_the_kernel_cannot_show_is_an_error(lab: Lab) -> None:
    """With cookies for every SYN there is no SYN_RECV: the error names family, state and difference."""
    lab.server.set({"net.ipv4.tcp_syncookies": 2})
    with pytest.raises(RefusedError, match=r"IPv4 SYN_RECV is 0 instead of 3") as caught:
        lab.populate([Cohort("SYN_RECV", 3)])
    assert caught.value.slug == "census-differs"


def test_an_accept_queue_is_full(lab: Lab) -> None:
    """A backlog of n lets n + 1 connections wait, and the next handshake does not finish."""
    lab.populate([Cohort("LISTEN", 1, backlog=16), Cohort("ESTABLISHED", 17, kind="queued")])
    (listener,) = [row for row in rows(lab.server) if row.state == "LISTEN"]
    assert listener.queue == 17
    with pytest.raises(RefusedError, match=r"IPv4 ESTABLISHED is 17 instead of 18"):
        lab.populate([Cohort("ESTABLISHED", 1, kind="queued")])


def test_a_listener_that_would_take_the_connections_is_an_error(lab: Lab) -> None:
    """Connections to the very address that an earlier call's listener is bound to end in an error, not in waiting."""
    lab.populate([Cohort("LISTEN", 1, local=lab.links[0].server(4), port=81)])
    with pytest.raises(RefusedError, match="a listener that was there before took their connections"):
        lab.populate([Cohort("ESTABLISHED", 40, port=81)])


def test_the_population_is_sustained(lab: Lab) -> None:
    """TIME_WAIT of either side's opening and of both families begins its minute anew; the others stay."""
    cohorts = [
        Cohort("TIME_WAIT", 500),
        Cohort("TIME_WAIT", 50, active=True, port=8080),
        Cohort("TIME_WAIT", 60, family=6),
        Cohort("FIN_WAIT1", 5),
        Cohort("LAST_ACK", 6),
    ]
    lab.populate(cohorts)
    before = states(lab.server)
    while least_left_s(lab) >= 58:
        time.sleep(0.05)  # the kernel's own clock must go on before there is anything to renew
    lab.sustain()
    assert least_left_s(lab) >= 58
    assert states(lab.server) == before


def least_left_s(lab: Lab) -> float:
    """The shortest time that a TIME_WAIT has left, from the timer column of proc_net_tcp(5), in hundredths."""
    text = lab.server.run(["cat", "/proc/net/tcp", "/proc/net/tcp6"], capture_output=True, text=True).stdout
    timers = [line.split()[5] for line in text.splitlines() if line.split()[3] == "06"]
    return min(int(timer.partition(":")[2], 16) for timer in timers) / 100


def test_one_direction_to_one_address_is_cut_and_mended(lab: Lab) -> None:
    """A cut client gets no answer while the server hears it; its neighbour notices nothing; mended, it is as before."""
    lab.populate([Cohort("LISTEN", 1), Cohort("ESTABLISHED", 3, remote="198.18.0.9")])
    link = lab.links[0]
    assert lab.client.call(connects, link.client(4), link.server(4), 10)
    lab.cut(lab.server, link.client(4))
    assert not lab.client.call(connects, link.client(4), link.server(4), 0.3)
    assert states(lab.server)[4, "SYN_RECV"] == 1
    assert lab.client.call(connects, "198.18.0.9", link.server(4), 10)
    lab.mend(lab.server, link.client(4))
    assert lab.client.call(connects, link.client(4), link.server(4), 10)


def connects(source: str, target: str, patience_s: float) -> bool:
    """Whether a handshake with port 80 finishes in so many seconds."""
    import socket  # noqa: PLC0415 - it runs in the client

    try:
        with socket.create_connection((target, 80), timeout=patience_s, source_address=(source, 0)):
            return True
    except OSError:
        return False


def test_several_clients_reach_one_server() -> None:
    """Each client has a link of its own; the census adds them up."""
    with Lab(clients=3) as lab:
        for client in range(3):
            lab.populate([Cohort("ESTABLISHED", 2 + client), Cohort("TIME_WAIT", 5, family=6)], client)
        assert states(lab.server) == {(4, "ESTABLISHED"): 9, (6, "TIME_WAIT"): 15}
        assert [states(client)[4, "ESTABLISHED"] for client in lab.clients] == [2, 3, 4]


@pytest.mark.parametrize("clients", [0, 33])
def test_a_lab_has_one_to_thirty_two_clients(clients: int) -> None:
    """Others are a usage error, before anything is made."""
    with pytest.raises(UsageError, match="1 to 32 clients"):
        Lab(clients)


def test_building_changes_no_setting_for_good(lab: Lab) -> None:
    """Room is made where it lacked; everything else of the server is as in an empty lab."""
    before = settings(lab)
    lab.populate([*every_state(), Cohort("TIME_WAIT", 2000, port=81)])
    after = settings(lab)
    assert {name for name in before if before[name] != after[name]} <= {
        "net/ipv4/tcp_max_tw_buckets",
        "net/ipv4/tcp_max_syn_backlog",
        "net/core/somaxconn",
    }


def settings(lab: Lab) -> dict[str, str]:
    """Every sysctl of the server that can be read."""
    return lab.server.call(read_settings)


def read_settings() -> dict[str, str]:
    """Every sysctl of networking here that can be read."""
    root = Path("/proc/sys")
    return dict(read_each(path for path in (root / "net").rglob("*") if path.is_file()))


def read_each(paths: Iterator[Path]) -> Iterator[tuple[str, str]]:
    """Name and value."""
    for path in paths:
        try:
            yield str(path.relative_to("/proc/sys")), path.read_text("utf-8", "replace")
        except OSError:
            continue


# What the host does on its own, lab or no lab.
_RESTLESS = {"net/netfilter/nf_conntrack_count"}


def host() -> dict[str, object]:
    """Links, addresses, named namespaces, settings, mounts."""
    values = {name: value for name, value in read_settings().items() if name not in _RESTLESS}
    return {
        "links": sorted(os.listdir("/sys/class/net")),  # noqa: PTH208 - names
        "addresses": Path("/proc/net/fib_trie").read_text(),
        "named": sorted(path.name for path in Path("/run/netns").glob("*")),
        "mounts": sorted(Path("/proc/self/mountinfo").read_text().splitlines()),
        "limits": dict(read_each(path for path in Path("/proc/sys/user").iterdir())),
        "settings": values,
    }


def marked(mark: str) -> list[int]:
    """The processes that have the mark in their environment."""
    found = []
    for entry in Path("/proc").iterdir():
        try:
            if entry.name.isdigit() and mark.encode() in (entry / "environ").read_bytes():
                found.append(int(entry.name))
        except OSError:
            continue
    return found


def until_gone(mark: str, seconds: float = 10) -> list[int]:
    """The marked processes that are still there after so many seconds."""
    deadline = time.monotonic() + seconds
    while (left := marked(mark)) and time.monotonic() < deadline:
        time.sleep(0.01)
    return left


def children() -> str:
    """The pids of our children, the dead that nobody reaped among them."""
    return Path(f"/proc/self/task/{os.getpid()}/children").read_text("ascii")


@pytest.mark.parametrize("processes", [2, 4, 9])
def test_nothing_survives_kill_9(processes: int) -> None:
    """Killed at its start, halfway or while it builds, a lab leaves no process, link, file, mount or setting."""
    mark = uuid4().hex
    before = host()
    command = [sys.executable, "-m", "lastack", "lab", "build", "--state", "TIME_WAIT=90000", "--state", "ESTAB=900"]
    victim = subprocess.Popen(
        [*command, "--exec", "exec sleep 600"],
        env=os.environ | {MARK: mark},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    deadline = time.monotonic() + 20
    while len(marked(mark)) < processes and victim.poll() is None:
        assert time.monotonic() < deadline
    victim.kill()
    victim.wait()
    assert until_gone(mark) == []
    assert host() == before


def test_a_lab_that_ends_well_leaves_no_trace() -> None:
    """Open and close: no process, link, file, mount or setting of the host's differs, and no child is left to reap."""
    before, born_before = host(), children()
    with Lab(clients=2) as lab:
        lab.populate([Cohort("ESTABLISHED", 20), Cohort("SYN_RECV", 5), Cohort("TIME_WAIT", 100)])
        pids = [lab.server.pid, lab.client.pid]
        assert host() == before
    assert host() == before
    assert not any(Path(f"/proc/{pid}").exists() for pid in pids)
    assert children() == born_before


def test_an_error_inside_the_block_closes_the_lab() -> None:
    """Whatever ends the block, the namespaces go."""
    pids = []

    def fail_inside() -> None:
        with Lab() as lab:
            pids.append(lab.server.pid)
            lab.populate([Cohort("ESTABLISHED", 5)])
            lab.populate([Cohort("TIME_WAIT", 70_000, remote="203.0.113.1")])

    with pytest.raises(RefusedError, match=r"no .* ports left"):
        fail_inside()
    assert not any(Path(f"/proc/{pid}").exists() for pid in pids)
