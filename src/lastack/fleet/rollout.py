"""A change for many hosts, stage by stage: watch what is normal, change, watch, judge; go on, or undo and stop.

Each host is judged by its own counters, as ``lastack apply`` judges its one host (``lastack.plan.health``), and by the
doctor on Prometheus where there is one. A host that is lost after it was changed counts as harm. Whatever ends the
controller, hosts put themselves back unless they are told in time that all is well; and a new controller goes on from
the state.
"""

import hashlib
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, NamedTuple

from lastack.errors import InputError
from lastack.fleet.ansible import Ansible, Outcome
from lastack.fleet.remote import Promise, Switch, confirm, put, told, watch, watched
from lastack.fleet.rollout_state import Rollout
from lastack.plan.health import STREAK, WINDOWS, Health, Reading
from lastack.plan.value import completed, same

if TYPE_CHECKING:
    from lastack.fleet.judge import Judge  # which needs an extra

__all__ = ["Controller", "Pace"]

_WINDOW_S = 1.0
_NAMED = 5
_UNCONFIRMED: dict[Switch, str] = {
    "dead": "the process that was to put it back did not outlive the connection",
    "undone": "it has put itself back, so there was too little time to confirm",
    "none": "nothing is left there that would put it back: it was rebooted, perhaps",
}


class Pace(NamedTuple):
    """How long, in seconds.

    Attributes:
        baseline_s: to watch what is normal.
        soak_s: to watch what comes of a change.
        confirm_s: after which hosts put themselves back.
    """

    baseline_s: float
    soak_s: float
    confirm_s: int

    @property
    def interval_s(self) -> float:
        """From one look at the counters to the next."""
        return self.baseline_s / max(WINDOWS, round(self.baseline_s / _WINDOW_S))

    def readings(self, seconds: float) -> int:
        """How many make up that time, so that there is something to compare."""
        return max(round(seconds / self.interval_s), STREAK + 1) + 1


class Controller:
    """Carries a rollout on from wherever it stands.

    Args:
        ansible: the way to the hosts.
        rollout: how it stands; changed in place.
        save: called before and after each thing that is done.
        pace: how long to watch.
        tell: told what is being done, a sentence.
        judge: asks Prometheus; None: hosts' own counters alone judge.
    """

    def __init__(
        self,
        ansible: Ansible,
        rollout: Rollout,
        save: Callable[[Rollout], None],
        pace: Pace,
        tell: Callable[[str], None],
        judge: "Judge | None" = None,
    ) -> None:
        self._ansible, self._rollout, self._save, self._pace, self._tell = ansible, rollout, save, pace, tell
        self._judge = judge

    def carry_on(self) -> None:
        """Until it is done, or stopped.

        Raises:
            RefusedError: ``ansible-failed``; the state is as before, and a next call goes on. Before a stage, as
                ``Judge.before``.
        """
        steps = {
            "before": self._watch_before,
            "changing": self._change,
            "watching": self._watch,
            "undoing": self._undo,
        }
        if self._rollout.phase == "watching":  # another controller's change, which may be undone by now, or soon
            self._rollout.phase = "changing"
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
        rollout.sick = self._judge.before(rollout.hosts) if self._judge else None
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
        written = self._put(wanted, self._pace.confirm_s, "change the settings")
        self._tell_of_undone([name for name in names if _switch(written[name]) == "undone"])
        for name in names:
            why = _difference(written[name], wanted[name])
            if why:
                self._stop(f"{name}: {why}")
                return
        if self._judge:
            self._judge.changed()
        rollout.phase = "watching"

    def _tell_of_undone(self, names: list[str]) -> None:
        """Of those that another controller had changed."""
        if names:
            self._tell(f"{_listed(names)}: nobody confirmed in time, so it had been put back there; changed anew")
        for name in names:
            self._rollout.hosts[name].note = "put itself back when no controller was there, and was changed anew"

    def _watch(self) -> None:
        rollout, names = self._rollout, self._rollout.at_work()
        self._tell(f"stage {rollout.stage + 1}: what comes of it")
        why = self._harm(names) or self._verdict(names) or self._unconfirmed(names)
        if why:
            self._stop(why)
            return
        for name in names:
            rollout.hosts[name].status = "kept"
        self._next()

    def _harm(self, names: list[str]) -> str:
        """What the hosts' own counters say against the change; empty: nothing."""
        seen, silent = self._readings(names, self._pace.soak_s)
        for name, why in silent.items():
            return f"{name} is lost: {why}"
        for name, since in seen.items():
            if why := _regression(self._rollout.baseline.get(name, []), since):
                return f"{name}: {why}"
        return ""

    def _verdict(self, names: list[str]) -> str:
        """What the doctor on Prometheus says against it; empty: nothing."""
        if self._judge is None:
            return ""
        if self._rollout.sick is None:
            self._tell("what Prometheus said before this stage is not known, so counters alone judge it")
            return ""
        self._tell(f"stage {self._rollout.stage + 1}: what the doctor on Prometheus says")
        return self._judge.since(self._rollout.hosts, names, self._rollout.sick)

    def _unconfirmed(self, names: list[str]) -> str:
        """Let it stay; why it cannot, where it cannot."""
        commands = {name: confirm(self._rollout.settings, self._mark(name)) for name in names}
        confirmed = self._ansible.run(commands, "let it stay")
        for name in names:
            if confirmed[name].outcome != "ok":
                return f"{name} is lost: {confirmed[name].why}"
            try:
                switch = told(self._rollout.settings, confirmed[name].stdout).switch
            except InputError as error:
                return f"{name}: {error.message}"
            if switch != "waiting":
                return f"{name}: {_UNCONFIRMED[switch]}"
        return ""

    def _next(self) -> None:
        rollout = self._rollout
        rollout.stage += 1
        rollout.baseline, rollout.sick = {}, None
        rollout.phase = "before" if rollout.stage < len(rollout.stages) else "done"

    def _stop(self, reason: str) -> None:
        self._rollout.phase, self._rollout.reason = "undoing", reason

    def _undo(self) -> None:
        rollout = self._rollout
        names = rollout.of_status("changed", "lost")
        self._tell(f"undo on {_some(names)}: {rollout.reason}")
        before = {name: rollout.hosts[name].before for name in names}
        unconfirmed = {name for names in rollout.stages[rollout.stage : rollout.stage + 1] for name in names}
        written = self._put(before, 0, "put the settings back")
        for name in names:
            why = _difference(written[name], before[name])
            if why and name in unconfirmed:
                why += f"; it was to put itself back {self._pace.confirm_s:,} s after the change"
            rollout.hosts[name].status, rollout.hosts[name].note = ("lost", why) if why else ("undone", "")
        rollout.phase, rollout.baseline, rollout.sick = "stopped", {}, None

    def _put(self, values: Mapping[str, Mapping[str, str]], within_s: int, what: str) -> dict[str, Outcome]:
        """Write what each host is to have; they put themselves back after so long, 0: never."""
        hosts = self._rollout.hosts
        commands = {
            name: put(of_it, hosts[name].before, Promise(self._mark(name), within_s)) for name, of_it in values.items()
        }
        return self._ansible.run(commands, what)

    def _mark(self, name: str) -> str:
        """What a host's promise is called there: hosts may be containers that share a folder."""
        return hashlib.sha256(f"{self._rollout.mark} {name}".encode()).hexdigest()[:16]

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
        present = told(wanted, written.stdout).values
    except InputError as error:
        return error.message
    differing = [key for key, value in wanted.items() if not same(key, value, present[key])]
    return f"{differing[0]} was given {wanted[differing[0]]}, and is {present[differing[0]]}" if differing else ""


def _regression(before: list[Reading], since: list[Reading]) -> str:
    if len(before) <= STREAK:
        return "nothing is known of what was normal there"
    health = Health(before)
    return next(filter(None, map(health.regression, since)), "")


def _switch(answer: Outcome) -> str:
    """The first word of the answer."""
    return answer.stdout.partition("\n")[0]


def _listed(names: list[str]) -> str:
    shown = ", ".join(names[:_NAMED])
    return shown if len(names) <= _NAMED else f"{shown} and {len(names) - _NAMED:,} more"


def _some(names: list[str]) -> str:
    return names[0] if len(names) == 1 else f"{len(names):,} hosts"
