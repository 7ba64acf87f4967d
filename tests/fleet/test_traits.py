"""What the sick share and the healthy have not, and settings that differ; against scipy's Fisher test and counting."""

import pytest
from scipy.stats import fisher_exact

from lastack.fleet.report import Deviation, Fault, Host
from lastack.fleet.traits import _fisher, common, differences

KEY = "net.ipv4.tcp_tw_reuse"


def _host(name: str, *ids: str, group: str = "web", severity: str = "critical", kernel: str = "6.1") -> Host:
    faults = [Fault(id=one, severity=severity, share=1.0) for one in ids]  # type: ignore[arg-type]
    return Host(host=name, group=group, kernel=kernel, role="server", lastack=True, faults=faults)


def _fleet(sick: int, healthy: int) -> list[Host]:
    names = [(f"s{at}", ("ephemeral-ports",)) for at in range(sick)] + [(f"h{at}", ()) for at in range(healthy)]
    return [_host(name, *ids) for name, ids in names]


def test_a_setting_of_the_sick_alone_is_found() -> None:
    """Five of five and none of forty: one in 1.2 million, times the values tried."""
    hosts = _fleet(5, 40)
    values = {host.host: "0" if host.faults else "2" for host in hosts}
    (found, *rest) = common(hosts, {KEY: values})
    assert rest == []
    assert (found.fault, found.trait, found.value) == ("ephemeral-ports", KEY, "0")
    assert (found.sick, found.of_sick, found.healthy, found.of_healthy) == (5, 5, 0, 40)
    tried = 5  # the kernel, the role, the group, two values of the setting
    expected = tried * fisher_exact([[5, 0], [0, 40]], alternative="greater").pvalue
    assert found.chance == pytest.approx(expected)


def test_most_and_few_will_do() -> None:
    """Nine of ten, and four of forty; but not half of the sick, nor where half of the healthy have it too."""
    hosts = _fleet(10, 40)
    names = [host.host for host in hosts]

    def having(*those: str) -> dict[str, str]:
        return {name: "0" if name in those else "2" for name in names}

    assert common(hosts, {KEY: having(*names[:9], *names[10:14])})[0].value == "0"
    assert common(hosts, {KEY: having(*names[:5])}) == []
    assert common(hosts, {KEY: having(*names[:10], *names[10:30])}) == []


def test_one_sick_host_shares_nothing() -> None:
    """What a single host has by itself may be chance, and is not told."""
    hosts = _fleet(1, 20)
    assert common(hosts, {KEY: {host.host: host.host for host in hosts}}) == []


def test_a_kernel_can_be_what_they_share() -> None:
    """Kernel, role and group are traits like settings; notices are no sickness."""
    sick = [_host(f"s{at}", "syn-queue", kernel="5.4") for at in range(6)]
    noticed = [_host(f"n{at}", "close-order", severity="notice") for at in range(6)]
    (found,) = common([*sick, *noticed, *(_host(f"h{at}") for at in range(30))], {})
    assert (found.fault, found.trait, found.value) == ("syn-queue", "kernel", "5.4")


@pytest.mark.parametrize("table", [(5, 5, 0, 40), (9, 10, 4, 40), (3, 4, 1, 9), (1, 1, 0, 21)])
def test_the_probability_is_fishers(table: tuple[int, int, int, int]) -> None:
    """One-sided."""
    one, of_one, other, of_other = table
    expected = fisher_exact([[one, of_one - one], [other, of_other - other]], alternative="greater").pvalue
    assert _fisher(*table) == pytest.approx(expected)


def test_differences_are_within_a_group() -> None:
    """By group: the usual value and who has another; equal ones are none, and derived defaults are marked."""
    hosts = [*(_host(f"w{at}") for at in range(3)), *(_host(f"a{at}", group="api") for at in range(2))]
    settings = {
        KEY: {"w0": "2", "w1": "0", "w2": "2", "a0": "0", "a1": "0"},
        "net.ipv4.tcp_max_tw_buckets": {"w0": "1", "w1": "2", "w2": "2"},
    }
    first, second = differences(hosts, settings)
    assert (first.group, first.key, first.computed) == ("web", "net.ipv4.tcp_max_tw_buckets", True)
    assert (second.key, second.usual, second.hosts) == (KEY, "2", 2)
    assert second.others == [Deviation(value="0", hosts=["w1"])]
    assert not second.computed
