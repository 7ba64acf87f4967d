"""Real changes on the real kernel: the comparison names what was changed, and not what was changed beside it."""

from typing import NamedTuple

from lastack.errors import RefusedError
from lastack.model.bearing import Kind
from lastack.model.compare import Effect, compare
from lastack.model.flow import Moment
from tests.kernel.private import unavailable
from tests.model.changes import CHANGES, make_all


class Verdict(NamedTuple):
    """What must come out: what moved TIME_WAIT most, and whether the setting that was changed had to do with it."""

    kind: Kind
    setting: str
    effect: Effect


EXPECTED = {
    "limit lowered": Verdict("refused", "net.ipv4.tcp_max_tw_buckets", "seen"),
    "load halved, and a limit lowered that is not reached": Verdict("load", "net.ipv4.tcp_max_tw_buckets", "none"),
    "keep-alive, and a shorter fin_timeout": Verdict("connections-reused", "net.ipv4.tcp_fin_timeout", "none"),
    "the client closes first, and tw_reuse": Verdict("who-closes", "net.ipv4.tcp_tw_reuse", "none"),
    "tw_reuse of a client": Verdict("taken-over", "net.ipv4.tcp_tw_reuse", "seen"),
}


def judge(name: str, moments: tuple[Moment, Moment]) -> None:
    """The verdict on one change is the expected one, its parts add up, and the counters are the kernel's own."""
    found = compare(*moments)
    wanted = EXPECTED[name]
    state = next(one for one in found.states if one.state == "TIME_WAIT")
    parts = [cause for cause in found.causes if cause.state == "TIME_WAIT"]
    assert state.beyond_noise, name
    assert state.after < state.before, name
    assert parts[0].kind == wanted.kind, (name, parts)
    assert abs(sum(part.sockets for part in parts) - (state.after - state.before)) <= len(parts) + 1, (name, parts)
    (setting,) = found.settings
    assert (setting.key, setting.effect) == (wanted.setting, wanted.effect), (name, setting)
    if wanted.effect == "seen":
        assert abs(setting.sockets - (state.after - state.before)) < 0.25 * state.before, name
    refused = next((one.between for one in found.counters if one.counter.endswith("TimeWaitOverflow")), 0)
    assert refused == sum(
        sign * moment.sample.counters["TcpExt"]["TCPTimeWaitOverflow"]
        for sign, moment in zip((-1, 1), moments, strict=True)
    )


def test_each_change_is_named_and_no_other() -> None:
    """Of five real changes under load; with four of them another setting is changed, which did it or did not."""
    try:
        made = make_all()
    except RefusedError as error:
        unavailable(error.message)
    assert made.keys() == CHANGES.keys() == EXPECTED.keys()
    for name, moments in made.items():
        judge(name, moments)
