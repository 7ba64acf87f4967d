"""The article's recipe, and what lint says of lines by themselves, beside others, and on a host."""

import pytest

from lastack.settings.lint.judge import fails, judge, keys_of, read_files
from lastack.settings.lint.scene import View
from lastack.settings.lint.verdict import FAILING, VERDICTS
from lastack.settings.release import parse_release
from tests.settings.cases import RECIPE
from tests.settings.lint.judging import here, on, one

# What each of the seven lines must get on a current kernel with its defaults live, and what must be said of it.
SEVEN = {
    "net.ipv4.tcp_syncookies": ("no-effect", ("default", "fallback", "not capacity")),
    "net.ipv4.tcp_tw_reuse": (
        "ok",
        ("active opener", "both ends use timestamps", "after 1 s", "default 2", "loopback"),
    ),
    "net.ipv4.tcp_tw_recycle": ("removed", ("4.12", "never bring it back", "NAT")),
    "net.ipv4.tcp_max_tw_buckets": ("hazard", ("evicts nothing", "lose their TIME_WAIT", "RST", "silently")),
    "net.ipv4.tcp_max_syn_backlog": ("no-effect", ("tcp_syncookies is 1", "listener's own backlog", "somaxconn")),
    "net.ipv4.tcp_keepalive_time": ("ok", ("first probe", "SO_KEEPALIVE only", "not the interval", "31 min 15 s")),
    "net.ipv4.ip_local_port_range": ("hazard", ("ports that services use", "both ends are even")),
}


@pytest.mark.parametrize("view", ["another host", "this host"])
def test_the_recipe_gets_its_seven_verdicts(view: str) -> None:
    """On a current kernel, its defaults live or known by its release alone."""
    judged = on(RECIPE) if view == "another host" else here(RECIPE)
    assert {item.key: item.verdict for item in judged} == {key: verdict for key, (verdict, _) in SEVEN.items()}
    for item in judged:
        for words in SEVEN[item.key][1]:
            assert words in item.message, item
    assert fails(judged)


def test_the_recipe_was_another_one_for_old_kernels() -> None:
    """For 2.6.32 cookies were off, the backlog counted, and tcp_tw_recycle was there to do harm."""
    verdicts = {item.key.rpartition(".")[2]: item.verdict for item in on(RECIPE, "2.6.32-754.el6")}
    assert verdicts["tcp_syncookies"] == "ok"
    assert verdicts["tcp_max_syn_backlog"] == "ok"
    assert verdicts["tcp_tw_recycle"] == "hazard"


def test_which_verdicts_fail() -> None:
    """Removed, unknown, malformed, out of range, hazard: the rest leaves the exit code at 0."""
    assert {"removed", "unknown", "malformed", "out-of-range", "hazard"} == FAILING
    assert VERDICTS.keys() - FAILING == {"ok", "no-effect", "overridden"}
    assert not fails(on("net.ipv4.tcp_tw_reuse = 1\nnet.ipv4.tcp_tw_reuse = 2\n"))


def test_each_setting_line_gets_one_verdict_and_nothing_else_any() -> None:
    """Comments and blank lines are passed over; numbers are those of the file."""
    judged = on("# c\n\nnet.ipv4.tcp_tw_reuse = 1\n; c\nwhat\n")
    assert [(item.line, item.verdict) for item in judged] == [(3, "ok"), (5, "malformed")]


def test_messages_are_sentences() -> None:
    """They begin with a capital or a name, end with one full stop, and say something."""
    text = RECIPE + "what\nnet.ipv4.nonsense = 1\nvm.swappiness = 1\nnet.ipv4.tcp_sack = 9\nnet.ipv4.tcp_tw_reuse=7\n"
    for item in on(text):
        assert item.message.endswith(".")
        assert not item.message.endswith("..")
        assert len(item.message) > 20


@pytest.mark.parametrize(
    ("line", "release", "verdict"),
    [
        ("net.ipv4.tcp_tw_reuse_delay = 1500", "6.13", "unknown"),
        ("net.ipv4.tcp_tw_reuse_delay = 1500", "6.14", "ok"),
        ("net.ipv4.tcp_tw_recycle = 0", "4.11", "no-effect"),
        ("net.ipv4.tcp_tw_recycle = 0", "4.12", "removed"),
        ("net.ipv4.tcp_tw_reuse = 2", "4.18", "no-effect"),
        ("net.ipv4.tcp_tw_reuse = 2", "4.17", "ok"),
        ("net.ipv4.tcp_tw_reuse = 3", "4.18", "out-of-range"),
        ("net.ipv4.tcp_tw_reuse = 3", "4.17", "hazard"),
        ("net.core.somaxconn = 128", "5.3", "no-effect"),
        ("net.core.somaxconn = 128", "5.4", "hazard"),
        ("net.core.somaxconn = 65536", "4.0", "out-of-range"),
        ("net.core.somaxconn = 65536", "4.1", "ok"),
        ("net.ipv4.tcp_syncookies = 256", "5.12", "hazard"),
        ("net.ipv4.tcp_syncookies = 256", "5.13", "out-of-range"),
        ("net.ipv4.tcp_max_syn_backlog = 8192", "4.3", "ok"),
        ("net.ipv4.tcp_max_syn_backlog = 8192", "4.4", "no-effect"),
        ("net.ipv4.tcp_max_tw_buckets = -1", "5.17", "hazard"),
        ("net.ipv4.tcp_abc = 1", "3.8", "ok"),
        ("net.ipv4.tcp_abc = 1", "3.9", "removed"),
        ("net.ipv4.ip_conntrack_max = 65536", "4.9", "removed"),
        ("net.ipv4.tcp_sack = 1", "6.18", "no-effect"),
        ("net.ipv4.tcp_congestion_control = bbr", "6.18", "ok"),
        ("net.ipv4.nonsense = 1", "6.18", "unknown"),
        ("vm.swappiness = 10", "6.18", "ok"),
        ("net.ipv6.conf.all.disable_ipv6 = 1", "6.18", "ok"),
        ("swappiness = 10", "6.18", "unknown"),
    ],
)
def test_a_release_decides_for_another_host(line: str, release: str, verdict: str) -> None:
    """Keys that came and went, ranges and defaults that changed, at the very release."""
    assert one(on(line, release)).verdict == verdict


def test_the_host_decides_for_itself() -> None:
    """A key that its kernel has is there whatever its release; one that it lacks is not."""
    release = parse_release("4.18.0-553.el8")
    entries = read_files([("f", b"net.ipv4.tcp_tw_reuse_delay = 1500\nnet.ipv4.tcp_syncookies = 1\n")])
    live = {"net.ipv4.tcp_tw_reuse_delay": "1000", "net.core.netdev_max_backlog": "1000"}
    assert [item.verdict for item in judge(entries, View(release, live))] == ["ok", "unknown"]
    assert "built without it" in one(judge(entries, View(release, live))).message


def test_a_key_that_may_not_be_read_is_there_all_the_same() -> None:
    """tcp_fastopen_key is root's to read, and no unknown key for others."""
    entries = read_files([("f", b"net.ipv4.tcp_fastopen_key = 1-2-3-4\n")])
    view = View(parse_release("6.18"), {"net.core.netdev_max_backlog": "1"}, frozenset({"net.ipv4.tcp_fastopen_key"}))
    assert one(judge(entries, view)).verdict == "ok"


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("net.ipv4.tcp_max_tw_bucket = 5000", "net.ipv4.tcp_max_tw_buckets is meant"),
        ("rmem_defualt = 262144", "net.core.rmem_default is meant"),
        ("ipv4.tcp_fin_timeout = 30", "net.ipv4.tcp_fin_timeout is meant"),
        ("net.ipv4.tcp_tw_recyle = 1", "net.ipv4.tcp_tw_recycle is meant, which Linux 4.12 removed"),
    ],
)
def test_an_unknown_key_says_what_is_meant(line: str, words: str) -> None:
    """And the better line has the value that was given."""
    item = one(on(line))
    assert item.verdict == "unknown"
    assert words in item.message
    assert item.better is not None
    assert item.better.endswith(line.partition("=")[2].strip())


def test_inside_of_a_namespace_the_machines_settings_are_out_of_reach() -> None:
    """What is not visible there is unknown, what can only be read has no effect, and both say why."""
    entries = read_files(
        [("f", b"net.ipv4.tcp_max_orphans = 100000\nnet.core.rmem_max = 1000000\nfs.nr_open = 2000000\n")]
    )
    view = View(parse_release("6.18"), {"net.core.rmem_max": "212992", "fs.nr_open": "1048576"})
    first, second, third = judge(entries, view)
    assert (first.verdict, second.verdict, third.verdict) == ("unknown", "no-effect", "ok")
    assert "whole machine" in first.message
    assert "whole machine" in second.message


def test_a_module_that_is_not_loaded_is_named() -> None:
    """Its keys are not there now, and would be."""
    entries = read_files([("f", b"net.netfilter.nf_conntrack_max = 1\nnet.bridge.bridge-nf-call-iptables = 1\n")])
    for item, module in zip(
        judge(entries, View(parse_release("6.18"), {"net.core.netdev_max_backlog": "1000"})),
        ("nf_conntrack", "br_netfilter"),
        strict=True,
    ):
        assert item.verdict == "unknown"
        assert module in item.message


def test_keys_of_interfaces_come_and_go() -> None:
    """One that is not here now is not called unknown."""
    item = one(here("net.ipv4.conf.eth9.rp_filter = 1"))
    assert item.verdict == "ok"
    assert "not here now" in item.message


def test_a_reading_cannot_be_written() -> None:
    """tcp_ehash_entries and the tracker's count are not settings."""
    assert one(on("net.ipv4.tcp_ehash_entries = 100000")).verdict == "no-effect"


def test_the_winner_is_named_and_a_repetition_called_so() -> None:
    """An overridden line says which line wins, and with what."""
    first, second, third = on(
        "net.ipv4.tcp_fin_timeout = 30\nnet/ipv4/tcp_fin_timeout=15\nnet.ipv4.tcp_fin_timeout = 0xf\n"
    )
    assert first.verdict == "overridden"
    assert "sets it to 0xf" in first.message
    assert second.verdict == "overridden"
    assert "says the same" in second.message
    assert third.verdict == "ok"


def test_a_refused_line_overrides_nothing_but_systemd_loses_both() -> None:
    """Procps keeps the line before; that the two part is said."""
    first, second = on("net.ipv4.tcp_tw_reuse = 1\nnet.ipv4.tcp_tw_reuse = 7\n")
    assert (first.verdict, second.verdict) == ("ok", "out-of-range")
    assert "systemd-sysctl tries only the last line" in first.message


def test_files_are_named_where_there_are_several() -> None:
    """With one file its lines are enough."""
    two = read_files([("a.conf", b"net.ipv4.tcp_fin_timeout = 30\n"), ("b.conf", b"net.ipv4.tcp_fin_timeout = 15\n")])
    assert "line 1 of b.conf" in judge(two, View(parse_release("6.18")))[0].message.lower()
    assert " of f" not in on("net.ipv4.tcp_fin_timeout = 30\nnet.ipv4.tcp_fin_timeout = 15\n")[0].message


def test_the_default_is_no_effect_unless_it_puts_something_back() -> None:
    """It does where another value is live, or where an earlier line set one."""
    assert one(here("net.ipv4.tcp_fin_timeout = 60")).verdict == "no-effect"
    live = one(here("net.ipv4.tcp_fin_timeout = 60", tcp_fin_timeout="15"))
    assert (live.verdict, "15 is live" in live.message) == ("ok", True)
    lines = one(on("net.ipv4.tcp_fin_timeout = 30\nnet.ipv4.tcp_fin_timeout = 60\n"))
    assert (lines.verdict, "which line 1 changes" in lines.message) == ("ok", True)


def test_a_leading_zero_is_a_hazard() -> None:
    """The kernel reads octal: 010 is 8."""
    item = one(on("net.ipv4.tcp_keepalive_probes = 010"))
    assert item.verdict == "hazard"
    assert "reads 8" in item.message
    assert item.better == "net.ipv4.tcp_keepalive_probes = 10"


def test_a_pattern_gets_the_worst_of_what_it_sets() -> None:
    """One of four timeouts out of reach, and the line says which."""
    item = one(on("net.ipv4.tcp_keepalive_* = 300"))
    assert item.verdict == "out-of-range"
    assert "net.ipv4.tcp_keepalive_probes" in item.message
    assert one(on("net.ipv4.conf.*.rp_filter = 1")).verdict == "ok"
    assert on("net.ipv4.tcp_keepalive_* = 60\nnet.ipv4.tcp_keep* = 30\n")[0].verdict == "overridden"


def test_a_pattern_stands_for_what_the_kernel_has() -> None:
    """Of tcp_tw_recycle, tcp_tw_reuse and tcp_tw_reuse_delay, 5.4 has one."""
    item = one(on("net.ipv4.tcp_tw_* = 1", "5.4"))
    assert item.verdict == "ok"
    assert item.message.startswith("net.ipv4.tcp_tw_reuse, all that it stands for: connect()")


def test_exclusions_work_on_patterns_alone() -> None:
    """Without a pattern they do nothing, and they take none themselves."""
    assert on("-net.ipv4.tcp_fin_timeout\nnet.ipv4.tcp_fin_* = 30\n")[0].verdict == "ok"
    assert one(on("-net.ipv4.tcp_fin_timeout\n")).verdict == "no-effect"
    assert one(on("net.ipv4.tcp_fin_* = 30\n-net.ipv4.tcp_f*\n")).verdict == "no-effect"


def test_a_tolerant_line_for_a_key_that_is_gone_says_who_tolerates_it() -> None:
    """Systemd does; procps exits with 1."""
    message = one(on("-net.ipv4.tcp_tw_recycle = 1")).message
    assert "systemd-sysctl" in message
    assert "procps 4.0 exits with 1" in message


def test_a_host_is_asked_for_all_that_verdicts_rest_on() -> None:
    """Every setting of the catalogue, and each key that a line names; patterns are none."""
    keys = keys_of(read_files([("f", b"vm.swappiness = 1\nnet.ipv4.conf.*.rp_filter = 1\nbroken\n")]))
    assert {"vm.swappiness", "net.ipv4.tcp_timestamps"} <= keys
    assert not any("*" in key for key in keys)
