"""Listeners: the accept queue and the SYN queue."""

from lastack.lab import Cohort
from tests.doctor.faults.fault import Fault

__all__ = ["FAULTS"]

FAULTS = (
    Fault(
        "accept-queue-full",
        "a program that has stopped accepting, its queue full",
        "accept-queue",
        "critical",
        cohorts=(Cohort("LISTEN", 1, port=8443, backlog=4), Cohort("ESTABLISHED", 5, kind="queued", port=8443)),
    ),
)
