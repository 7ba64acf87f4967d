"""What hosts are called."""

import pytest

from lastack.fleet.names import host_of, matched


@pytest.mark.parametrize(
    ("instance", "host"),
    [
        ("10.0.0.1:9100", "10.0.0.1"),
        ("web1.example:9100", "web1.example"),
        ("web1", "web1"),
        ("[2001:db8::1]:9100", "[2001:db8::1]"),
        ("2001:db8::1", "2001:db8::1"),
        ("https://web1/metrics", "https://web1/metrics"),
        ("", ""),
    ],
)
def test_the_host_of_an_instance(instance: str, host: str) -> None:
    """Without its port, if it has one."""
    assert host_of({"instance": instance}, None) == host


def test_a_label_of_ones_own() -> None:
    """As it is; empty where there is none."""
    assert host_of({"instance": "a:1", "nodename": "web1:x"}, "nodename") == "web1:x"
    assert host_of({"instance": "a:1"}, "nodename") == ""


def test_by_name_and_by_address() -> None:
    """Names in any case; the address where the name is not known; IPv6 with brackets or without."""
    addresses = {"Web1": "", "web2": "10.0.0.2", "db": "2001:db8::1", "cache": "10.0.0.9"}
    there = ["web1", "10.0.0.2", "[2001:db8::1]", "10.0.0.3"]
    assert matched(addresses, there) == {"Web1": "web1", "web2": "10.0.0.2", "db": "[2001:db8::1]"}


def test_an_address_of_several_hosts_is_none() -> None:
    """Behind a gateway, ports tell them apart, and Prometheus may scrape the gateway itself."""
    assert matched({"a": "gateway", "b": "gateway"}, ["gateway", "b"]) == {"b": "b"}
