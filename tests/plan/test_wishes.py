"""From wishes to steps."""

import pytest

from lastack.plan.plan import LeftOut, Step, validated
from lastack.plan.wishes import ALREADY, WISH, steps_of, summary_of
from lastack.settings.lint.judge import judge, read_files
from lastack.settings.lint.scene import View
from lastack.settings.release import parse_release
from tests.model.samples import SETTINGS
from tests.plan.plans import plan

# A host with Linux 6.18 and its defaults.
LIVE = SETTINGS | {
    "net.ipv4.tcp_keepalive_time": "7200",
    "net.ipv4.tcp_fin_timeout": "60",
    "net.core.netdev_max_backlog": "1000",
    "net.ipv4.ip_forward": "0",
}
RECIPE = b"""net.ipv4.tcp_syncookies = 1
net.ipv4.tcp_tw_reuse = 1
net.ipv4.tcp_tw_recycle = 1
net.ipv4.tcp_max_tw_buckets = 5000
net.ipv4.tcp_max_syn_backlog = 8192
net.ipv4.tcp_keepalive_time = 1200
net.ipv4.ip_local_port_range = 1024 65000
"""


def _wish(content: bytes, name: str = WISH) -> tuple[list[Step], list[LeftOut]]:
    view = View(parse_release("6.18.0"), LIVE)
    entries = read_files([(name, content)])
    return steps_of(entries, judge(entries, view), view)


def test_the_article_s_recipe_loses_what_does_harm() -> None:
    """Of seven lines one is the default, one is gone from the kernel and two are hazards."""
    steps, left_out = _wish(RECIPE, "recipe.conf")
    assert [step.key for step in steps] == [
        "net.ipv4.tcp_tw_reuse",
        "net.ipv4.tcp_max_syn_backlog",
        "net.ipv4.tcp_keepalive_time",
    ]
    assert [(item.where, item.why.partition(":")[0]) for item in left_out] == [
        ("line 1 of recipe.conf", ALREADY),
        ("line 3 of recipe.conf", "removed"),
        ("line 4 of recipe.conf", "hazard"),
        ("line 7 of recipe.conf", "hazard"),
    ]
    assert summary_of(steps, left_out) == "3 asked for; 4 left out"
    assert validated(plan(*steps))


def test_what_is_asked_for_by_name_is_done_with_its_hazard_first() -> None:
    """But not what the kernel does not take at all."""
    steps, left_out = _wish(RECIPE)
    assert [step.key for step in steps][1] == "net.ipv4.tcp_max_tw_buckets"
    assert "later closes lose their TIME_WAIT" in steps[1].hazards[0]
    assert [item.what for item in left_out] == ["net.ipv4.tcp_syncookies = 1", "net.ipv4.tcp_tw_recycle = 1"]


def test_the_linter_s_word_is_the_expected_effect() -> None:
    """It knows this host; the catalogue only knows the setting."""
    steps, _ = _wish(b"net.ipv4.tcp_keepalive_time = 1200")
    assert "20 min" in steps[0].effect
    assert (steps[0].now, steps[0].value, steps[0].because) == ("7200", "1200", "--set")


@pytest.mark.parametrize(
    ("line", "why"),
    [
        (b"net.ipv4.tcp_* = 1", "by its name"),
        (b"-net.ipv4.tcp_fin_timeout", "by its name"),
        (b"nonsense", "malformed"),
        (b"net.ipv4.tcp_fin_timeuot = 30", "unknown"),
        (b"net.ipv4.tcp_tw_reuse = 3", "out-of-range"),
        (b"net.ipv4.tcp_tw_reuse = yes", "malformed"),
        (b"net.ipv4.ip_forward = 1", "every interface"),
        (b"net.ipv4.tcp_fin_timeout = 0x3c", ALREADY),
        (b"net/../../etc/passwd = 1", "malformed"),
    ],
)
def test_what_cannot_be_planned_is_left_out_with_its_reason(line: bytes, why: str) -> None:
    """As it was asked for."""
    steps, [left] = _wish(line)
    assert steps == []
    assert left.what == line.decode()
    assert why in left.why
    assert summary_of(steps, [left]).startswith("Nothing to change")


def test_numbers_that_a_line_leaves_out_are_completed() -> None:
    """So that the plan says what will be there."""
    steps, _ = _wish(b"net.ipv4.ip_local_port_range = 20000")
    assert steps[0].value == "20000 60999"
