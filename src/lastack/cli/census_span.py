"""A census of a span of time, out of the store: the least, the mean and the most in each state, and how it went."""

import argparse
import json
import sys

from lastack.cli.draw import columns, sparkline
from lastack.cli.recorded import span_of
from lastack.errors import InputError
from lastack.store.reader import Bucket, Reader
from lastack.tcp.states import NAMES

__all__ = ["span"]

SCHEMA = "lastack.census-span/1"

_COLUMNS = 60


def span(options: argparse.Namespace) -> int:
    """Print it.

    Raises:
        UsageError: ``bad-time``, ``bad-span``.
        InputError: ``no-such-store``, ``nothing-recorded``, and others of the store's.
    """
    first, last = (round(at.timestamp() * 1000) for at in span_of(options.between))
    with Reader(options.store) as reader:
        buckets = reader.chart(first, last, _COLUMNS)
    if not buckets:
        message = f"{options.store} has no sample between {' and '.join(options.between)}"
        raise InputError("nothing-recorded", message, "`lastack record --list` says what it has")
    width = (last - first) // _COLUMNS + 1
    states = [name for name in NAMES if any(name in bucket.states for bucket in buckets)]
    if options.json:
        sys.stdout.write(json.dumps(_document(buckets, states)) + "\n")
    else:
        sys.stdout.writelines(f"{line}\n" for line in _lines(buckets, states, first, width))
    return 0


def _document(buckets: list[Bucket], states: list[str]) -> dict[str, object]:
    return {
        "schema": SCHEMA,
        "samples": sum(bucket.samples for bucket in buckets),
        "states": {name: dict(zip(("least", "mean", "most"), _summary(buckets, name), strict=True)) for name in states},
        "stretches": [
            {
                "at_ms": bucket.at_ms,
                "samples": bucket.samples,
                "states": {
                    name: {"least": least, "mean": round(mean, 1), "most": most}
                    for name, (mean, most, least) in bucket.states.items()
                },
            }
            for bucket in buckets
        ],
    }


def _summary(buckets: list[Bucket], state: str) -> tuple[int, float, int]:
    """Least, mean, most."""
    triples = [(bucket.samples, *bucket.states.get(state, (0.0, 0, 0))) for bucket in buckets]
    samples = sum(count for count, *_ in triples)
    mean = sum(count * mean for count, mean, _, _ in triples) / samples
    return min(least for *_, least in triples), round(mean, 1), max(most for _, _, most, _ in triples)


def _lines(buckets: list[Bucket], states: list[str], first: int, width: int) -> list[str]:
    rows = [("state", "least", "mean", "most")]
    for name in states:
        least, mean, most = _summary(buckets, name)
        rows.append((name, f"{least:,}", f"{mean:,.1f}", f"{most:,}"))
    drawn = [""]
    for name in states:
        mosts = {(bucket.at_ms - first) // width: bucket.states.get(name, (0, 0, 0))[1] for bucket in buckets}
        drawn.append(sparkline([mosts.get(at, 0) for at in range(_COLUMNS)]))
    samples = sum(bucket.samples for bucket in buckets)
    table = [f"{line}  {chart}".rstrip() for line, chart in zip(columns(rows), drawn, strict=True)]
    return [f"{samples:,} samples; each column of the drawing is {width / 1000:,.0f} s", "", *table]
