"""Record this host's TCP: a sample every ten seconds into a store, a single file that keeps itself small.

`lastack doctor`, `census` and `compare` look back into it with `--at TIME` and `--between A B`. What is in the file is
there for good: neither kill -9 nor a full disk loses it. The oldest goes when it is older than `--keep`, or when the
file would be larger than `--max-size`.
"""

import argparse
import re
import sys
from importlib.resources import files
from pathlib import Path

from lastack.cli.duration import days, duration
from lastack.cli.files import opened
from lastack.cli.options import add_netns, add_store
from lastack.errors import UsageError
from lastack.model.sample import decode_series

__all__ = ["configure", "run"]

_EVERY_S = 10.0
_SIZE = re.compile(r"(\d{1,9})([KMGT]?)B?")
_UNITS = {"": 0, "K": 10, "M": 20, "G": 30, "T": 40}
_LEAST_BYTES = 1 << 20


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of ``lastack record``."""
    add = parser.add_argument
    add("--every", metavar="S", type=_interval, default=_EVERY_S, help="time from one sample to the next (10s)")
    add("--keep", metavar="AGE", type=days, default=days("30d"), help="delete samples that are older (30d)")
    add("--max-size", metavar="SIZE", type=_size, default=_size("1G"), help="delete the oldest beyond that size (1G)")
    add_store(parser)
    add_netns(parser)
    what = parser.add_mutually_exclusive_group()
    what.add_argument("--once", action="store_true", help="record one sample and end")
    what.add_argument("--import", metavar="SNAPSHOT", dest="snapshots", nargs="+", help="put snapshots into the store")
    what.add_argument("--list", action="store_true", help="say what the store has")
    what.add_argument("--unit", action="store_true", help="print a hardened systemd unit that records this host")


def _interval(text: str) -> float:
    seconds = duration(text)
    if not 0.1 <= seconds <= 3600:
        raise argparse.ArgumentTypeError("a tenth of a second to an hour")
    return seconds


def _size(text: str) -> int:
    match = _SIZE.fullmatch(text.upper())
    size = int(match[1]) << _UNITS[match[2]] if match else 0
    if size < _LEAST_BYTES:
        raise argparse.ArgumentTypeError(f"{text!r} is no size of 1M or more, such as 500M or 2G")
    return size


def run(options: argparse.Namespace) -> int:
    """Do it, until interrupted."""
    if options.unit:
        sys.stdout.write(files("lastack.store").joinpath("lastack-record.service").read_text("utf-8"))
        return 0
    if options.netns and (options.snapshots or options.list):
        raise UsageError("options-clash", "--netns is for recording a live namespace")
    if options.list:
        return _list(options.store)
    if options.snapshots:
        return _import(options.store, options.snapshots)
    from lastack.cli.record_loop import record  # noqa: PLC0415 - the rest does without the kernel

    return record(options)


def _import(store: str, names: list[str]) -> int:
    """All of them, or none: what cannot be read is an error before anything is written."""
    from lastack.store.writer import Writer  # noqa: PLC0415 - help and completion do without

    samples = []
    for name in names:
        with opened(name) as (file, shown):
            samples += decode_series(file.read(), shown)
    with Writer(store) as writer:
        for sample in sorted(samples, key=lambda sample: sample.taken_at):
            writer.append(sample)
    sys.stderr.write(f"lastack: {len(samples)} samples are in {store}\n")
    return 0


def _list(store: str) -> int:
    from datetime import UTC, datetime  # noqa: PLC0415 - as above

    from lastack.store.reader import Reader  # noqa: PLC0415

    with Reader(store) as reader:
        extent = reader.extent()
    if extent is None:
        sys.stdout.write(f"{store}: no samples\n")
        return 0
    first, last = (
        f"{datetime.fromtimestamp(ms // 1000, UTC):%Y-%m-%dT%H:%M:%SZ}" for ms in (extent.first_ms, extent.last_ms)
    )
    sys.stdout.write(
        f"{store}: {extent.samples:,} samples, {first} to {last}, {Path(store).stat().st_size / 1e6:,.1f} MB\n"
    )
    return 0
