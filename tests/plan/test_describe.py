"""A setting as a step."""

from lastack.plan.describe import setting_step
from lastack.settings.catalogue.rows import SETTINGS


def test_the_catalogue_s_row_comes_along() -> None:
    """What it does, its hazards, what to watch, its claims."""
    row = SETTINGS["net.ipv4.tcp_tw_reuse"]
    step = setting_step(row.key, "1", "2", because="b", reason="r")
    assert (step.effect, step.hazards, step.claims) == (row.does, list(row.hazards), list(row.claims))
    assert all(counter in step.check for counter in row.counters)


def test_a_setting_that_nobody_knows_is_one_too() -> None:
    """With nothing to say of it."""
    step = setting_step("net.ipv4.conf.eth0.rp_filter", "2", "0", because="b", reason="r")
    assert (step.effect, step.hazards, step.claims) == ("", [], [])
    assert "lastack compare" in step.check
