"""Carry a plan to all hosts of an Ansible inventory: a canary first, then stages, each watched before and after.

A guard judges every host by its own counters. Where one is clearly worse, or is lost, the stage is undone and the
rollout stops. How far it has come is in a file, so after a crash the same command goes on. Settings are changed in the
running kernels; to keep them over reboots, let Ansible write what `lastack export PLAN --to ansible` prints.
"""

import argparse
import sys
from functools import partial
from typing import TYPE_CHECKING

from lastack.cli.asking import agreed
from lastack.cli.duration import duration
from lastack.cli.files import opened
from lastack.cli.options import add_json
from lastack.errors import InputError, UsageError

if TYPE_CHECKING:
    from lastack.fleet.ansible import Ansible
    from lastack.fleet.rollout_state import Rollout

__all__ = ["configure", "run"]

_LONGEST_S = 600


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
    add("--state", metavar="FILE", help="where to write how far it has come (PLAN.rollout.json)")
    add("--check", action="store_true", help="look at all hosts, say what would happen, and change nothing")
    add("--undo", action="store_true", help="put back what a rollout has changed, on all its hosts")
    add("--yes", action="store_true", help="do not ask")
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
    from lastack.fleet.rollout import Controller, Pace  # noqa: PLC0415 - as above
    from lastack.fleet.rollout_state import locked, save  # noqa: PLC0415 - as above

    if options.plan == "-" and not options.state:
        raise UsageError("options-clash", "a plan from standard input has no place beside it", "--state FILE")
    path = options.state or f"{options.plan}.rollout.json"
    ansible = Ansible(options.inventory, limit=options.limit, become=options.become)
    with locked(path):
        rollout = _rollout(options, path, ansible)
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
        controller = Controller(ansible, rollout, partial(save, path), Pace(options.baseline, options.soak), _tell)
        save(path, rollout)
        if options.undo:
            controller.undo(UNDONE)
        else:
            controller.carry_on()
    _print(as_json(rollout) if options.json else "".join(f"{line}\n" for line in as_text(rollout)))
    if over:
        _tell(f"this rollout was over already; to begin it anew, move {path} away")
    fine = not rollout.of_status("waiting", "unreachable", "refused", "lost")
    return int(not fine or (bool(rollout.reason) and not options.undo))


def _rollout(options: argparse.Namespace, path: str, ansible: "Ansible") -> "Rollout":
    """The one that was begun, or a new one."""
    from lastack.fleet.rollout import begin  # noqa: PLC0415 - as above
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
    sys.stderr.write(f"lastack: {text}\n")
    sys.stderr.flush()


def _print(text: str) -> None:
    sys.stdout.write(text)
    sys.stdout.flush()
