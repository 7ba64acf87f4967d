"""What each line does beside the others and on the host: the verdict, what it says, and a better line."""

import pytest

from lastack.settings.catalogue.rows import SETTINGS
from lastack.settings.lint.checks import CHECKS
from lastack.settings.lint.scene import Listening
from tests.settings.lint.judging import here, on, one


def test_every_check_has_its_setting() -> None:
    """No check is for a key that there is not."""
    assert CHECKS.keys() <= SETTINGS.keys()


@pytest.mark.parametrize(
    ("line", "verdict", "words"),
    [
        ("net.ipv4.tcp_syncookies = 0", "hazard", "locks them out"),
        ("net.ipv4.tcp_syncookies = 2", "hazard", "for tests"),
        ("net.ipv4.tcp_syncookies = 3", "hazard", "only numbers from 0 to 2"),
        ("net.core.somaxconn = 65535", "ok", "next listen()"),
        ("net.core.somaxconn = 128", "hazard", "every listener"),
        ("net.ipv4.tcp_abort_on_overflow = 1", "hazard", "reset"),
        ("net.ipv4.tcp_synack_retries = 2", "ok", "after 7 s"),
        ("net.ipv4.tcp_synack_retries = 0", "hazard", "do not get in"),
        ("net.ipv4.tcp_tw_reuse = 0", "ok", "loopback"),
        ("net.ipv4.tcp_tw_reuse_delay = 100", "hazard", "timestamp clock"),
        ("net.ipv4.tcp_tw_reuse_delay = 5000", "ok", "5,000 ms"),
        ("net.ipv4.tcp_max_tw_buckets = 131072", "no-effect", "default of this host"),
        ("net.ipv4.tcp_max_tw_buckets = 262144", "ok", "67 MB"),
        ("net.ipv4.tcp_max_tw_buckets = 0", "hazard", "no TIME_WAIT at all"),
        ("net.ipv4.tcp_max_tw_buckets = -1", "hazard", "no limit at all since Linux 5.18"),
        ("net.ipv4.tcp_fin_timeout = 15", "ok", "no bearing on TIME_WAIT"),
        ("net.ipv4.tcp_fin_timeout = 61", "hazard", "61 gives 2 s"),
        ("net.ipv4.tcp_fin_timeout = 90", "hazard", "90 gives 60 s"),
        ("net.ipv4.tcp_fin_timeout = 0", "hazard", "shortest time"),
        ("net.ipv4.tcp_rfc1337 = 1", "ok", "hangs"),
        ("net.ipv4.tcp_keepalive_time = 0", "hazard", "no idle time"),
        ("net.ipv4.tcp_keepalive_intvl = 15", "ok", "2 h 2 min"),
        ("net.ipv4.tcp_keepalive_probes = 0", "hazard", "without one probe"),
        ("net.ipv4.tcp_keepalive_probes = 2", "hazard", "healthy connection"),
        ("net.ipv4.tcp_keepalive_probes = 5", "ok", "5 unanswered probes"),
        ("net.ipv4.tcp_timestamps = 0", "hazard", "tcp_tw_reuse no longer works"),
        ("net.ipv4.tcp_timestamps = 2", "hazard", "how long the host is up"),
        ("net.ipv4.tcp_sack = 0", "hazard", "slow"),
        ("net.ipv4.tcp_window_scaling = 0", "hazard", "slow"),
        ("net.ipv4.tcp_fastopen = 3", "ok", "TCP_FASTOPEN"),
        ("net.ipv4.tcp_fastopen = 0x203", "hazard", "forged addresses"),
        ("net.ipv4.tcp_syn_retries = 3", "ok", "about 15 s"),
        ("net.ipv4.tcp_syn_retries = 1", "hazard", "about 3 s"),
        ("net.ipv4.tcp_retries2 = 8", "ok", "about 102 s"),
        ("net.ipv4.tcp_retries2 = 5", "hazard", "at least 100 s"),
        ("net.ipv4.tcp_orphan_retries = 8", "no-effect", "stands for"),
        ("net.ipv4.tcp_orphan_retries = 5", "ok", "about 13 s"),
        ("net.ipv4.tcp_max_orphans = 8192", "hazard", "lower than the 131,072 of now"),
        ("net.ipv4.tcp_max_orphans = 262144", "ok", "262,144"),
        ("net.ipv4.tcp_mem = 786432000 1048576000 1572864000", "hazard", "not in bytes"),
        ("net.ipv4.tcp_mem = 1000 2000 3000", "hazard", "lowers the limit"),
        ("net.ipv4.tcp_mem = 3 2 1", "hazard", "should rise"),
        ("net.ipv4.tcp_mem = 300000 400000 600000", "ok", "in pages"),
        ("net.ipv4.tcp_rmem = 4096 16777216 16777216", "hazard", "begins with"),
        ("net.ipv4.tcp_rmem = 8192 4096 16777216", "hazard", "should rise"),
        ("net.ipv4.tcp_rmem = 4096 131072 16777216", "ok", "Receive buffer"),
        ("net.core.netdev_max_backlog = 5000", "ok", "not connections"),
        ("net.core.netdev_max_backlog = 100", "hazard", "sooner"),
        ("net.netfilter.nf_conntrack_max = 65536", "hazard", "lowers the table"),
        ("net.netfilter.nf_conntrack_max = 2000000", "hazard", "nf_conntrack_buckets"),
        ("net.netfilter.nf_conntrack_max = 524288", "ok", "134 MB"),
        ("net.netfilter.nf_conntrack_tcp_timeout_established = 7200", "hazard", "before its first keepalive probe"),
        ("net.netfilter.nf_conntrack_tcp_timeout_established = 86400", "ok", "1 d"),
        ("net.ipv4.ip_local_reserved_ports = 8080,9000-9010", "no-effect", "one of these ports"),
        ("net.ipv4.ip_local_reserved_ports = 40000-40009,40005", "ok", "10 ports"),
        ("net.ipv4.ip_local_reserved_ports = 32768-60000", "hazard", "leaves 999 of 28,232"),
        ("net.ipv4.ip_unprivileged_port_start = 0", "hazard", "ny local user"),
        ("net.ipv4.ip_unprivileged_port_start = 40000", "out-of-range", "above the first port"),
    ],
)
def test_a_line_alone_on_a_host_with_its_defaults(line: str, verdict: str, words: str) -> None:
    """The verdict, and the words that make it."""
    item = one(here(line))
    assert item.verdict == verdict, item.message
    assert words in item.message


@pytest.mark.parametrize(
    ("lines", "verdict", "words"),
    [
        ("net.ipv4.tcp_timestamps = 0\nnet.ipv4.tcp_tw_reuse = 1", "no-effect", "by line 1"),
        ("net.ipv4.tcp_tw_reuse = 0\nnet.ipv4.tcp_tw_reuse_delay = 100", "no-effect", "tcp_tw_reuse is 0"),
        ("net.ipv4.tcp_timestamps = 0\nnet.ipv4.tcp_tw_reuse_delay = 100", "no-effect", "tcp_timestamps is 0"),
        ("net.ipv4.tcp_syncookies = 0\nnet.ipv4.tcp_max_syn_backlog = 64", "ok", "when 48 requests are open"),
        ("net.ipv4.tcp_keepalive_intvl = 15\nnet.ipv4.tcp_keepalive_time = 300", "ok", "after 7 min 15 s"),
        (
            "net.netfilter.nf_conntrack_tcp_timeout_established = 600\nnet.ipv4.tcp_keepalive_time = 900",
            "hazard",
            "forgets an idle connection after 10 min",
        ),
        (
            "net.ipv4.tcp_keepalive_time = 300\nnet.netfilter.nf_conntrack_tcp_timeout_established = 600",
            "ok",
            "10 min",
        ),
        (
            "net.netfilter.nf_conntrack_buckets = 1000000\nnet.netfilter.nf_conntrack_max = 2000000",
            "ok",
            "512 MB",
        ),
        ("net.ipv4.ip_unprivileged_port_start = 0\nnet.ipv4.ip_local_port_range = 900 60999", "hazard", "1433"),
        ("net.ipv4.ip_local_port_range = 900 60999", "out-of-range", "ip_unprivileged_port_start, which is 1024"),
        (
            "net.ipv4.ip_local_port_range = 16384 65535\nnet.ipv4.ip_local_reserved_ports = 20000-20009",
            "ok",
            "10 ports",
        ),
    ],
)
def test_a_line_beside_another(lines: str, verdict: str, words: str) -> None:
    """What the other line sets decides, and it is named where it matters."""
    item = one(here(lines))
    assert item.verdict == verdict, item.message
    assert words in item.message


def test_a_live_setting_decides_like_a_line() -> None:
    """Timestamps that are off on the host leave tcp_tw_reuse idle; cookies that are off give the backlog its say."""
    assert one(here("net.ipv4.tcp_tw_reuse = 1", tcp_timestamps="0")).verdict == "no-effect"
    assert one(here("net.ipv4.tcp_max_syn_backlog = 8192", tcp_syncookies="0")).verdict == "ok"


@pytest.mark.parametrize(
    ("span", "verdict", "words", "better"),
    [
        ("32768 60999", "no-effect", "default", None),
        ("16384 65535", "ok", "49,152 ports", None),
        ("20000 60000", "hazard", "oth ends are even", "net.ipv4.ip_local_port_range = 20000 60001"),
        ("20001 65535", "hazard", "oth ends are odd", "net.ipv4.ip_local_port_range = 20001 65534"),
        ("10000 65001", "hazard", "10250 (kubelet)", "net.ipv4.ip_local_port_range = 16384 65001"),
        ("50000 60001", "hazard", "10,002 ports", None),
        ("1024 32767", "hazard", "services", None),
        ("50000 40001", "out-of-range", "above the last", "net.ipv4.ip_local_port_range = 40001 50000"),
        ("1024 65536", "out-of-range", "65536", None),
        ("1024-65000", "malformed", "no number", "net.ipv4.ip_local_port_range = 1024 65000"),
        ("20000", "ok", "41,000 ports", None),
    ],
)
def test_port_ranges(span: str, verdict: str, words: str, better: str | None) -> None:
    """Order, parity, size and the ports of services; one port less or more where only parity is wrong."""
    item = one(here(f"net.ipv4.ip_local_port_range = {span}"))
    assert item.verdict == verdict, item.message
    assert words in item.message
    assert item.better == better


def test_listeners_inside_of_a_new_range_are_named_unless_reserved() -> None:
    """Ports that the default range takes in already are nothing new."""
    listeners = (Listening(20_000, 128), Listening(40_000, 128), Listening(443, 511))
    item = one(here("net.ipv4.ip_local_port_range = 16384 65535", listeners))
    assert item.verdict == "hazard"
    assert "listens on, 20000:" in item.message
    assert item.better == "net.ipv4.ip_local_port_range = 20001 65534"
    reserved = here("net.ipv4.ip_local_reserved_ports = 20000\nnet.ipv4.ip_local_port_range = 16384 65535", listeners)
    assert one(reserved).verdict == "ok"


def test_a_higher_cap_is_idle_while_nobody_asks_for_it() -> None:
    """The largest backlog tells; one that is at the cap may want more."""
    line = "net.core.somaxconn = 65535"
    idle = one(here(line, (Listening(80, 511), Listening(22, 128))))
    assert (idle.verdict, "511, on port 80" in idle.message) == ("no-effect", True)
    assert one(here(line, (Listening(80, 4096),))).verdict == "ok"


def test_a_lower_limit_is_a_hazard_even_where_the_default_is_not_known() -> None:
    """For another host, what a machine of 16 GiB has by default is the measure."""
    assert one(on("net.ipv4.tcp_max_tw_buckets = 65536", "5.4")).verdict == "hazard"
    assert one(on("net.ipv4.tcp_max_tw_buckets = 131072", "5.4")).verdict == "ok"
    assert one(on("net.ipv4.tcp_max_orphans = 8192", "5.4")).verdict == "hazard"


def test_retired_settings_do_nothing() -> None:
    """tcp_low_latency and tcp_fack are files that nothing reads."""
    for key in ("net.ipv4.tcp_fack", "net.ipv4.tcp_low_latency"):
        assert one(on(f"{key} = 1")).verdict == "no-effect"
