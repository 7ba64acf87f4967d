"""All faults and look-alikes, in the order of the table."""

from tests.doctor.faults import queues
from tests.doctor.faults.fault import Fault

__all__ = ["FAULTS"]

FAULTS: tuple[Fault, ...] = (*queues.FAULTS,)
