"""``lastack fleet doctor`` as a user runs it; against real hosts, see tests/fleet/test_truth.py."""

from lastack.cli.fleet_doctor_report import as_text
from lastack.fleet.report import Common, Deviation, Difference, Fault, FleetReport, Group, Host, Place


def _host(number: int, *faults: Fault) -> Host:
    return Host(host=f"10.0.0.{number}", group="web", kernel="6.1", role="server", lastack=True, faults=list(faults))


def _report(hosts: list[Host]) -> FleetReport:
    keys = ("fault", "trait", "value", "sick", "of_sick", "healthy", "of_healthy", "chance")
    common = Common(**dict(zip(keys, ("syn-queue", "k", "0", 5, 5, 0, 40, 8e-7), strict=True)))  # type: ignore[arg-type]
    others = [Deviation(value="\x1b[2J", hosts=[f"10.0.0.{at}" for at in range(5)])]
    return FleetReport(
        asked_at="2026-03-01T12:00:00Z",
        range_s=3600,
        hosts=hosts,
        groups=[
            Group(group="web", hosts=2, sick=1, faults={"syn-queue": 1}),
            Group(group="", hosts=1, sick=0, faults={}),
        ],
        common=[common],
        differences=[Difference(group="web", key="k", usual="2", hosts=40, others=others, computed=True)],
        destinations=[Place(destination="10.9.9.9:80", fill=0.5, worst_host="10.0.0.1", ports=100, hosts=1)],
        unknown=["a store did not answer"],
        queries=20,
        series=12_345,
    )


def test_the_text() -> None:
    """The sick with their faults, what they share with its odds, what differs, where ports go, what is not known."""
    fault = Fault(id="syn-queue", severity="critical", share=0.5, evidence="250 SYNs were dropped at a full queue")
    notice = Fault(id="close-order", severity="notice", share=1.0)
    lines = list(as_text(_report([_host(1, fault), _host(2, notice), _host(3)])))
    assert lines[0] == "1 of 3 hosts are sick, over 60 min."
    assert "10.0.0.1  CRITICAL  syn-queue  50% of the time, 250 SYNs were dropped at a full queue  server" in lines
    assert "  web     1 of 2  syn-queue 1" in lines
    assert "  syn-queue  k 0  5 of 5 sick  0 of 40 others  chance 8e-07" in lines
    assert "  web: k is 2 on 40 hosts; the kernel computes its default" in lines
    assert "    \\x1b[2J on 10.0.0.0, 10.0.0.1, 10.0.0.2 and 2 more" in lines
    assert "  10.9.9.9:80  50% of the ports of 10.0.0.1  100 ports on 1 host" in lines
    assert "  close-order on 10.0.0.2" in lines
    assert lines[-2:] == ["Not told: a store did not answer", "20 queries, 12,345 series"]


def test_colours_are_for_terminals() -> None:
    """None unless asked for; then by severity."""
    report = _report([_host(1, Fault(id="syn-queue", severity="critical", share=1.0))])
    assert not any("\x1b" in line for line in as_text(report))
    assert any(line.startswith("\x1b[31m10.0.0.1") for line in as_text(report, color=True))


def test_many_sick_hosts_are_summed_up() -> None:
    """Twenty by name, and how many more."""
    fault = Fault(id="syn-queue", severity="critical", share=1.0)
    lines = list(as_text(_report([_host(at, fault) for at in range(30)])))
    assert sum("CRITICAL" in line for line in lines) == 20
    assert "and 10 more" in lines


def test_fail_on() -> None:
    """A notice is no warning."""
    report = _report([_host(1, Fault(id="close-order", severity="notice", share=1.0))])
    assert report.reaches("notice")
    assert not report.reaches("warning")
