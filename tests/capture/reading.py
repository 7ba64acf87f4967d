"""Reading captures in tests: by the road that users take, and segment by segment as a second opinion."""

from io import BytesIO
from ipaddress import ip_address
from pathlib import Path
from typing import NamedTuple

from lastack.capture.decode import Decoder
from lastack.capture.read import Reading
from lastack.capture.segments import Segments, concatenated
from lastack.capture.source import packets
from lastack.capture.stretches import segments
from lastack.capture.walk import Walk
from lastack.tcp.lifecycle import Lifecycle

__all__ = ["Ends", "ends_of", "lifecycles", "read", "segments_of", "walked"]

Ends = tuple[str, int, str, int]


class Read(NamedTuple):
    """A reading that is done, and what it gave."""

    reading: Reading
    lifecycles: list[Lifecycle]


def read(capture: bytes | Path, *, verify: bool = False) -> Read:
    """All connections of a capture, the earliest first."""
    octets = capture.read_bytes() if isinstance(capture, Path) else capture
    reading = Reading(BytesIO(octets), "capture", verify=verify)
    found = [
        lifecycle
        for bundles in reading.batches()
        for bundle in bundles
        for lifecycle in bundle.lifecycles(reading.decoder.addresses.octets)
    ]
    return Read(reading, sorted(found, key=lambda each: each.first))


def lifecycles(capture: bytes | Path, *, verify: bool = False) -> list[Lifecycle]:
    """As ``read``; the capture is sound."""
    done = read(capture, verify=verify)
    assert done.reading.problem is None
    return done.lifecycles


def segments_of(capture: bytes) -> Segments:
    """The TCP segments of a capture, in its order."""
    decoder = Decoder()
    return concatenated([decoder.decode(some) for some in packets(BytesIO(capture), "capture")])


def ends_of(lifecycle: Lifecycle) -> Ends:
    """Originator and responder as text and port."""
    (orig, orig_port), (resp, resp_port) = lifecycle.orig, lifecycle.resp
    return str(ip_address(orig)), orig_port, str(ip_address(resp)), resp_port


def walked(rows: Segments) -> list[Lifecycle]:
    """The connections among rows, each followed segment by segment and alone: no columns, no courses, no stretches."""
    pairs: dict[frozenset[int], list[int]] = {}
    for row, pair in enumerate(zip(rows.source.tolist(), rows.target.tolist(), strict=True)):
        pairs.setdefault(frozenset(pair), []).append(row)
    found: list[Lifecycle] = []
    for numbers in pairs.values():
        walk: Walk | None = None
        for number in numbers:
            one = rows.take(slice(number, number + 1))
            if walk is None or walk.is_over_before(segments(one, walk.source)[0]):
                found += walk.bundle().lifecycles(_octets) if walk else ()
                walk = Walk(one, 0)
            walk.feed(one)
        found += walk.bundle().lifecycles(_octets) if walk else ()
    return sorted(found)


def _octets(endpoint: int) -> bytes:
    return (endpoint >> 16).to_bytes(16, "big")[-4:]
