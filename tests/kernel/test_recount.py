"""A recount is what a whole sample of the same moment says."""

from lastack.kernel.recount import read_recount
from lastack.kernel.sampler import take_sample
from lastack.lab import Cohort, Lab
from lastack.model.model import Model


def test_a_populated_host() -> None:
    """States with TIME_WAIT and orphaned FIN_WAIT2 told apart, the kernel's count of both, and every counter."""
    with Lab() as lab:
        lab.populate(
            [Cohort("LISTEN", 3), Cohort("ESTABLISHED", 20), Cohort("TIME_WAIT", 500), Cohort("FIN_WAIT2", 40)]
        )
        recount = lab.server.call(read_recount)
        sample = lab.server.call(take_sample)
    assert recount.exact
    assert recount.states == Model.of(sample).states
    assert recount.states["TIME_WAIT"] == 500
    assert recount.sockstat["TCP"]["tw"] == sample.sockstat["TCP"]["tw"]
    assert {name: list(table) for name, table in recount.counters.items()} == {
        name: list(table) for name, table in sample.counters.items()
    }
