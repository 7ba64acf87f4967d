"""A namespace's settings beside its host's."""

from lastack.settings.catalogue.rows import SETTINGS
from lastack.settings.tuned import PER_NAMESPACE, Tuning, catalogued, compare, tuned

DEFAULTS = {"a": "1", "b": "2", "c": "3", "d": "4", "e": "5"}
HOST = {"a": "1", "b": "20", "c": "30", "d": "40", "machine": "9"}


def test_what_the_host_has_tuned() -> None:
    """What is not the default, of what a namespace has of its own."""
    assert tuned(HOST, DEFAULTS) == {"b": "20", "c": "30", "d": "40"}


def test_a_namespace_lacks_or_has_its_own() -> None:
    """The default where the host has another; neither; the host's; the default that the host has too."""
    values = {"a": "1", "b": "2", "c": "31", "d": "40"}
    assert compare(HOST, DEFAULTS, values) == Tuning({"b": "2"}, {"c": "31"})


def test_tuned_where_the_host_is_not() -> None:
    """A container's own sysctl, as runtimes set net.ipv4.ip_unprivileged_port_start, is no lack."""
    assert compare(HOST, DEFAULTS, {"a": "0"}) == Tuning({}, {"a": "0"})


def test_what_one_of_them_lacks_says_nothing() -> None:
    """Keys that only an older or newer kernel has, and those that could not be read."""
    assert compare({"b": "20"}, {}, {"b": "2", "e": "6"}) == Tuning({}, {})


def test_only_settings_of_a_namespace_are_compared() -> None:
    """None of the machine's, and none that only the kernel writes."""
    assert "net.ipv4.tcp_fin_timeout" in PER_NAMESPACE
    assert not {"net.ipv4.tcp_mem", "net.ipv4.tcp_max_orphans", "net.ipv4.tcp_ehash_entries"} & set(PER_NAMESPACE)
    assert catalogued()["net.ipv4.tcp_fin_timeout"] == SETTINGS["net.ipv4.tcp_fin_timeout"].default_now == "60"
