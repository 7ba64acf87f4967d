"""Knobs and how they are turned."""

import pytest

from lastack.errors import UsageError
from lastack.lab.workloads.table import WORKLOADS
from lastack.lab.workloads.workload import KNOBS, Knobs, knob_name, turned


def test_every_knob_is_described() -> None:
    """The table and the structure have the same names, in whatever order."""
    assert set(KNOBS) == set(Knobs.__struct_fields__)


def test_every_workload_turns_only_knobs_of_its_kind() -> None:
    """A value other than the default of a knob that nothing reads would mislead."""
    plain = Knobs()
    for name, workload in WORKLOADS.items():
        turned_here = {knob for knob in KNOBS if getattr(workload.knobs, knob) != getattr(plain, knob)}
        assert {knob for knob in turned_here if workload.kind not in KNOBS[knob].kinds} == set(), name


def test_text_becomes_what_the_knob_takes() -> None:
    """Numbers, switches, and none."""
    knobs = turned(
        WORKLOADS["server-closes-first"], {"rate": "none", "requests": "7", "peer_keeps": "true", "closer": "peer"}
    ).knobs
    assert (knobs.rate, knobs.requests, knobs.peer_keeps, knobs.closer) == (None, 7, True, "peer")


@pytest.mark.parametrize(
    ("turn", "message"),
    [
        ({"closer": "nobody"}, "Invalid enum value 'nobody'"),
        ({"requests": "many"}, "Expected `int`"),
        ({"upstream_keepalive": "3"}, "turns nothing in a workload of kind visitors"),
        ({"requests": "0"}, ">= 1"),
        ({"rate": "-1"}, "> 0"),
    ],
)
def test_what_a_knob_does_not_take_is_refused(turn: dict[str, str], message: str) -> None:
    """With what it was."""
    with pytest.raises(UsageError, match=message) as caught:
        turned(WORKLOADS["server-closes-first"], turn)
    assert caught.value.slug == "bad-knob"


def test_names_of_knobs_may_have_dots() -> None:
    """As an application's own options do."""
    assert knob_name("upstream.keepalive") == "upstream_keepalive"
    assert knob_name("accepts-per-s") == "accepts_per_s"
    assert knob_name("no.such") is None
