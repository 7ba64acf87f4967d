"""Misspelt keys are found again, and only those."""

import pytest

from lastack.settings.catalogue.neighbours import NEIGHBOURS
from lastack.settings.catalogue.rows import SETTINGS
from lastack.settings.lint.spelling import Speller

SPELLER = Speller([*SETTINGS, *NEIGHBOURS])


@pytest.mark.parametrize(
    ("wrong", "right"),
    [
        ("net.ipv4.tcp_max_tw_bucket", "net.ipv4.tcp_max_tw_buckets"),
        ("net.core.rmem_defualt", "net.core.rmem_default"),
        ("ipv4.tcp_tw_reuse", "net.ipv4.tcp_tw_reuse"),
        ("tcp_tw_reuse", "net.ipv4.tcp_tw_reuse"),
        ("net.ipv4.somaxconn", "net.core.somaxconn"),
        ("net.core.tcp_max_syn_backlog", "net.ipv4.tcp_max_syn_backlog"),
        ("net.ipv4.TCP_FIN_TIMEOUT", "net.ipv4.tcp_fin_timeout"),
        ("net.ipv4.tcp-fin-timeout", "net.ipv4.tcp_fin_timeout"),
        ("net.ipv4/tcp_fin_timeout", "net.ipv4.tcp_fin_timeout"),
        ("net.ipv4.tcp_syncookie", "net.ipv4.tcp_syncookies"),
        ("net.ipv4.tcp_syncookiess", "net.ipv4.tcp_syncookies"),
        ("net.ipv4.tcp_keepalive_intlv", "net.ipv4.tcp_keepalive_intvl"),
        ("net.ipv4.tcp_tw_recylce", "net.ipv4.tcp_tw_recycle"),
    ],
)
def test_one_slip_is_understood(wrong: str, right: str) -> None:
    """A letter more, less, changed or swapped; another folder or none; other separators and case."""
    assert SPELLER.nearest(wrong) == right


@pytest.mark.parametrize(
    "name", ["net.ipv4.nonsense", "vm.swappiness", "net.ipv4.tcp", "x", "", "net.ipv4." + "a" * 9999]
)
def test_what_is_like_nothing_stays_unknown(name: str) -> None:
    """No key is forced on a name that is none."""
    assert SPELLER.nearest(name) is None


@pytest.mark.parametrize("key", SETTINGS)
def test_every_key_finds_itself(key: str) -> None:
    """Or the first of those that share its name."""
    found = SPELLER.nearest(key)
    assert found is not None
    assert found.rpartition(".")[2] == key.rpartition(".")[2]
