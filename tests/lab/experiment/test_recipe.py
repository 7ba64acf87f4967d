"""The recipe's arms, and two of its stages in small on the real kernel."""

import pytest
from msgspec.structs import replace

from lastack.errors import RefusedError
from lastack.lab.experiment.arm import BASELINE
from lastack.lab.experiment.credit import better, credit
from lastack.lab.experiment.experiment import Result
from lastack.lab.experiment.recipe import ALL, LINES, STAGES, Stage, conduct_recipe, missing_lines, recipe_arms
from lastack.lab.experiment.run import perform
from tests.kernel.private import unavailable

_RECYCLE = {"net.ipv4.tcp_tw_recycle": RefusedError("no-such-setting", "a network namespace has no tcp_tw_recycle")}
_NO_LAB = {"no-namespace", "no-pyroute2", "no-veth"}


def test_each_line_alone_all_and_each_left_out() -> None:
    """1 + 7 + 1 + 7 arms."""
    arms = {arm.name: arm for arm in recipe_arms({})}
    assert len(arms) == 16
    assert arms[BASELINE.name].settings == {}
    assert arms[ALL].settings == LINES
    assert arms["tcp_tw_reuse alone"].settings == {"net.ipv4.tcp_tw_reuse": "1"}
    assert set(LINES) - set(arms["all but tcp_tw_reuse"].settings) == {"net.ipv4.tcp_tw_reuse"}


def test_a_line_that_the_kernel_does_not_have_is_in_no_arm() -> None:
    """It is told as a result of its own."""
    arms = recipe_arms(_RECYCLE)
    assert len(arms) == 14
    assert all("net.ipv4.tcp_tw_recycle" not in arm.settings for arm in arms)


def test_every_remedy_turns_knobs_that_its_stage_has() -> None:
    """A typing error would only show after minutes."""
    for stage in STAGES:
        for arm in stage.remedies:
            assert arm.applied_to(stage.workload).knobs != stage.workload.knobs


def test_tw_recycle_is_missing_and_the_other_six_are_there() -> None:
    """Linux 4.12 removed it, commit 4396e46187ca."""
    try:
        missing = missing_lines()
    except RefusedError as error:
        unavailable(error.message)
    assert [(key, error.slug) for key, error in missing.items()] == [("net.ipv4.tcp_tw_recycle", "no-such-setting")]


@pytest.fixture(scope="module")
def web() -> tuple[Stage, Result]:
    """The web server's stage in two blocks, with 6,000 connections instead of 25,087."""
    stage = STAGES[0]._replace(
        workload=replace(
            STAGES[0].workload, knobs=replace(STAGES[0].workload.knobs, requests=6000, peer_close_delay_s=0.1)
        )
    )
    try:
        return stage, conduct_recipe(stage, _RECYCLE, 2, lambda arm, workload: perform(arm.name, workload))
    except RefusedError as error:
        if error.slug not in _NO_LAB:
            raise
        unavailable(error.message)


def test_tcp_max_tw_buckets_did_it(web: tuple[Stage, Result]) -> None:
    """At the price of a reset for each close over the limit, 1,000 of 6,000."""
    conclusions = list(credit(*web, _RECYCLE))
    assert any(line.startswith("tcp_max_tw_buckets does it alone: ") for line in conclusions)
    assert any(line.endswith("all but it do nothing.") for line in conclusions)
    assert (
        "Alone without an effect: tcp_syncookies, tcp_tw_reuse, tcp_max_syn_backlog, tcp_keepalive_time, "
        "ip_local_port_range."
    ) in conclusions
    assert any(line.startswith("The price: 1,000 more resets sent to peers") for line in conclusions)


def test_keep_alive_does_better_and_no_line_does(web: tuple[Stage, Result]) -> None:
    """No more TIME_WAIT than the article's 682, no failed request, no reset."""
    stage, result = web
    found = better(stage, result)
    assert "keep-alive: 50 requests a connection" in found
    assert set(found) <= {arm.name for arm in stage.remedies}
