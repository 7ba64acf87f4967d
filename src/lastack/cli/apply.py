"""Carry a plan out: the journal first, then every setting is written, read back and compared. All of them, or none.

With --confirm-within, all is undone again unless `lastack confirm` comes in time: also if the terminal is gone, lastack
is killed or the host reboots. Until then a guard watches the namespace's counters, and undoes what does clear harm.
"""

import argparse
import sys
from collections.abc import Iterable, Iterator
from contextlib import nullcontext

from lastack.cli.asking import agreed
from lastack.cli.change_report import as_json, as_preview, changed_lines, item_lines, undone_lines, wrapped
from lastack.cli.draw import plain
from lastack.cli.duration import duration, spoken
from lastack.cli.files import opened
from lastack.cli.journal_folder import add_state, journal_folder
from lastack.cli.options import add_json, add_netns
from lastack.cli.overrides import overrides
from lastack.errors import InputError, RefusedError, UsageError
from lastack.kernel.host import Host, read_host
from lastack.kernel.namespaces import enter
from lastack.plan.document import decode
from lastack.plan.plan import Plan, Step
from lastack.plan.value import same
from lastack.tune import timer
from lastack.tune.apply import Request, apply, items_for
from lastack.tune.change import Change
from lastack.tune.guard import Guard, observe
from lastack.tune.journal import Journal
from lastack.tune.place import here, is_here
from lastack.tune.record import Item, Place
from lastack.tune.supervise import Charge, start
from lastack.tune.terminal import own_terminal
from lastack.tune.undo import settle
from lastack.tune.who import actor, boottime, within

__all__ = ["configure", "run"]

_PATIENCE_S = 5.0
_LONGEST_BASELINE_S = 60.0
_BASELINE_SHARE = 5  # of the time to confirm


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of ``lastack apply``."""
    add = parser.add_argument
    add("plan", metavar="PLAN", help="what `lastack plan -o PLAN` wrote; -: standard input")
    add("--dry-run", action="store_true", help="say what would be done, and do nothing")
    add("--yes", action="store_true", help="do not ask")
    add("--anyway", action="store_true", help="also where the plan was made for another host, boot, kernel or value")
    add("--confirm-within", metavar="TIME", type=_some_time, help="undo all unless confirmed in time: 90s, 5m, 1h")
    add(
        "--baseline",
        metavar="TIME",
        type=duration,
        help="with --confirm-within: how long to watch what is normal before the change; 0: no guard "
        "(a fifth of the time to confirm, a minute at most)",
    )
    add("--persist", action="store_true", help="keep it over reboots, by a file in /etc/sysctl.d; once confirmed")
    add_netns(parser)
    add_state(parser)
    add_json(parser)


def _some_time(text: str) -> float:
    seconds = duration(text)
    if seconds < 1:
        raise argparse.ArgumentTypeError("a second at least")
    return seconds


def run(options: argparse.Namespace) -> int:
    """Check, show, ask, apply."""
    if options.persist and options.netns:
        raise UsageError("options-clash", "--persist is for the whole host: no boot brings a namespace's settings back")
    if options.baseline is not None and not options.confirm_within:
        raise UsageError("options-clash", "--baseline needs --confirm-within: the guard works until the confirmation")
    with opened(options.plan) as (file, name):
        plan = decode(file.read(), name)
    with enter(options.netns) if options.netns else nullcontext():
        return _Applying(plan, options).run()


class _Applying:
    """One run, in the namespace that is to be changed."""

    def __init__(self, plan: Plan, options: argparse.Namespace) -> None:
        self._plan = plan
        self._options = options
        self._host = read_host()
        self._place = here(options.netns)
        self._by = actor()

    def run(self) -> int:
        options = self._options
        if not options.dry_run:
            self._ready()
        if not options.anyway:
            _refuse_other(self._plan, self._host, self._place)
        items = self._items()
        nothing = not items or options.dry_run
        if not options.json:
            _show(self._plan, items)
        elif nothing:
            sys.stdout.write(f"{as_preview((item.key, item.before, item.wanted) for item in items)}\n")
        if nothing:
            return 0
        if not options.yes and not agreed(f"Change {len(items)} settings?" if items[1:] else "Change this setting?"):
            sys.stderr.write("lastack: nothing is changed\n")
            return 1
        change = self._apply(items, self._observe())
        if options.json:
            sys.stdout.write(f"{as_json(change, self._host.boot_id)}\n")
        else:
            _report(change)
        return 0

    def _ready(self) -> None:
        with Journal(journal_folder(self._options), create=True) as journal, journal.locked(_PATIENCE_S):
            self._settle(journal)

    def _settle(self, journal: Journal) -> None:
        """Finish what was left unfinished; where another change waits for its confirmation, refuse."""
        for change, undone in settle(journal, self._by, self._host.boot_id, boottime()):
            sys.stderr.writelines(f"lastack: {line}\n" for line in undone_lines(change, undone))
        for change in journal.changes():
            if change.state(self._host.boot_id) == "waiting" and is_here(change.begun.place):
                hint = f"`lastack confirm {change.id}` or `lastack rollback {change.id}` first"
                raise RefusedError("change-waiting", f"change {change.id} waits for its confirmation", hint)

    def _items(self) -> list[Item]:
        items = items_for(self._plan.settings)
        if not self._options.anyway:
            _refuse_stale(self._plan, items)
        changing = [item for item in items if not same(item.key, item.before, item.wanted)]
        return items if self._options.persist else changing

    def _observe(self) -> Guard | None:
        within_s, baseline_s = self._options.confirm_within, self._options.baseline
        if within_s and baseline_s is None:
            baseline_s = min(within_s / _BASELINE_SHARE, _LONGEST_BASELINE_S)
        if not baseline_s:
            return None
        if sys.stderr.isatty():
            sys.stderr.write(f"lastack: watching for {spoken(baseline_s)} what is normal here\n")
        return observe(baseline_s)

    def _apply(self, items: list[Item], guard: Guard | None) -> Change:
        folder = journal_folder(self._options)
        with Journal(folder, create=True) as journal, journal.locked(_PATIENCE_S):
            self._settle(journal)
            if self._items() != items:
                raise RefusedError("changed-meanwhile", "somebody changed these settings meanwhile", "try again")
            within_s = self._options.confirm_within
            request = Request(
                items=items,
                summary=self._plan.summary,
                host=self._host,
                place=self._place,
                by=self._by,
                persist=self._options.persist,
                deadline=within(within_s) if within_s else None,
            )
            return apply(journal, request, lambda change: self._watch(change, journal.path, guard))

    def _watch(self, change: Change, folder: str, guard: Guard | None) -> None:
        deadline = change.begun.deadline
        if deadline is None:
            return
        start(
            Charge(
                journal=folder,
                change=change.id,
                token=change.begun.token,
                boot_id=self._host.boot_id,
                deadline_s=deadline.boottime_s,
                guard=guard,
                terminal=own_terminal(),
            )
        )
        if timer.reachable() and (problem := timer.arm(change, folder)):
            sys.stderr.write(f"lastack: systemd sets no timer, so only our own process sees to it: {problem}\n")


def _refuse_other(plan: Plan, host: Host, place: Place) -> None:
    for what, planned, found in (
        ("the host", plan.host, host.name),
        ("the boot", plan.boot_id, host.boot_id),
        ("the kernel", plan.kernel, host.kernel),
        ("the namespace", plan.netns, place.netns),
    ):
        if planned is not None and planned != found:
            named = f"--netns {plan.netns_name}, or " if what == "the namespace" and plan.netns_name else ""
            hint = f"make a new plan here, {named}or apply it --anyway"
            raise InputError("plan-for-another", f"the plan was made for {what} {planned}, and this is {found}", hint)


def _refuse_stale(plan: Plan, items: list[Item]) -> None:
    present = {item.key: item.before for item in items}
    for step in plan.steps:
        if step.key and step.now is not None and not same(step.key, step.now, present[step.key]):
            raise InputError(
                "plan-is-stale",
                f"{step.key} was {step.now} when the plan was made, and is {present[step.key]} now",
                "make a new plan, or apply it --anyway",
            )


def _show(plan: Plan, items: list[Item]) -> None:
    hazards = {step.key: step.hazards for step in plan.steps}
    lines = [wrapped(plan.summary, "", "")]
    for item, line in zip(items, item_lines(items), strict=True):
        lines += [line, *(wrapped(hazard, "    ! ", "      ") for hazard in hazards.get(item.key, []))]
    if not items:
        lines.append("No setting to change.")
    others = [step for step in plan.steps if step.kind != "setting"]
    if others:
        lines.append("Not settings, and yours to do:")
    lines += [line for step in others for line in _aside(step)]
    sys.stdout.writelines(f"{line}\n" for line in lines)


def _aside(step: Step) -> Iterator[str]:
    """What to do elsewhere, the lines to write there as they are, and who says so."""
    yield wrapped(step.told, "  ", "    ")
    yield from (plain(f"      {line}") for line in step.lines)
    if step.source:
        yield plain(f"    {step.source}")


def _report(change: Change) -> None:
    lines = [f"change {change.id} is applied: {len(change.begun.items)} written and read back", *changed_lines(change)]
    if change.begun.deadline:
        lines.append(f"It is undone at {change.begun.deadline.at} unless you run: lastack confirm {change.id}")
    if change.persisted and change.persisting:
        lines += overrides(change.persisting)
    _print(lines)


def _print(lines: Iterable[str]) -> None:
    sys.stdout.writelines(f"{plain(line)}\n" for line in lines)
