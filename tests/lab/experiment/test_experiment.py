"""How an experiment is done; and that it calls no effect out of noise, and finds those that are there."""

from collections import Counter

import pytest

from lastack.errors import RefusedError
from lastack.lab.experiment.arm import BASELINE, Arm, parse_arm
from lastack.lab.experiment.experiment import LEAST_BLOCKS, Experiment, Step, conduct
from lastack.lab.experiment.observer import Look
from lastack.lab.experiment.run import Run, perform
from lastack.lab.workloads.table import WORKLOADS
from tests.kernel.private import unavailable
from tests.lab.experiment.noise import CHANGE, machine, trial

_TRIALS = 200


def test_of_200_experiments_without_an_effect_at_most_5_percent_call_one() -> None:
    """In any metric, with blocks added until the interval is tight, as real experiments do."""
    called = 0
    for seed in range(_TRIALS):
        findings = conduct(trial(), machine(seed)).findings[CHANGE.name]
        called += any(finding.verdict == "effect" for finding in findings.values())
    assert called <= _TRIALS * 0.05


def test_of_200_experiments_of_three_arms_without_an_effect_at_most_5_percent_call_one() -> None:
    """More arms are more chances, and the correction counts them."""
    called = 0
    for seed in range(_TRIALS):
        findings = conduct(trial(6, Arm(name="other")), machine(seed)).findings
        called += any(finding.verdict == "effect" for arm in findings.values() for finding in arm.values())
    assert called <= _TRIALS * 0.05


def test_real_runs_without_a_change_call_no_effect() -> None:
    """Three experiments on the kernel, on whatever else this machine is doing."""
    workload = parse_arm(["requests=200", "rate=none", "peer_close_delay_s=0"]).applied_to(
        WORKLOADS["server-closes-first"]
    )
    for seed in range(3):
        experiment = Experiment(arms=[BASELINE, CHANGE], headline=workload.headline, blocks=5, seed=seed)
        try:
            findings = conduct(experiment, lambda arm: perform(arm.name, workload)).findings[CHANGE.name]
        except RefusedError as error:
            unavailable(error.message)
        assert findings["answered"].words == "no effect: 200 in every run"
        assert {name: one.words for name, one in findings.items() if one.verdict == "effect"} == {}


@pytest.mark.parametrize("factor", [5.1, 2.0, 0.25])
def test_a_planted_effect_is_found(factor: float) -> None:
    """Of 50 experiments, all call it, and at least nine in ten have its size in their interval."""
    inside = 0
    for seed in range(50):
        finding = conduct(trial(), machine(seed, {"connections_per_s": factor})).findings[CHANGE.name][
            "connections_per_s"
        ]
        assert finding.verdict == "effect", seed
        low, high = finding.difference.ci95 or (0.0, 0.0)
        inside += low <= factor <= high
    assert inside >= 45


def test_what_would_have_been_seen_is_seen() -> None:
    """Twice what an experiment says that it would have called, planted in the same noise, is called each time."""
    for seed in range(50):
        unseen = conduct(trial(), machine(seed)).findings[CHANGE.name]["connections_per_s"]
        planted = {"connections_per_s": (1 + unseen.detectable) ** 2}
        seen = conduct(trial(), machine(seed, planted)).findings[CHANGE.name]["connections_per_s"]
        assert (unseen.verdict, seen.verdict) == ("none", "effect") or unseen.verdict == "perhaps", seed


def test_a_planted_effect_in_one_metric_leaves_the_others_alone() -> None:
    """Of 50 experiments."""
    others = 0
    for seed in range(50):
        findings = conduct(trial(), machine(seed, {"end.TIME_WAIT": 0.2})).findings[CHANGE.name]
        others += any(finding.verdict == "effect" for name, finding in findings.items() if name != "end.TIME_WAIT")
    assert others <= 2


def test_every_block_has_every_arm_once_in_random_order() -> None:
    """After a warm-up of the baseline, which is dropped."""
    order: list[str] = []
    run = machine(1)

    def noted(arm: Arm) -> Run:
        order.append(arm.name)
        return run(arm)

    result = conduct(trial(20), noted)
    assert order[0] == BASELINE.name
    pairs = Counter(zip(order[1::2], order[2::2], strict=True))
    assert set(pairs) == {(BASELINE.name, CHANGE.name), (CHANGE.name, BASELINE.name)}
    assert len(result.blocks) == len(order) // 2


def test_it_ends_early_when_the_answer_is_sharp() -> None:
    """After the least number of blocks, where nothing varies."""

    def steady(arm: Arm) -> Run:
        rate = 2000.0 if arm.name == CHANGE.name else 1000.0
        return Run(arm=arm.name, values={"connections_per_s": rate}, looks=[])

    result = conduct(trial(50), steady)
    assert len(result.blocks) == LEAST_BLOCKS
    assert result.findings[CHANGE.name]["connections_per_s"].words == ("2.0 times more connections a second [2.0, 2.0]")


def test_an_interrupted_experiment_keeps_what_was_complete() -> None:
    """And says that it was interrupted; the block that was under way is dropped."""
    run, left = machine(1), 8

    def interrupted(arm: Arm) -> Run:
        nonlocal left
        left -= 1
        if not left:
            raise KeyboardInterrupt
        return run(arm)

    result = conduct(trial(50), interrupted)
    assert result.interrupted
    assert len(result.blocks) == 3
    assert result.findings[CHANGE.name]


def test_one_interrupted_in_its_warm_up_has_nothing_to_say() -> None:
    """No findings, and no error."""

    def interrupted(_: Arm) -> Run:
        raise KeyboardInterrupt

    result = conduct(trial(), interrupted)
    assert (result.interrupted, result.blocks, result.findings) == (True, [], {})


def test_one_that_is_to_stop_ends_before_its_next_run() -> None:
    """As if interrupted there."""
    answers = iter([False, False, False, True])
    result = conduct(trial(), machine(1), stopped=lambda: next(answers))
    assert result.interrupted
    assert len(result.blocks) == 1


def test_progress_tells_each_run_before_it() -> None:
    """With how many are done and how many there may be."""
    steps: list[Step] = []
    conduct(trial(2), machine(1), steps.append)
    assert [step.done for step in steps] == [0, 1, 2, 3, 4]
    assert {step.total for step in steps} == {5}
    assert [step.block for step in steps] == [0, 1, 1, 2, 2]


def test_a_load_that_fell_short_is_said() -> None:
    """With the arm and how often."""

    def behind(arm: Arm) -> Run:
        values = {"connections_per_s": 1.0}
        return Run(arm=arm.name, values=values, looks=[Look(0.0, {})], behind=arm.name == CHANGE.name)

    (warning,) = conduct(trial(2), behind).warnings
    assert warning.startswith("2 of 2 runs of change fell short of their rate by more than a tenth")
