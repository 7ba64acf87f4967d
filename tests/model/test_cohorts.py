"""Folding: roles by ports, and a bound on the rows."""

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from lastack.model.census import SocketRow
from lastack.model.cohorts import CohortKey, Marks, Roles, key_of, marks_of, to_cohorts
from lastack.model.sample import Cohort

ROLES = Roles([443, 40_000], (32_768, 60_999))


def test_a_port_that_is_listened_on_was_connected_to() -> None:
    """Even inside the ephemeral range."""
    assert ROLES.is_passive(443, 50_000)
    assert ROLES.is_passive(40_000, 50_000)


def test_without_a_listener_the_ephemeral_port_tells() -> None:
    """A server that has just stopped; a client; two service ports (NFS) are a client's."""
    assert ROLES.is_passive(8_080, 50_000)
    assert not ROLES.is_passive(50_000, 8_080)
    assert not ROLES.is_passive(50_000, 50_001)
    assert not ROLES.is_passive(700, 2_049)


def test_an_orphan_is_a_socket_that_was_closed_here_and_is_not_held() -> None:
    """An open one that nobody holds waits in an accept queue."""
    orphans = {
        state
        for state in ("FIN_WAIT1", "FIN_WAIT2", "CLOSING", "LAST_ACK", "ESTABLISHED", "CLOSE_WAIT", "TIME_WAIT")
        if key_of(SocketRow(state, 4, "a", 443, "b", 50_000), ROLES, held=False).orphan
    }
    assert orphans == {"FIN_WAIT1", "FIN_WAIT2", "CLOSING", "LAST_ACK"}


def test_ports_of_the_other_parity_are_those_that_bind_draws() -> None:
    """The range begins with an even port, so connect() begins with even ones; ports outside are nobody's."""
    drawn = [
        marks_of(SocketRow("ESTABLISHED", 4, "a", port, "b", 8_080), ROLES).bind_parity for port in (40_002, 40_001)
    ]
    assert drawn == [0, 1]
    assert not ROLES.is_of_bind(1_025)
    assert not marks_of(SocketRow("ESTABLISHED", 4, "a", 443, "b", 50_001), ROLES).bind_parity


KEYS = st.builds(
    CohortKey,
    state=st.sampled_from(["ESTABLISHED", "TIME_WAIT"]),
    family=st.sampled_from([4, 6]),
    local=st.sampled_from(["10.0.0.1", "10.0.0.2"]),
    local_port=st.none() | st.sampled_from([80, 443]),
    remote=st.integers(0, 999).map(lambda number: f"192.0.2.{number}"),
    remote_port=st.none() | st.integers(1, 99),
    process=st.none() | st.integers(1, 50).map(lambda pid: f"php/{pid}"),
)
FEW = st.integers(0, 9)
MARKS = st.builds(
    lambda still, closes, *sums: Marks(still + sum(closes.values()), closes, *sums),
    st.integers(1, 9),
    st.dictionaries(st.integers(0, 59), st.integers(1, 9), max_size=9),
    *([FEW] * 4),
)
COUNTS = st.dictionaries(KEYS, MARKS)


def sums(of: Marks | Cohort) -> dict[str, int]:
    """What is only added up."""
    return {name: getattr(of, name) for name in ("retried", "probed", "kept_alive", "bind_parity")}


@given(COUNTS, st.integers(2, 20))
def test_folding_bounds_rows_and_loses_no_socket(counts: dict[CohortKey, Marks], limit: int) -> None:
    """Sockets per state and family, closes per second, and what the timers say are the same before and after."""
    cohorts = to_cohorts(counts, limit)
    assert len(cohorts) <= max(limit, limit // 2 + 8)
    before, after = Counter[object](), Counter[object]()
    for key, marks in counts.items():
        before[key.state, key.family] += marks.count
        before.update(marks.closes)
        before.update(sums(marks))
    for cohort in cohorts:
        after[cohort.state, cohort.family] += cohort.count
        after.update(cohort.closes)
        after.update(sums(cohort))
    assert +before == +after


def test_the_largest_cohorts_stay_whole() -> None:
    """What is folded are clients with few sockets each."""
    counts = {CohortKey("TIME_WAIT", 4, "a", 443, f"r{n}"): Marks(1, {0: 1}) for n in range(100)}
    counts[CohortKey("TIME_WAIT", 4, "a", 443, "big")] = Marks(50, {0: 50})
    cohorts = to_cohorts(counts, 10)
    assert (cohorts[0].remote, cohorts[0].count) in {("big", 50), (None, 96)}
    assert {cohort.remote: cohort.count for cohort in cohorts}["big"] == 50
    assert {cohort.remote: cohort.count for cohort in cohorts}[None] == 96
