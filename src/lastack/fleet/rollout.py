"""A change for many hosts, stage by stage: watch what is normal, change, watch, judge; go on, or undo and stop.

Each host is judged by its own counters, as ``lastack apply`` judges its one host (``lastack.plan.health``). A host that
is lost after it was changed counts as harm. Whatever ends the controller, a new one goes on from the state.
"""

from collections.abc import Callable, Mapping
from typing import NamedTuple

from lastack.errors import InputError
from lastack.fleet.ansible import Ansible, Outcome
from lastack.fleet.remote import look, looked, put, watch, watched
from lastack.fleet.rollout_state import HostState, Rollout
from lastack.fleet.stages import stages_of
from lastack.plan.health import STREAK, WINDOWS, Health, Reading
from lastack.plan.value import completed, same

__all__ = ["Controller", "Pace", "begin"]

_WINDOW_S = 1.0


class Pace(NamedTuple):
    """How long to watch, in seconds: what is normal, and what comes of a change."""

    baseline_s: float
    soak_s: float

    @property
    def interval_s(self) -> float:
        """From one look at the counters to the next."""
        return self.baseline_s / max(WINDOWS, round(self.baseline_s / _WINDOW_S))

    def readings(self, seconds: float) -> int:
        """How many make up that time, so that there is something to compare."""
        return max(round(seconds / self.interval_s), STREAK + 1) + 1


def begin(ansible: Ansible, settings: Mapping[str, str], inventory: str, sizes: str) -> Rollout:
    """Look at every host, change none: who is there, what each has, and the stages of those that are to be changed.

    Raises:
        InputError: ``bad-inventory``.
        RefusedError: ``ansible-failed``.
        UsageError: ``bad-stages``.
    """
    names = ansible.hosts()
    outcomes = ansible.run({name: look(settings) for name in names}, "look at the settings")
    hosts = {name: _first_look(outcomes[name], settings) for name in names}
    waiting = [name for name in names if hosts[name].status == "waiting"]
    return Rollout(
        settings=dict(settings),
        inventory=inventory,
        stages=stages_of(waiting, sizes),
        hosts=hosts,
        phase="before" if waiting else "done",
    )


def _first_look(outcome: Outcome, settings: Mapping[str, str]) -> HostState:
    if outcome.outcome != "ok":
        return HostState("unreachable" if outcome.outcome == "unreachable" else "refused", {}, outcome.why)
    try:
        before = looked(settings, outcome.stdout)
    except InputError as error:
        return HostState("refused", {}, error.message)
    had_it = all(same(key, completed(key, value, before[key]), before[key]) for key, value in settings.items())
    return HostState("had-it" if had_it else "waiting", before)


class Controller:
    """Carries a rollout on from wherever it stands.

    Args:
        ansible: the way to the hosts.
        rollout: how it stands; changed in place.
        save: called before and after each thing that is done.
        pace: how long to watch.
        tell: told what is being done, a sentence.
    """

    def __init__(
        self,
        ansible: Ansible,
        rollout: Rollout,
        save: Callable[[Rollout], None],
        pace: Pace,
        tell: Callable[[str], None],
    ) -> None:
        self._ansible, self._rollout, self._save, self._pace, self._tell = ansible, rollout, save, pace, tell

    def carry_on(self) -> None:
        """Until it is done, or stopped.

        Raises:
            RefusedError: ``ansible-failed``; the state is as before, and a next call goes on.
        """
        steps = {
            "before": self._watch_before,
            "changing": self._change,
            "watching": self._watch,
            "undoing": self._undo,
        }
        while self._rollout.phase in steps:
            steps[self._rollout.phase]()
            self._save(self._rollout)

    def undo(self, reason: str) -> None:
        """Put back everything that was changed, of all stages."""
        for name in self._rollout.of_status("kept"):
            self._rollout.hosts[name].status = "changed"
        self._rollout.phase, self._rollout.reason = "undoing", reason
        self._save(self._rollout)
        self.carry_on()

    def _watch_before(self) -> None:
        rollout, names = self._rollout, self._rollout.at_work()
        self._tell(f"stage {rollout.stage + 1} of {len(rollout.stages)}, {_some(names)}: what is normal")
        seen, silent = self._readings(names, self._pace.baseline_s)
        for name, why in silent.items():
            rollout.hosts[name].status, rollout.hosts[name].note = "unreachable", why
        rollout.baseline = seen
        rollout.phase = "changing"
        if not seen:
            self._next()

    def _change(self) -> None:
        rollout, names = self._rollout, self._rollout.at_work()
        self._tell(f"stage {rollout.stage + 1}: change {_some(names)}")
        for name in names:  # from here on they may be changed, whatever happens to us
            rollout.hosts[name].status = "changed"
        self._save(rollout)
        wanted = {name: self._wanted(name) for name in names}
        written = self._ansible.run({name: put(values) for name, values in wanted.items()}, "change the settings")
        for name in names:
            why = _difference(written[name], wanted[name])
            if why:
                self._stop(f"{name}: {why}")
                return
        rollout.phase = "watching"

    def _watch(self) -> None:
        rollout, names = self._rollout, self._rollout.at_work()
        self._tell(f"stage {rollout.stage + 1}: what comes of it")
        seen, silent = self._readings(names, self._pace.soak_s)
        for name, why in silent.items():
            self._stop(f"{name} is lost: {why}")
            return
        for name in names:
            why = _regression(rollout.baseline.get(name, []), seen[name])
            if why:
                self._stop(f"{name}: {why}")
                return
        for name in names:
            rollout.hosts[name].status = "kept"
        self._next()

    def _next(self) -> None:
        rollout = self._rollout
        rollout.stage += 1
        rollout.baseline = {}
        rollout.phase = "before" if rollout.stage < len(rollout.stages) else "done"

    def _stop(self, reason: str) -> None:
        self._rollout.phase, self._rollout.reason = "undoing", reason

    def _undo(self) -> None:
        rollout = self._rollout
        names = rollout.of_status("changed", "lost")
        self._tell(f"undo on {_some(names)}: {rollout.reason}")
        before = {name: rollout.hosts[name].before for name in names}
        written = self._ansible.run({name: put(values) for name, values in before.items()}, "put the settings back")
        for name in names:
            why = _difference(written[name], before[name])
            rollout.hosts[name].status, rollout.hosts[name].note = ("lost", why) if why else ("undone", "")
        rollout.phase, rollout.baseline = "stopped", {}

    def _wanted(self, name: str) -> dict[str, str]:
        before = self._rollout.hosts[name].before
        return {key: completed(key, value, before[key]) for key, value in self._rollout.settings.items()}

    def _readings(self, names: list[str], seconds: float) -> tuple[dict[str, list[Reading]], dict[str, str]]:
        """What each host counted, and why others did not tell."""
        command = watch(self._pace.readings(seconds), self._pace.interval_s)
        seen, silent = {}, {}
        for name, outcome in self._ansible.run(dict.fromkeys(names, command), "watch the counters").items():
            try:
                if outcome.outcome == "ok":
                    seen[name] = watched(outcome.stdout)
                else:
                    silent[name] = outcome.why
            except InputError as error:
                silent[name] = error.message
        return seen, silent


def _difference(written: Outcome, wanted: Mapping[str, str]) -> str:
    """Why the host has not what it was given; empty: it has."""
    if written.outcome != "ok":
        return written.why
    try:
        present = looked(wanted, written.stdout)
    except InputError as error:
        return error.message
    differing = [key for key, value in wanted.items() if not same(key, value, present[key])]
    return f"{differing[0]} was given {wanted[differing[0]]}, and is {present[differing[0]]}" if differing else ""


def _regression(before: list[Reading], since: list[Reading]) -> str:
    if len(before) <= STREAK:
        return "nothing is known of what was normal there"
    health = Health(before)
    return next(filter(None, map(health.regression, since)), "")


def _some(names: list[str]) -> str:
    return names[0] if len(names) == 1 else f"{len(names):,} hosts"
