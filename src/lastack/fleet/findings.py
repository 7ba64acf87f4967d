"""Faults of hosts: what their own doctors found, and what their counters say. No I/O."""

from collections.abc import Iterable, Mapping

from lastack.doctor.verdicts import SEVERITIES, Severity
from lastack.fleet.prometheus import Series
from lastack.fleet.queries import Sign
from lastack.fleet.report import Fault

__all__ = ["faults_of"]


def faults_of(
    found: Iterable[tuple[str, Series]], scrapes: Mapping[str, float], signs: Iterable[tuple[str, Sign, float]]
) -> dict[str, list[Fault]]:
    """Host to its faults, the worst first; a doctor's finding and a counter that say the same are one.

    Args:
        found: host and series of findings, whose value is the number of scrapes that had it.
        scrapes: host to how many there were.
        signs: host, sign and its number.
    """
    faults: dict[tuple[str, str], Fault] = {}
    for host, series in found:
        severity = _severity(series.labels.get("severity", ""))
        share = min(series.value / max(scrapes.get(host, 0.0), series.value), 1.0)
        _add(faults, host, Fault(id=series.labels.get("id", ""), severity=severity, share=share))
    for host, sign, number in signs:
        shown = f"{number:,.0f}" if number >= 1 else f"{number:.0%}"
        evidence = f"{shown} {sign.what}"
        _add(faults, host, Fault(id=sign.id, severity=sign.severity, share=None, evidence=evidence))
    by_host: dict[str, list[Fault]] = {}
    for (host, _), fault in faults.items():
        by_host.setdefault(host, []).append(fault)
    return {host: sorted(of_it, key=lambda fault: (-fault.weight, fault.id)) for host, of_it in by_host.items()}


def _severity(text: str) -> Severity:
    return next((severity for severity in SEVERITIES if severity == text), "notice")


def _add(faults: dict[tuple[str, str], Fault], host: str, fault: Fault) -> None:
    """Or merge it with what is known: a finding whose severity changed has two series."""
    known = faults.get((host, fault.id))
    if known is None:
        faults[host, fault.id] = fault
        return
    shares = [share for share in (known.share, fault.share) if share is not None]
    faults[host, fault.id] = Fault(
        id=fault.id,
        severity=min(known.severity, fault.severity, key=SEVERITIES.index),
        share=min(sum(shares), 1.0) if shares else None,
        evidence=known.evidence or fault.evidence,
    )
