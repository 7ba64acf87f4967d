"""Topics are found by any of their names, and misspelt ones are guessed only where that is sure."""

import pytest

from lastack.settings.topics import alike, find, meant, names, page_of


@pytest.mark.parametrize(
    ("name", "kind", "own"),
    [
        ("TIME_WAIT", "state", "TIME_WAIT"),
        ("time-wait", "state", "TIME_WAIT"),
        ("Time Wait", "state", "TIME_WAIT"),
        ("FIN-WAIT-2", "state", "FIN_WAIT2"),
        ("estab", "state", "ESTABLISHED"),
        ("syn_received", "state", "SYN_RECV"),
        ("net.ipv4.tcp_tw_reuse", "setting", "net.ipv4.tcp_tw_reuse"),
        ("tcp_tw_reuse", "setting", "net.ipv4.tcp_tw_reuse"),
        ("tw_reuse", "setting", "net.ipv4.tcp_tw_reuse"),
        ("net/core/somaxconn", "setting", "net.core.somaxconn"),
        ("nf_conntrack_max", "setting", "net.netfilter.nf_conntrack_max"),
        ("net.nf_conntrack_max", "setting", "net.nf_conntrack_max"),
        ("ListenOverflows", "counter", "ListenOverflows"),
        ("TcpExtListenOverflows", "counter", "ListenOverflows"),
        ("TcpCurrEstab", "counter", "CurrEstab"),
        ("sockstat.tw", "counter", "sockstat.tw"),
        ("TW", "counter", "TW"),
        ("no-effect", "verdict", "no-effect"),
        ("out of range", "verdict", "out-of-range"),
    ],
)
def test_a_topic_goes_by_many_names(name: str, kind: str, own: str) -> None:
    """Those of every tool, with and without folder and prefix."""
    assert find(name) == (kind, own)


@pytest.mark.parametrize("topic", list(names()), ids=lambda topic: topic.name)
def test_every_topic_has_a_page_of_its_own(topic: tuple[str, str]) -> None:
    """Found by its own name, with a summary and something to say."""
    found = find(topic[1])
    assert found == topic
    page = page_of(found)
    assert (page.kind, page.name) == topic
    assert page.summary.endswith((".", ").")) or page.kind == "verdict"
    assert page.sections
    assert all(any(section[1:]) for section in page.sections)


def test_slips_are_guessed_and_nonsense_is_not() -> None:
    """A letter or two; beyond that there are offers."""
    first, second = meant("TIME_WIAT"), meant("tcp_max_tw_bukets")
    assert first is not None
    assert second is not None
    assert (first.name, second.name) == ("TIME_WAIT", "net.ipv4.tcp_max_tw_buckets")
    assert meant("reuse") is None
    assert alike("quux") == []
    assert "net.ipv4.tcp_tw_reuse" in [topic.name for topic in alike("tw_reus")]


def test_the_live_value_stands_first_on_a_settings_page() -> None:
    """Where the host has it; an empty one is called so."""
    topic = find("ip_local_reserved_ports")
    assert topic is not None
    assert page_of(topic, "").sections[0].facts[0] == ("on this host now", "(empty)")
    assert page_of(topic).sections[0].facts[0][0] == "unit"


def test_a_removed_setting_says_since_when_and_why() -> None:
    """The page on tcp_tw_recycle begins its history with its end."""
    topic = find("tcp_tw_recycle")
    assert topic is not None
    history = next(section for section in page_of(topic).sections if section.heading == "History")
    assert history.bullets[0].startswith("Removed in 4.12: ")
