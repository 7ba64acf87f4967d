"""All faults and look-alikes, in the order of the table."""

from tests.doctor.faults import closing, machine, ports, proxied, queues, settings, talking
from tests.doctor.faults.fault import Fault

__all__ = ["FAULTS"]

FAULTS: tuple[Fault, ...] = (
    *ports.FAULTS,
    *proxied.FAULTS,
    *closing.FAULTS,
    *queues.FAULTS,
    *talking.FAULTS,
    *settings.FAULTS,
    *machine.FAULTS,
)
