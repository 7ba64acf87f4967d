"""Print a plan in the form that another tool takes, from sysctl.d to Kubernetes."""

import argparse

from lastack.cli.files import opened
from lastack.cli.writing import write
from lastack.plan.document import decode
from lastack.plan.export.formats import FORMATS

__all__ = ["configure", "run"]


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of ``lastack export``."""
    parser.add_argument("plan", metavar="PLAN", help="what `lastack plan -o PLAN` wrote; -: standard input")
    purposes = "; ".join(f"{row.name}: {row.purpose}" for row in FORMATS.values())
    parser.add_argument("--to", metavar="FORMAT", choices=list(FORMATS), required=True, help=purposes)
    parser.add_argument("-o", "--output", metavar="FILE", help="write there instead of to stdout; replaced in one step")


def run(options: argparse.Namespace) -> int:
    """Read, render, write."""
    with opened(options.plan) as (file, name):
        plan = decode(file.read(), name)
    write(options.output, FORMATS[options.to].render(plan).encode())
    return 0
