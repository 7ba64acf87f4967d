"""Laws of the model's arithmetic."""

from collections import deque

from hypothesis import given
from hypothesis import strategies as st

from lastack.model.model import Model
from lastack.model.ports import Load, blocked, pool, seconds_to_exhaustion
from lastack.model.sample import Cohort
from tests.model.samples import cohort, sample

LATE = 400  # seconds that the brute force walks

PORTS = st.integers(1, 3000)
CLOSES = st.lists(st.integers(0, 60), min_size=60, max_size=60)
RATES = st.integers(0, 80)
GROWTH = st.integers(-5, 20)
HOLD = st.integers(1, 60)


def walked(available: int, load: Load) -> int | None:
    """The same by walking: ports enter a queue as they close, and leave it when their time is over."""
    hold = int(load.hold_s)
    waiting = deque(load.closes[-hold:], maxlen=hold)
    waiting.extendleft([0] * (hold - len(waiting)))
    for second in range(LATE):
        if max(load.held + load.growth * second, 0) + sum(waiting) >= available:
            return second
        waiting.append(int(load.rate))
    return None


@given(PORTS, st.builds(Load, PORTS, CLOSES, RATES, GROWTH, HOLD))
def test_exhaustion_is_what_walking_finds(available: int, load: Load) -> None:
    """The closed form beyond the last TIME_WAIT agrees with counting on."""
    found = seconds_to_exhaustion(available, load)
    assert walked(available, load) == (found if found is None or found < LATE else None)


@given(PORTS, st.builds(Load, PORTS, CLOSES, RATES, GROWTH, HOLD), st.integers(0, 20))
def test_more_load_is_never_later(available: int, load: Load, more: int) -> None:
    """Monotone in the rate, in growth and in what is held; in the ports, the other way round."""

    def at(ports: int, changed: Load) -> float:
        found = seconds_to_exhaustion(ports, changed)
        return float("inf") if found is None else found

    now = at(available, load)
    assert 0 <= at(available, load._replace(rate=load.rate + more)) <= now
    assert 0 <= at(available, load._replace(growth=load.growth + more)) <= now
    assert 0 <= at(available, load._replace(held=load.held + more)) <= now
    assert at(available + more, load) >= now


@given(CLOSES, st.floats(0.001, 60), st.integers(0, 100))
def test_blocked_ports_only_come_back(closes: list[int], hold_s: float, second: int) -> None:
    """Never negative, never more than were closed, and fewer as time goes by."""
    now = blocked(closes, hold_s, second)
    assert 0 <= blocked(closes, hold_s, second + 1) <= now <= sum(closes)


RANGES = st.tuples(st.integers(1, 65_535), st.integers(1, 65_535)).map(lambda pair: (min(pair), max(pair)))


@given(RANGES, st.lists(RANGES, max_size=5), st.lists(st.integers(1, 65_535), max_size=20))
def test_the_pool_is_what_counting_finds(
    span: tuple[int, int], reserved: list[tuple[int, int]], bound: list[int]
) -> None:
    """Port by port: inside the range, not reserved, not bound."""
    off = set(bound) | {port for low, high in reserved for port in range(low, high + 1)}
    made = pool(span, reserved, bound, bound_complete=True)
    assert made.available == sum(port not in off for port in range(span[0], span[1] + 1))


COHORTS = st.lists(
    st.builds(
        cohort,
        st.sampled_from(["ESTABLISHED", "CLOSE_WAIT", "TIME_WAIT", "SYN_RECV"]),
        st.integers(1, 100_000),
        role=st.sampled_from([None, "active", "passive"]),
        local=st.sampled_from([None, "10.0.0.1", "::ffff:10.0.0.1", "2001:db8::1"]),
        local_port=st.sampled_from([None, 80]),
        remote=st.sampled_from([None, "10.0.0.2", "::1"]),
        remote_port=st.sampled_from([None, 8080]),
        process=st.sampled_from([None, "nginx/1", "nginx/2", "/"]),
        uid=st.sampled_from([None, 0, 33]),
    ),
    max_size=20,
)


@given(COHORTS, COHORTS)
def test_no_socket_is_lost_or_counted_twice(cohorts: list[Cohort], earlier: list[Cohort]) -> None:
    """However sockets are folded, each view adds up to what was sampled."""
    made = Model.of(sample(*cohorts), sample(*earlier, uptime_s=1.0))
    total = sum(one.count for one in cohorts)
    assert made.total == total
    assert sum(group.count for group in made.time_wait.groups) == made.states.get("TIME_WAIT", 0)
    assert sum(holder.count for holder in made.close_wait) == made.states.get("CLOSE_WAIT", 0)
    assert sum(one.in_use for one in made.destinations) + made.folded == sum(
        one.count for one in cohorts if one.role == "active"
    )
