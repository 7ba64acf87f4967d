"""A line's addresses: given once, found by the other end."""

from lastack.lab import Cohort, Lab
from tests.lab.readers import states


def addresses(lab: Lab, name: str) -> str:
    """What ``ip``-less readers see: /proc's table of local IPv4 addresses, and of IPv6."""
    namespace = getattr(lab, name)
    files = ["cat", "/proc/net/fib_trie", "/proc/net/if_inet6"]
    return str(namespace.run(files, capture_output=True, text=True, check=True).stdout)


def test_addresses_of_a_snapshot_are_given_to_both_ends(lab: Lab) -> None:
    """Whatever they are: a private network's at the server, the world's at the client, mapped ones as IPv4."""
    cohorts = [
        Cohort("ESTABLISHED", 2, local="10.1.2.3", remote="203.0.113.7"),
        Cohort("ESTABLISHED", 3, active=True, port=443, local="10.1.2.3", remote="8.8.8.8"),
        Cohort("TIME_WAIT", 4, 6, local="2001:db8::1", remote="2a00:1450::1"),
        Cohort("CLOSE_WAIT", 5, 6, local="::ffff:10.9.9.9", remote="::ffff:203.0.113.8"),
    ]
    lab.populate(cohorts)
    assert states(lab.server) == {
        (4, "ESTABLISHED"): 5,
        (6, "TIME_WAIT"): 4,
        (6, "CLOSE_WAIT"): 5,
    }
    server, client = addresses(lab, "server"), addresses(lab, "client")
    assert all(address in server for address in ("10.1.2.3", "10.9.9.9", "20010db8000000000000000000000001"))
    assert all(address in client for address in ("203.0.113.7", "8.8.8.8", "203.0.113.8", "2a001450000000"))


def test_cohorts_that_are_cut_have_clients_of_their_own(lab: Lab) -> None:
    """Every cohort's own address is another one, so that a cut concerns nobody else."""
    lab.populate([Cohort("LAST_ACK", 1), Cohort("FIN_WAIT1", 1), Cohort("ESTABLISHED", 1)])
    text = lab.server.run(["cat", "/proc/net/tcp"], capture_output=True, text=True, check=True).stdout
    remotes = [line.split()[2].partition(":")[0] for line in text.splitlines()[1:]]
    assert len(remotes) == len(set(remotes)) == 3
