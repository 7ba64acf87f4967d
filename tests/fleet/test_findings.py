"""Faults out of findings and counters."""

from lastack.fleet.findings import faults_of
from lastack.fleet.prometheus import Series
from lastack.fleet.queries import SIGNS
from lastack.fleet.report import Fault

QUEUE = next(sign for sign in SIGNS if sign.id == "accept-queue")
TABLE = next(sign for sign in SIGNS if sign.id == "conntrack")


def _finding(id_: str, severity: str, scrapes: float) -> tuple[str, Series]:
    return "web1", Series({"id": id_, "severity": severity, "confidence": "high"}, scrapes)


def test_the_share_is_of_the_scrapes() -> None:
    """Three of twelve; the worst fault first."""
    found = faults_of([_finding("close-wait", "warning", 12), _finding("syn-queue", "critical", 3)], {"web1": 12}, [])
    assert [(fault.id, fault.share) for fault in found["web1"]] == [("syn-queue", 0.25), ("close-wait", 1.0)]


def test_a_finding_whose_severity_changed_is_one() -> None:
    """With the worst that it had, and the time of both."""
    both = [_finding("syn-queue", "warning", 3), _finding("syn-queue", "critical", 6)]
    assert faults_of(both, {"web1": 12}, [])["web1"] == [Fault(id="syn-queue", severity="critical", share=0.75)]


def test_finding_and_counter_are_one() -> None:
    """The counter's number is the evidence; on a host without a doctor it is all there is."""
    found = faults_of(
        [_finding("accept-queue", "critical", 6)], {"web1": 12}, [("web1", QUEUE, 250.4), ("db1", TABLE, 0.93)]
    )
    evidence = "250 connections met a full accept queue"
    assert found["web1"] == [Fault(id="accept-queue", severity="critical", share=0.5, evidence=evidence)]
    (fault,) = found["db1"]
    assert (fault.share, fault.evidence) == (None, "93% of the connection tracker's table is full")


def test_labels_that_are_none_of_ours_do_no_harm() -> None:
    """Of an exporter that is newer, or somebody else's: an unknown severity is a notice."""
    found = faults_of([("web1", Series({"severity": "catastrophic"}, 1))], {}, [])
    assert found["web1"] == [Fault(id="", severity="notice", share=1.0)]
