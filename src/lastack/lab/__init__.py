"""The lab: any socket population, on the real kernel, in private namespaces, without root."""

from lastack.lab.cohorts import Cohort
from lastack.lab.lab import Lab
from lastack.lab.load import Load

__all__ = ["Cohort", "Lab", "Load"]
