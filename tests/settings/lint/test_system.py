"""Who wins each key of a host, and what drifted."""

from lastack.settings.lint.judge import read_files
from lastack.settings.lint.scene import View
from lastack.settings.lint.system import Contest, contests
from lastack.settings.release import parse_release

VENDOR = (
    "/usr/lib/sysctl.d/50-vendor.conf",
    b"net.ipv4.tcp_fin_timeout = 30\nnet.ipv4.tcp_rmem = 4096 131072 6291456\n",
)
ADMIN = ("/etc/sysctl.d/90-web.conf", b"net.ipv4.tcp_fin_timeout = 15\nvm.swappiness = 10\n")
MAIN = ("/etc/sysctl.conf", b"net.ipv4.tcp_fin_timeout = 20\n")
LIVE = {
    "net.core.netdev_max_backlog": "1000",
    "net.ipv4.tcp_fin_timeout": "15",
    "net.ipv4.tcp_rmem": "4096\t131072\t6291456",
    "vm.swappiness": "60",
}


def all_contests() -> dict[str, Contest]:
    """Of a host with systemd whose /etc/sysctl.conf nothing links to."""
    entries, others = read_files([VENDOR, ADMIN]), read_files([VENDOR, ADMIN, MAIN])
    return {item.key: item for item in contests(entries, others, View(parse_release("6.18"), LIVE))}


def test_the_winner_and_those_that_it_overrides() -> None:
    """In the order in which they are written."""
    contest = all_contests()["net.ipv4.tcp_fin_timeout"]
    assert [entry.value for entry in contest.setters] == ["30", "15"]
    assert contest.winner.where == "line 1 of /etc/sysctl.d/90-web.conf"


def test_the_other_loader_is_named_where_it_would_set_another_value() -> None:
    """Procps reads the main file last."""
    other = all_contests()["net.ipv4.tcp_fin_timeout"].other
    assert other is not None
    assert (other.file, other.value) == ("/etc/sysctl.conf", "20")
    assert all_contests()["vm.swappiness"].other is None


def test_drift_is_by_value_not_by_spelling() -> None:
    """Tabs are no drift, another number is, of any key that is live."""
    found = all_contests()
    assert not found["net.ipv4.tcp_rmem"].drifted
    assert not found["net.ipv4.tcp_fin_timeout"].drifted
    assert found["vm.swappiness"].drifted
