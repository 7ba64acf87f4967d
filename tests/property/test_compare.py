"""Laws of comparisons."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from lastack.model.compare import compare
from lastack.model.flow import Moment
from lastack.model.noise import deviations
from tests.model.samples import SERVED, closed, sample

CLOSES = st.dictionaries(st.integers(0, 59), st.integers(0, 500), min_size=1)
COUNTERS = st.fixed_dictionaries(
    {
        name: st.integers(0, 60_000)
        for name in ("TW", "TWKilled", "TWRecycled", "TCPTimeWaitOverflow", "TCPOrigDataSent")
    }
)
OPENED = st.integers(0, 60_000)
LIMITS = st.sampled_from(["-1", "0", "500", "131072"])


@st.composite
def moments(draw: st.DrawFn) -> Moment:
    """A moment with the minute before it, or without."""
    now = sample(closed(draw(CLOSES), **SERVED), settings={"net.ipv4.tcp_max_tw_buckets": draw(LIMITS)})
    seconds, deltas = draw(st.floats(0.5, 5000)), draw(COUNTERS)
    tcp: dict[str, Any] = {"ActiveOpens": draw(OPENED), "PassiveOpens": draw(OPENED)}
    now = replace(now, uptime_s=10_000.0, counters={"TcpExt": deltas, "Tcp": tcp})
    zero = {group: dict.fromkeys(names, 0) for group, names in now.counters.items()}
    return Moment(now, replace(now, uptime_s=10_000.0 - seconds, counters=zero) if draw(st.booleans()) else None)


@given(moments(), moments())
def test_the_parts_of_time_wait_add_up(before: Moment, after: Moment) -> None:
    """To the change, give or take the rounding of each; nothing is explained twice, and nothing left over."""
    found = compare(before, after)
    (state,) = (one for one in found.states if one.state == "TIME_WAIT")
    parts = [one.sockets for one in found.causes if one.state == "TIME_WAIT"]
    assert abs(sum(parts) - (state.after - state.before)) <= 8


@given(moments(), moments())
def test_a_setting_is_credited_with_no_more_than_its_counter(before: Moment, after: Moment) -> None:
    """The limit's part is what TCPTimeWaitOverflow counted, by the minute, and in the direction of its change."""
    found = compare(before, after)
    for one in found.settings:
        if one.effect == "seen" and one.key.endswith("tcp_max_tw_buckets"):
            refused = [side.flow.refused_per_s or 0.0 for side in (found.before, found.after)]
            assert abs(one.sockets - 60 * (refused[0] - refused[1])) <= 1
            was, now = (float("inf") if value == "-1" else float(value or 0) for value in (one.before, one.after))
            assert (now > was) == (one.sockets > 0)


@given(st.integers(0, 10**6), st.integers(0, 10**6), st.floats(1, 100))
def test_deviations_change_sides(before: int, after: int, spread: float) -> None:
    """The other way round it is as much less; a wider spread never makes it more."""
    there, back = deviations(before, after), deviations(after, before)
    assert abs(there + back) < 1e-6
    assert abs(deviations(before, after, spread=spread)) <= abs(there) + 1e-9
