"""Keys of settings."""

import pytest

from lastack.errors import InputError
from lastack.plan.key import irreversible, parts_of


def test_a_slash_stands_for_a_dot() -> None:
    """As sysctl.d(5) has it for interfaces with a dot in their name."""
    assert parts_of("net.ipv4.conf.eth0/100.rp_filter") == ("net", "ipv4", "conf", "eth0.100", "rp_filter")


@pytest.mark.parametrize(
    "key", ["net", "net.", "a..b", "a./.b", "a.//.b", "/a.b", "-a.b", "a.b\n", "a.b c", "a.*", "a.é"]
)
def test_what_could_lead_elsewhere_is_no_key(key: str) -> None:
    """Nor what is none to begin with."""
    with pytest.raises(InputError) as caught:
        parts_of(key)
    assert caught.value.slug == "bad-setting-name"


@pytest.mark.parametrize(
    "key",
    [
        "net.ipv4.ip_forward",
        "net.ipv6.conf.all.forwarding",
        "net.ipv6.conf.eth0.disable_ipv6",
        "net.ipv4.route.flush",
        "kernel.modules_disabled",
        "vm.drop_caches",
    ],
)
def test_some_settings_cannot_be_given_back(key: str) -> None:
    """The reason is said."""
    assert irreversible(key)


@pytest.mark.parametrize("key", ["net.ipv4.tcp_tw_reuse", "net.ipv4.conf.eth0.forwarding", "vm.swappiness"])
def test_most_can(key: str) -> None:
    """One value, one setting."""
    assert irreversible(key) is None
