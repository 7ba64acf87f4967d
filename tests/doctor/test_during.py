"""What happened between two samples."""

from lastack.doctor.during import changes, during, opened, why_unseen
from tests.model.samples import later, model, sample

NAMES = {"TcpExt.ListenDrops": "drops", "TcpExt.Absent": "absent"}


def test_two_samples() -> None:
    """Deltas and rates of the counters that there are: 25 in 10 s."""
    made = later(sample(), sample(), ListenDrops=25, Tcp_ActiveOpens=3, Tcp_PassiveOpens=4)
    assert changes(made, NAMES) == {"drops": 25, "drops_per_s": 2.5, "interval_s": 10.0}
    assert (during(made), opened(made)) == ("in 10 s", 7)
    assert why_unseen(made, "TcpExt.ListenDrops") == ""
    assert why_unseen(made, "TcpExt.Absent") == "this kernel has no Absent"


def test_one_sample() -> None:
    """Nothing happened as far as it tells, and the reason is the model's own."""
    made = model(counters={"TcpExt": {"ListenDrops": 99}})
    assert (changes(made, NAMES), during(made), opened(made)) == ({}, "", 0)
    assert why_unseen(made, "TcpExt.ListenDrops") == "one sample only"
