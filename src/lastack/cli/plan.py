"""Say what to change here, and why: from the doctor's findings, or from what you ask for by --set and --from-file.

The plan is a readable TOML file. Each step comes with its reason, its hazards and how to see that it worked; steps that
are no settings are in the same list, first where they matter more. Nothing is changed: `lastack apply` does that.
"""

import argparse
import sys
from contextlib import nullcontext
from time import sleep

from lastack.cli.draw import plain
from lastack.cli.duration import duration
from lastack.cli.lint_files import read_named
from lastack.cli.lint_host import view_of_host
from lastack.cli.options import add_json, add_netns
from lastack.cli.writing import write
from lastack.doctor.diagnosis import diagnose
from lastack.errors import UsageError
from lastack.kernel.host import read_host
from lastack.kernel.namespaces import current, enter
from lastack.kernel.sampler import take_sample
from lastack.model.model import Model
from lastack.plan import remedies, wishes
from lastack.plan.document import encode
from lastack.plan.plan import LeftOut, Plan, Step, validated
from lastack.settings.lint.judge import judge, keys_of, read_files

__all__ = ["configure", "run"]


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of ``lastack plan``."""
    add = parser.add_argument
    add("--set", metavar="KEY=VALUE", type=_one_line, action="append", default=[], help="a setting that you want so")
    add("--from-file", metavar="FILE|-", action="append", default=[], help="sysctl lines, but those lint rejects")
    add("--interval", metavar="TIME", type=duration, help="for findings: take two samples so far apart, to see rates")
    add("-o", "--output", metavar="PLAN", help="write the plan there instead of to stdout; replaced in one step")
    add_netns(parser)
    add_json(parser)


def _one_line(text: str) -> str:
    if "\n" in text:
        raise argparse.ArgumentTypeError("one KEY=VALUE, on one line")
    return text


def run(options: argparse.Namespace) -> int:
    """Look, plan, write. The exit code is 1 where something that --set asks for is left out."""
    wished = options.set or options.from_file
    if wished and options.interval:
        raise UsageError("options-clash", "--interval is for findings; --set and --from-file ask for no findings")
    with enter(options.netns) if options.netns else nullcontext():
        plan = _from_wishes(options) if wished else _from_findings(options)
    content = _as_json(plan) if options.json else encode(plan).encode()
    write(options.output, content)
    for item in plan.left_out:
        sys.stderr.write(f"lastack: left out: {plain(item.what)} ({plain(item.where)}): {plain(item.why)}\n")
    if not plan.steps:
        sys.stderr.write(f"lastack: {plain(plan.summary)}\n")
    return int(any(item.where == wishes.WISH for item in plan.left_out if not item.why.startswith(wishes.ALREADY)))


def _as_json(plan: Plan) -> bytes:
    from msgspec.json import encode as as_json  # noqa: PLC0415 - only for this

    return as_json(plan) + b"\n"


def _from_findings(options: argparse.Namespace) -> Plan:
    previous = take_sample(options.netns) if options.interval else None
    if options.interval:
        sleep(options.interval)
    model = Model.of(take_sample(options.netns), previous)
    diagnosis = diagnose(model)
    steps, left_out = remedies.steps_of(diagnosis, model)
    return _plan(options, remedies.summary_of(diagnosis, steps), steps, left_out)


def _from_wishes(options: argparse.Namespace) -> Plan:
    files = read_named(options.from_file)
    if options.set:
        files.append((wishes.WISH, "".join(f"{line}\n" for line in options.set).encode("utf-8", "surrogateescape")))
    entries = read_files(files)
    view = view_of_host(keys_of(entries), {entry.line.key for entry in entries})
    steps, left_out = wishes.steps_of(entries, judge(entries, view), view)
    return _plan(options, wishes.summary_of(steps, left_out), steps, left_out)


def _plan(options: argparse.Namespace, summary: str, steps: list[Step], left_out: list[LeftOut]) -> Plan:
    host = read_host()
    plan = Plan(
        made_at=host.taken_at,
        host=host.name,
        kernel=host.kernel,
        boot_id=host.boot_id,
        netns=current(),
        netns_name=options.netns,
        summary=summary,
        steps=steps,
        left_out=left_out,
    )
    return validated(plan)
