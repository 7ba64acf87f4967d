"""Write one sample of a namespace's TCP to a file: sockets by cohort, listeners, counters, settings.

A million sockets make a few hundred rows. `lastack doctor --from FILE`, `lastack census --from FILE` and
`lastack compare` read it, on this host or another.
"""

import argparse
import sys
from contextlib import nullcontext

from lastack.cli.options import add_netns
from lastack.cli.writing import write
from lastack.kernel.namespaces import enter
from lastack.kernel.sampler import take_sample
from lastack.model.sample import encode

__all__ = ["configure", "run"]


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of ``lastack snapshot``."""
    parser.add_argument("-o", "--output", metavar="FILE", help="write there instead of to stdout; replaced in one step")
    add_netns(parser)


def run(options: argparse.Namespace) -> int:
    """Sample and write."""
    with enter(options.netns) if options.netns else nullcontext():
        sample = take_sample(options.netns)
    write(options.output, encode(sample))
    for what, reason in sample.unseen.items():
        sys.stderr.write(f"lastack: {what}: {reason}\n")
    return 0
