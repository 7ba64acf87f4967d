"""Write one sample of a namespace's TCP to a file: sockets by cohort, listeners, counters, settings.

A million sockets make a few hundred rows. `lastack doctor --from FILE`, `lastack census --from FILE` and
`lastack compare` read it, on this host or another.
"""

import argparse
import os
import sys
from contextlib import nullcontext
from pathlib import Path

from lastack.cli.options import add_netns
from lastack.errors import InputError
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
    document = encode(sample)
    if options.output is None:
        sys.stdout.buffer.write(document)
    else:
        _replace(options.output, document)
    for what, reason in sample.unseen.items():
        sys.stderr.write(f"lastack: {what}: {reason}\n")
    return 0


def _replace(path: str, document: bytes) -> None:
    """The file is the old one or the whole new one, whatever happens."""
    beside = Path(f"{path}.{os.getpid()}.tmp")
    try:
        with beside.open("xb") as file:
            file.write(document)
        beside.replace(path)
    except OSError as error:
        beside.unlink(missing_ok=True)
        raise InputError("cannot-write", f"{path}: {error.strerror}") from error
