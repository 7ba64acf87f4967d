"""A sample becomes names and numbers, and again the same sample."""

import pytest
from msgspec.structs import replace

from lastack.kernel.sampler import take_sample
from lastack.lab import Cohort, Lab
from lastack.model.sample import Conntrack, OpenFiles, Promise, Sample, Silence
from lastack.store.frame import DATED, STILL, to_frame, to_sample
from tests.model.samples import SERVED, article, cohort, listener, sample

FULL = replace(
    article(),
    netns_name="web",
    exact=False,
    bound_ports=[5000, 6000],
    conntrack=Conntrack(count=7, max=65536),
    counters={"TcpExt": {"TW": 5}, "Tcp": {"MaxConn": -1}},
    unseen={"processes": "needs root"},
    has_timers=True,
    memory_pressure=False,
    opened_ports=3,
    silences=[Silence(state="CLOSE_WAIT", process="a/1", seconds={64: 2, 0: 1}), Silence(state="FIN_WAIT2", uid=0)],
    files=[OpenFiles(process="a/1", open=9, limit=10), OpenFiles(process="b/2", open=1, limit=1024)],
    promises=[Promise(key="net.ipv4.tcp_rfc1337", value="1", file="/etc/sysctl.d/z.conf", line=3)],
)
COUNTED = [cohort("ESTABLISHED", 9, **SERVED, retried=1, probed=2, kept_alive=3, bind_parity=4)]


@pytest.mark.parametrize(
    "one",
    [
        sample(),
        FULL,
        sample(bound_ports=None, boot_id=None, host=""),
        sample(listeners=[listener(), listener(), listener(queue=None, backlog=None), listener(81, drops=5)]),
        sample(listeners=[listener(queue=None, backlog=None, drops=5)], silences=[], files=[], promises=[]),
        sample(*COUNTED, has_timers=True, memory_pressure=True),
    ],
    ids=["idle", "full", "little", "listeners alike", "empty lists", "sockets told apart"],
)
def test_nothing_is_lost(one: Sample) -> None:
    """Everything in it comes back, cohorts the largest first."""
    back = to_sample(to_frame(one))
    assert sorted(back.cohorts, key=str) == sorted(one.cohorts, key=str)
    assert replace(back, cohorts=[]) == replace(one, cohorts=[])
    assert [cohort.count for cohort in back.cohorts] == sorted((cohort.count for cohort in one.cohorts), reverse=True)


def test_a_real_host_comes_back() -> None:
    """A sample of the running kernel, in the order that it was taken in."""
    with Lab() as lab:
        lab.populate([Cohort("LISTEN", 3), Cohort("TIME_WAIT", 500), Cohort("CLOSE_WAIT", 5)])
        taken = lab.server.call(take_sample)
    assert to_sample(to_frame(taken)) == taken


def test_text_is_in_names_and_numbers_are_numbers() -> None:
    """A cohort with dates has its count and sixty seconds; a setting has no number."""
    table = to_frame(FULL).table
    dated = next(numbers for name, numbers in table.items() if '"TIME_WAIT"' in name)
    assert (len(dated), dated[0], sum(dated[STILL:])) == (DATED, 25_087, 25_087)
    assert table['["setting","net.ipv4.tcp_tw_reuse","2"]'] == ()
    assert table['["counter","TcpExt","TW"]'] == (5,)
