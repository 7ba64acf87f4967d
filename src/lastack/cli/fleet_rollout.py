"""Carry a plan to all hosts of an Ansible inventory: a canary first, then stages, each watched before and after.

A guard judges every host by its own counters, and with --prometheus the fleet's doctor does too. Where one is clearly
worse, or is lost, the stage is undone and the rollout stops. How far it has come is in a file, so after a crash the
same command goes on; until then, hosts put themselves back. Settings are changed in the running kernels; to keep them
over reboots, let Ansible write what `lastack export PLAN --to ansible` prints.

With --prometheus, a host of the inventory is the one whose instance, without its port, is its name or its ansible_host;
--host LABEL takes another label. What is compared is what the doctor found within --range before a stage.
"""

import argparse
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from functools import partial
from math import ceil
from typing import TYPE_CHECKING

from lastack.cli.asking import agreed
from lastack.cli.draw import plain
from lastack.cli.duration import duration, spoken
from lastack.cli.files import opened
from lastack.cli.options import add_json
from lastack.cli.prometheus import add_prometheus, matchers, server
from lastack.errors import InputError, LastackError, UsageError

if TYPE_CHECKING:
    from lastack.fleet.ansible import Ansible
    from lastack.fleet.judge import Judge
    from lastack.fleet.rollout import Pace
    from lastack.fleet.rollout_state import Rollout

__all__ = ["configure", "run"]

_LONGEST_S = 600
_ANSIBLE_S = 300  # for what Ansible takes between a change and its confirmation


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of ``lastack fleet rollout``."""
    from lastack.fleet.stages import DEFAULT  # noqa: PLC0415 - other commands do without

    add = parser.add_argument
    add("plan", metavar="PLAN", help="what `lastack plan -o PLAN` wrote")
    add("--inventory", metavar="INVENTORY", required=True, help="as `ansible-playbook -i` takes it")
    add("--limit", metavar="PATTERN", default="", help="only hosts of this pattern, as Ansible has it")
    add("--become", action="store_true", help="become root there, where the inventory does not say so")
    whole = DEFAULT.replace("%", "%%")
    add("--stages", metavar="N,N%,...", default=DEFAULT, help=f"how many have it after each stage ({whole})")
    add("--baseline", metavar="TIME", type=_watched, default=30.0, help="watch what is normal for that long (30s)")
    add("--soak", metavar="TIME", type=_watched, default=60.0, help="watch what comes of a stage for that long (60s)")
    add(
        "--confirm-within",
        metavar="TIME",
        type=duration,
        help=f"hosts put themselves back so long after a change, unless all went well (--soak, --settle and "
        f"{_ANSIBLE_S // 60} min)",
    )
    add("--state", metavar="FILE", help="where to write how far it has come (PLAN.rollout.json)")
    add("--check", action="store_true", help="look at all hosts, say what would happen, and change nothing")
    add("--undo", action="store_true", help="put back what a rollout has changed, on all its hosts")
    add("--yes", action="store_true", help="do not ask")
    add_prometheus(parser, required=False)
    add("--settle", metavar="TIME", type=_watched, default=180.0, help="wait so long for scrapes of changed hosts (3m)")
    add_json(parser)


def _watched(text: str) -> float:
    seconds = duration(text)
    if not 1 <= seconds <= _LONGEST_S:
        raise argparse.ArgumentTypeError(f"{text!r}: from a second to {_LONGEST_S // 60} minutes")
    return seconds


def run(options: argparse.Namespace) -> int:
    """Look, show, ask, carry out, report."""
    from lastack.cli.fleet_rollout_report import UNDONE, as_json, as_text, intended  # noqa: PLC0415 - help does without
    from lastack.fleet.ansible import Ansible  # noqa: PLC0415 - as above
    from lastack.fleet.rollout import Controller  # noqa: PLC0415 - as above
    from lastack.fleet.rollout_state import locked, save  # noqa: PLC0415 - as above

    if options.plan == "-" and not options.state:
        raise UsageError("options-clash", "a plan from standard input has no place beside it", "--state FILE")
    path, pace = options.state or f"{options.plan}.rollout.json", _pace(options)
    ansible = Ansible(options.inventory, limit=options.limit, become=options.become)
    with locked(path), ExitStack() as stack:
        judge = _judge(options, stack)
        rollout = _rollout(options, path, ansible)
        if judge and rollout.phase == "before" and not options.undo:
            judge.before(rollout.hosts)  # what Prometheus does not have is told before anybody says yes
        if not options.json:
            sys.stdout.writelines(f"{line}\n" for line in intended(rollout))
            sys.stdout.flush()
        if options.check:
            _print(as_json(rollout) if options.json else "")
            return 0
        over = rollout.phase in {"done", "stopped"} and not options.undo
        if not over and not options.yes and not agreed("Go on?"):
            sys.stderr.write("lastack: nothing is changed\n")
            return 1
        controller = Controller(ansible, rollout, partial(save, path), pace, _tell, judge)
        save(path, rollout)
        with _left_alone(rollout, pace):
            if options.undo:
                controller.undo(UNDONE)
            else:
                controller.carry_on()
    _print(as_json(rollout) if options.json else "".join(f"{line}\n" for line in as_text(rollout)))
    if over:
        _tell(f"this rollout was over already; to begin it anew, move {path} away")
    fine = not rollout.of_status("waiting", "unreachable", "refused", "lost")
    return int(not fine or (bool(rollout.reason) and not options.undo))


@contextmanager
def _left_alone(rollout: "Rollout", pace: "Pace") -> Iterator[None]:
    """Where this ends early, say what becomes of hosts that are changed and not judged."""
    try:
        yield
    except (KeyboardInterrupt, LastackError):
        if rollout.phase in {"changing", "watching"} and rollout.of_status("changed"):
            when = f"{spoken(pace.confirm_s)} after the change, unless the same command goes on"
            _tell(f"hosts that are changed and not judged put themselves back {when}")
        raise


def _pace(options: argparse.Namespace) -> "Pace":
    from lastack.fleet.rollout import Pace  # noqa: PLC0415 - as above

    watched_s = options.soak + (options.settle if options.prometheus else 0)
    confirm_s = watched_s + _ANSIBLE_S if options.confirm_within is None else options.confirm_within
    if confirm_s <= watched_s:
        hint = "leave it out, or make --soak and --settle shorter"
        raise UsageError("options-clash", "--confirm-within ends before --soak and --settle do", hint)
    return Pace(options.baseline, options.soak, ceil(confirm_s))


def _judge(options: argparse.Namespace, stack: ExitStack) -> "Judge | None":
    if not options.prometheus:
        return None
    prometheus = stack.enter_context(server(options))
    from lastack.fleet.judge import Judge, Terms  # noqa: PLC0415 - as above

    terms = Terms(
        match=matchers(options),
        host_label=options.host,
        range_s=options.range_s,
        settle_s=options.settle,
        most_series=options.most_series,
    )
    return Judge(prometheus, terms)


def _rollout(options: argparse.Namespace, path: str, ansible: "Ansible") -> "Rollout":
    """The one that was begun, or a new one."""
    from lastack.fleet.begin import begin  # noqa: PLC0415 - as above
    from lastack.fleet.rollout_state import load  # noqa: PLC0415 - as above
    from lastack.plan.document import decode  # noqa: PLC0415 - as above

    with opened(options.plan) as (file, name):
        settings = dict(decode(file.read(), name).settings)
    if not settings:
        raise InputError("nothing-to-roll-out", f"{options.plan} changes no setting")
    known = load(path)
    if known is None:
        if options.undo:
            raise InputError("nothing-to-undo", f"{path}: there is no such rollout", "--state FILE says where it is")
        _tell("look at all hosts")
        return begin(ansible, settings, options.inventory, options.stages)
    if (known.settings, known.inventory) != (settings, options.inventory):
        hint = f"finish that one with its own plan and inventory, or move {path} away"
        raise InputError("rollout-of-another", f"{path} is of another plan or inventory", hint)
    return known


def _tell(text: str) -> None:
    sys.stderr.write(f"lastack: {plain(text)}\n")
    sys.stderr.flush()


def _print(text: str) -> None:
    sys.stdout.write(text)
    sys.stdout.flush()
