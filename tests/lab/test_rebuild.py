"""A snapshot's population: the same again, and what could not be so is said."""

from collections import Counter

from lastack.kernel.sampler import take_sample
from lastack.lab import Cohort, Lab
from lastack.lab.links import Link
from lastack.lab.rebuild import rebuild
from tests.lab.readers import rows, states
from tests.model.samples import article, cohort, listener, sample

OWN = "processes, users, cgroups, settings and the times of closes are the lab's own"
MOVED = (
    "with an end on a loopback, link-local or unknown address, or with both ends on this host, moved to addresses of "
    "the lab"
)
HOST = (
    Cohort("LISTEN", 1, port=80, backlog=7),
    Cohort("LISTEN", 1, port=81, backlog=200, local="10.0.0.1"),
    Cohort("LISTEN", 1, 6, port=443, backlog=9, takes_ipv4=True),
    Cohort("LISTEN", 1, port=5432, backlog=5, local="127.0.0.1"),
    Cohort("ESTABLISHED", 5, kind="queued"),
    Cohort("ESTABLISHED", 30, local="10.0.0.1", remote="203.0.113.5"),
    Cohort("ESTABLISHED", 20, active=True, port=8080, local="10.0.0.1", remote="10.0.0.9"),
    Cohort("TIME_WAIT", 300, active=True, port=8080, local="10.0.0.1", remote="10.0.0.9"),
    Cohort("TIME_WAIT", 200, local="10.0.0.1", remote="203.0.113.6"),
    Cohort("TIME_WAIT", 60, 6, port=443, local="2001:db8::1", remote="2001:db8::99"),
    Cohort("CLOSE_WAIT", 11, 6, port=443, local="::ffff:10.0.0.1", remote="::ffff:203.0.113.7"),
    Cohort("FIN_WAIT2", 13, local="10.0.0.1", remote="203.0.113.8"),
    Cohort("FIN_WAIT2", 17, kind="orphan", local="10.0.0.1", remote="203.0.113.8"),
    Cohort("SYN_SENT", 4, port=9999, local="10.0.0.1", remote="203.0.113.200"),
    Cohort("SYN_RECV", 6, local="10.0.0.1", remote="203.0.113.201"),
    Cohort("LAST_ACK", 3, local="10.0.0.1", remote="203.0.113.202"),
)


def destinations(lab: Lab) -> Counter[tuple[str, ...]]:
    """Sockets per state, addresses and the port that is no ephemeral one, from /proc."""
    known = {"0050", "0051", "01BB", "1538", "1F90", "270F"}
    counts: Counter[tuple[str, ...]] = Counter()
    for path in ("/proc/net/tcp", "/proc/net/tcp6"):
        text = lab.server.run(["cat", path], capture_output=True, text=True, check=True).stdout
        for line in text.splitlines()[1:]:
            _, local, remote, state, *_ = line.split()
            ends = [end if end.rpartition(":")[2] in known else end.rpartition(":")[0] for end in (local, remote)]
            counts[path, state, *ends] += 1
    return counts


def backlogs(lab: Lab) -> list[str]:
    """Queue, limit and address of each listener, from ss."""
    text = lab.server.run(["ss", "-ltnH"], capture_output=True, text=True, check=True).stdout
    return sorted(" ".join(line.split()[1:4]) for line in text.splitlines())


def test_a_busy_host_is_built_again() -> None:
    """States, listeners with their backlogs and queues, both families, and every destination with its addresses."""
    with Lab() as host:
        host.populate(HOST)
        taken = host.server.call(take_sample)
        original = destinations(host), backlogs(host), files(host)
    rebuilding = rebuild(taken, Link(1))
    with Lab() as lab:
        lab.populate(rebuilding.cohorts)
        assert (destinations(lab), backlogs(lab), files(lab)) == original
    assert rebuilding.changes == [OWN]


def files(lab: Lab) -> Counter[tuple[str, bool]]:
    """Whether a process holds them, by state."""
    return Counter((row.state, row.has_file) for row in rows(lab.server))


def test_a_snapshot_without_a_lab_behind_it() -> None:
    """The article's, made by hand: whatever order its rows have, the census is its own."""
    with Lab() as lab:
        lab.populate(rebuild(article(), Link(1)).cohorts)
        assert states(lab.server) == {
            (4, "LISTEN"): 9,
            (4, "SYN_RECV"): 2,
            (4, "ESTABLISHED"): 1070,
            (4, "FIN_WAIT1"): 17,
            (4, "FIN_WAIT2"): 247,
            (4, "CLOSING"): 4,
            (4, "TIME_WAIT"): 25_087,
            (4, "CLOSE_WAIT"): 125,
            (4, "LAST_ACK"): 7,
        }


def test_what_cannot_be_is_said() -> None:
    """With how many it met, and why; the sockets are counted all the same where the lab can make them."""
    served = {"role": "passive", "local_port": 80}
    strange = sample(
        cohort("ESTABLISHED", 3, local="127.0.0.1", remote="127.0.0.1", **served),
        cohort("ESTABLISHED", 4, local="fe80::1", remote="fe80::2", family=6, **served),
        cohort("TIME_WAIT", 5, local="10.0.0.1", **served),
        cohort("ESTABLISHED", 2, local="10.0.0.1", remote="10.0.0.1", **served),
        cohort("CLOSED", 6, local="10.0.0.1"),
        cohort("TIME_WAIT", 7, local="10.0.0.1", remote="10.0.0.2"),
        cohort("SYN_RECV", 1, local="10.0.0.1", remote="10.0.0.3", local_port=99, role="passive"),
        listeners=[listener(address="fe80::1", family=6)],
        bound_ports=[1111, 2222],
    )
    rebuilding = rebuild(strange, Link(1))
    assert rebuilding.changes == [
        "1 listener on a link-local or unknown address, put on every address",
        f"14 sockets {MOVED}",
        "6 sockets left out, in a state that the lab does not make",
        "7 sockets with ports that the snapshot does not tell, put on port 80",
        "1 listener added, without which there is no SYN_RECV and no accept queue",
        "2 ports left out, bound without a connection",
        OWN,
    ]
    with Lab() as lab:
        lab.populate(rebuilding.cohorts)
        assert states(lab.server) == {
            (4, "ESTABLISHED"): 5,
            (6, "ESTABLISHED"): 4,
            (4, "TIME_WAIT"): 12,
            (4, "SYN_RECV"): 1,
            (4, "LISTEN"): 1,
            (6, "LISTEN"): 1,
        }


def test_a_host_with_the_labs_own_addresses() -> None:
    """The server's and the client's first addresses may be anything in a snapshot: they are put where they can be."""
    link = Link(1)
    odd = sample(
        cohort("ESTABLISHED", 2, role="passive", local=link.client(4), local_port=80, remote=link.server(4)),
        cohort("ESTABLISHED", 3, role="passive", local=link.server(4), local_port=80, remote=link.client(4)),
    )
    with Lab() as lab:
        lab.populate(rebuild(odd, link).cohorts)
        assert states(lab.server) == {(4, "ESTABLISHED"): 5}
