"""Verdicts from runs."""

from lastack.lab.experiment.judge import judge
from lastack.lab.experiment.run import Run


def _blocks(count: int, baseline: dict[str, float], change: dict[str, float]) -> list[dict[str, Run]]:
    both = {"baseline": baseline, "change": change}
    return [{arm: Run(arm=arm, values=values, looks=[]) for arm, values in both.items()} for _ in range(count)]


def test_what_never_moved_is_told_as_such() -> None:
    """And is no test among the others."""
    finding = judge(_blocks(3, {"ports_in_use": 2000.0}, {"ports_in_use": 2000.0}), "baseline", ["change"])["change"]
    assert finding["ports_in_use"].words == "no effect: 2,000 in every run"


def test_a_state_that_a_run_did_not_have_is_0() -> None:
    """So an arm that has it is seen."""
    found = judge(_blocks(5, {"answered": 1.0}, {"answered": 1.0, "end.TIME_WAIT": 500.0}), "baseline", ["change"])
    assert found["change"]["end.TIME_WAIT"].words == "500 more TIME_WAIT at the end [499, 501]"


def test_a_latency_that_a_run_could_not_have_is_not_0() -> None:
    """Where every connect() was refused there is none to compare, and the failures are the result."""
    blocks = _blocks(5, {"connect_median_us": 50.0}, {"failed": 100.0, "failed.ECONNREFUSED": 100.0})
    found = judge(blocks, "baseline", ["change"])["change"]
    assert "connect_median_us" not in found
    assert found["failed.ECONNREFUSED"].verdict == "effect"
    assert found["failed.ECONNREFUSED"].words == "100 more ECONNREFUSED failures [99.4, 101]"


def test_two_runs_of_many_arms_tell_more_when_pooled() -> None:
    """Each pair alone has one degree of freedom; six arms together have five."""
    noise = {"baseline": (98, 103), "a": (101, 99), "b": (100, 102), "c": (97, 101), "d": (99, 102), "e": (195, 205)}
    blocks = [
        {arm: Run(arm=arm, values={"answered_per_s": float(pair[at])}, looks=[]) for arm, pair in noise.items()}
        for at in range(2)
    ]
    arms = [arm for arm in noise if arm != "baseline"]
    alone = judge(blocks, "baseline", arms)
    together = judge(blocks, "baseline", arms, pooled=True)
    assert together["e"]["answered_per_s"].difference.p < alone["e"]["answered_per_s"].difference.p / 100
    assert {arm: found["answered_per_s"].verdict for arm, found in together.items()} == {
        "a": "none",
        "b": "none",
        "c": "none",
        "d": "none",
        "e": "effect",
    }
