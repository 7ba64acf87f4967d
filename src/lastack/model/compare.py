"""Before against after: what changed beyond noise, and why. A pure function of two moments.

The verdict on a setting is careful on purpose. Between two censuses much else differs, above all the load, and the
number that everybody looks at, TIME_WAIT, is nothing but the closes of one minute. So the changes are first accounted
for (``causes``); a setting is said to have done something where its own counter says so, and it is said to have done
nothing where that counter stood still.
"""

from collections.abc import Iterable, Sequence
from typing import Literal

from msgspec import Struct

from lastack.model.bearing import BEARINGS
from lastack.model.causes import Cause, causes
from lastack.model.change import Change, change, obstacle
from lastack.model.circumstances import Circumstance, circumstances
from lastack.model.flow import Flow, Moment, flow, own_window
from lastack.model.noise import CHANCE, deviations, dispersion
from lastack.model.sample import Sample
from lastack.model.story import Event, story
from lastack.model.totals import by_state
from lastack.tcp.states import NAMES

__all__ = ["SCHEMA", "Comparison", "Effect", "SettingChange", "Side", "StateChange", "compare"]

SCHEMA = "lastack.compare/1"

Effect = Literal["seen", "possible", "none", "unknown"]


class Side(Struct, frozen=True, kw_only=True):
    """One of the two moments.

    Attributes:
        taken_at: RFC 3339, UTC.
        host: the host's name.
        kernel: release.
        netns: the namespace.
        total: sockets.
        flow: its rates.
    """

    taken_at: str
    host: str
    kernel: str
    netns: str
    total: int
    flow: Flow


class StateChange(Struct, frozen=True, kw_only=True):
    """A state in both.

    Attributes:
        state: its name.
        before: sockets.
        after: sockets.
        deviations: by how many standard deviations the second is more.
        beyond_noise: whether that is more than chance.
    """

    state: str
    before: int
    after: int
    deviations: float
    beyond_noise: bool


class SettingChange(Struct, frozen=True, kw_only=True):
    """A setting that differs.

    Attributes:
        key: its name.
        before: value; None: not visible.
        after: as ``before``.
        effect: ``seen``: its own counter moved, and accounts for sockets; ``possible``: sockets stayed longer or
            shorter in a state that it bears on, and so would they for other reasons; ``none``: nothing that it bears
            on moved beyond noise; ``unknown``: nothing here could show its effect.
        sockets: that it accounts for where ``effect`` is ``seen`` or ``possible``, over all states.
    """

    key: str
    before: str | None
    after: str | None
    effect: Effect
    sockets: int


class Comparison(Struct, frozen=True, kw_only=True):
    """What changed.

    Attributes:
        before: the first moment.
        after: the second one.
        interval_s: seconds between the two, of one boot and namespace; None: they do not compare so.
        no_interval: why ``interval_s`` is None; empty otherwise.
        spread: variance over mean of the closes a second: 1 is chance alone, more is bursts.
        states: every state of either, by the life of a connection.
        causes: parts that the changes are made of, the largest first.
        settings: the settings that differ.
        counters: what the counters tell.
        circumstances: what else differs.
    """

    before: Side
    after: Side
    interval_s: float | None
    no_interval: str
    spread: float
    states: list[StateChange]
    causes: list[Cause]
    settings: list[SettingChange]
    counters: list[Event]
    circumstances: list[Circumstance]


def compare(before: Moment, after: Moment) -> Comparison:
    """Compare two moments: of one host, or of two.

    Raises:
        InputError: ``malformed-sample``, ``malformed-setting``.
    """
    between = _between(before.sample, after.sample)
    windows = own_window(before), own_window(after) or between
    flows = flow(before.sample, windows[0]), flow(after.sample, windows[1])
    spread = max(dispersion(one.closes) for one in flows)
    states = _states(before.sample, after.sample)
    differing = _differing(before.sample, after.sample)
    found = causes(states, *flows, differing, spread)
    changes = [_state(name, *counts, spread) for name, counts in states.items()]
    changed = {one.state for one in changes if one.beyond_noise}
    # Arrivals and stay that make up for one another are no change that a setting could be credited with.
    telling = [one for one in found if one.beyond_noise and (one.kind != "stay" or one.state in changed)]
    return Comparison(
        before=_side(before.sample, flows[0]),
        after=_side(after.sample, flows[1]),
        interval_s=None if between is None else between.interval_s,
        no_interval=obstacle(after.sample, before.sample),
        spread=spread,
        states=changes,
        causes=found,
        settings=[_setting(key, *values, telling, flows) for key, values in differing.items()],
        counters=story(between, windows[0], own_window(after), spread),
        circumstances=circumstances(before.sample, after.sample),
    )


def _between(before: Sample, after: Sample) -> Change | None:
    return None if obstacle(after, before) else change(after, before)


def _side(sample: Sample, its: Flow) -> Side:
    return Side(
        taken_at=sample.taken_at,
        host=sample.host,
        kernel=sample.kernel,
        netns=sample.netns_name or sample.netns,
        total=sum(_counts(sample).values()),
        flow=its,
    )


def _counts(sample: Sample) -> dict[str, int]:
    return by_state(sample.cohorts) | ({"LISTEN": len(sample.listeners)} if sample.listeners else {})


def _states(before: Sample, after: Sample) -> dict[str, tuple[int, int]]:
    was, now = _counts(before), _counts(after)
    return {name: (was.get(name, 0), now.get(name, 0)) for name in _in_order([*was, *now])}


def _in_order(names: Iterable[str]) -> list[str]:
    order = {name: at for at, name in enumerate(NAMES)}
    return sorted(set(names), key=lambda name: (order.get(name, len(order)), name))


def _state(name: str, before: int, after: int, spread: float) -> StateChange:
    apart = deviations(before, after, spread=spread)
    beyond = before != after if name == "LISTEN" else abs(apart) > CHANCE  # nobody listens by chance
    return StateChange(state=name, before=before, after=after, deviations=apart, beyond_noise=beyond)


def _differing(before: Sample, after: Sample) -> dict[str, tuple[str | None, str | None]]:
    keys = sorted({*before.settings, *after.settings})
    pairs = {key: (before.settings.get(key), after.settings.get(key)) for key in keys}
    return {key: values for key, values in pairs.items() if values[0] != values[1]}


def _setting(
    key: str, before: str | None, after: str | None, found: Sequence[Cause], flows: tuple[Flow, Flow]
) -> SettingChange:
    parts = [cause for cause in found if key in cause.settings]
    return SettingChange(
        key=key,
        before=before,
        after=after,
        effect=_effect(key, parts, flows),
        sockets=sum(cause.sockets for cause in parts),
    )


def _effect(key: str, parts: Sequence[Cause], flows: tuple[Flow, Flow]) -> Effect:
    if parts:
        return "possible" if all(cause.kind == "stay" for cause in parts) else "seen"
    kinds = {row.kind for row in BEARINGS if row.key == key}
    witnessed = {
        "refused": all(one.refused_per_s is not None for one in flows),
        "taken-over": all(one.taken_over_per_s is not None for one in flows),
        "stay": all(one.window_s is not None for one in flows),
    }
    return "none" if kinds and all(witnessed[kind] for kind in kinds) else "unknown"
