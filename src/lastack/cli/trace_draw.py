"""``lastack trace --pcap --diagram``: the connections of a capture, drawn."""

import argparse
import sys
from collections.abc import Iterator

import numpy as np

from lastack.capture.incarnations import incarnations
from lastack.capture.read import Reading
from lastack.capture.segments import Segments, concatenated
from lastack.capture.stretches import stretches
from lastack.capture.table import Table, sorted_by_pair
from lastack.capture.walk import Walk
from lastack.cli.trace_diagram import text
from lastack.cli.trace_svg import svg
from lastack.tcp.lifecycle import Lifecycle
from lastack.tcp.observer import Sent
from lastack.tcp.sequence import Sequence, from_segments

__all__ = ["draw"]

# Segments looked at, and connections drawn where nobody says how many.
_MOST_ROWS = 1 << 21
_USUAL = 10


def draw(reading: Reading, options: argparse.Namespace) -> None:
    """Draw connections in the order of their first segments: ten, or ``--count``; one as SVG."""
    rows = _rows(reading)
    table = sorted_by_pair(rows)
    starts = incarnations(table) if len(table.starts) else table.starts
    table = Table(table.rows, starts)
    most = options.count or (1 if options.svg else _USUAL)
    drawn = list(_drawings(table, most, reading))
    if options.svg:
        sys.stdout.writelines(svg(lifecycle, sequence) + "\n" for lifecycle, sequence in drawn[:1])
    else:
        sys.stdout.write("\n".join(text(lifecycle, sequence) for lifecycle, sequence in drawn))
    if len(starts) > len(drawn) and not options.count:
        sys.stderr.write(f"lastack: {len(drawn)} of {len(starts):,} connections; --port, --address, --count choose\n")


def _rows(reading: Reading) -> Segments:
    parts, count = [], 0
    for some in reading.segments():
        parts.append(some)
        count += len(some.time)
        if count > _MOST_ROWS:
            sys.stderr.write(f"lastack: {count:,} segments are looked at, the rest is left; --port, --address choose\n")
            break
    return concatenated(parts) if parts else Segments.none()


def _drawings(table: Table, most: int, reading: Reading) -> Iterator[tuple[Lifecycle, Sequence]]:
    rows, starts = table
    ends = table.ends
    for number in np.argsort(rows.time[starts], kind="stable")[:most].tolist():
        some = rows.take(slice(int(starts[number]), int(ends[number])))
        walk = Walk(some, 0)
        walk.feed(some)
        (lifecycle,) = walk.bundle().lifecycles(reading.decoder.addresses.octets)
        seen = [segment for _, segment in stretches(some, walk.source, (Sent(), Sent()), fresh=True)]
        yield lifecycle, from_segments(seen, flipped=lifecycle.outcome.flipped)
