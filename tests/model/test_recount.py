"""A recount renews what is counted, and nothing else."""

from msgspec.structs import asdict

from lastack.model.recount import Recount, renewed
from lastack.model.time_wait import BYTES_HIGH, BYTES_LOW
from tests.model.samples import article, model

COUNTERS = {"TcpExt": {"ListenOverflows": 7}}
SOCKSTAT = {"TCP": {"tw": 12_300}}


def test_the_articles_host_half_a_minute_later() -> None:
    """Fewer TIME_WAIT, with what they occupy; who closed them when, and who holds CLOSE_WAIT, is as it was."""
    before = model(*article().cohorts, listeners=article().listeners, sockstat=article().sockstat)
    states = {"LISTEN": 9, "TIME_WAIT": 12_000, "SYN_SENT": 0}
    after = renewed(before, Recount(states, exact=False, counters=COUNTERS, sockstat=SOCKSTAT))
    assert (after.states, list(after.states)) == ({"TIME_WAIT": 12_000, "LISTEN": 9}, ["TIME_WAIT", "LISTEN"])
    assert (after.exact, after.counters, after.sockstat) == (False, COUNTERS, SOCKSTAT)
    assert (after.time_wait.count, after.time_wait.mini_sockets) == (12_000, 12_300)
    assert after.time_wait.memory_low_bytes == 12_000 * BYTES_LOW
    assert after.time_wait.memory_high_bytes == 12_000 * BYTES_HIGH
    assert after.time_wait.groups == before.time_wait.groups
    changed = {name for name, value in asdict(before).items() if asdict(after)[name] != value}
    assert changed == {"states", "exact", "time_wait", "counters", "sockstat"}
