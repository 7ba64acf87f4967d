"""What holds for any octets whatever: they are read or refused, and the fast road says what the slow one says."""

import json
from io import BytesIO

import numpy as np

from lastack.capture.decode import Decoder
from lastack.capture.follow import Follower, Limits
from lastack.capture.packets import Packets
from lastack.capture.read import Reading
from lastack.capture.segments import Segments, concatenated
from lastack.cli.trace_cells import in_turn
from lastack.cli.trace_report import lines, object_lines
from lastack.cli.trace_summary import Summary
from lastack.errors import InputError
from lastack.tcp.lifecycle import Lifecycle
from tests.capture.reading import walked

__all__ = ["TINY", "check"]

# Everything that is done in pieces is done in small ones.
TINY = Limits(short=6, connections=1 << 20, rows=4)

_VERIFY, _TINY, _PIPE = 1, 2, 4


class _Pipe(BytesIO):
    def seekable(self) -> bool:
        return False


class _Kept(Decoder):
    """Keeps the segments that it found."""

    def __init__(self, *, verify: bool) -> None:
        super().__init__(verify=verify)
        self.found: list[Segments] = []

    def decode(self, packets: Packets) -> Segments:
        self.found.append(super().decode(packets))
        return self.found[-1]


def check(octets: bytes) -> None:
    """The first octet says how to read; the rest may be a capture.

    Raises:
        AssertionError: something that should hold does not.
    """
    how = octets[0] if octets else 0
    reading = Reading((_Pipe if how & _PIPE else BytesIO)(octets[1:]), "capture", verify=bool(how & _VERIFY))
    reading.decoder = kept = _Kept(verify=bool(how & _VERIFY))
    if how & _TINY:
        reading.follower = Follower(TINY)
    try:
        found = _said(reading)
    except InputError as error:
        assert error.slug == "not-a-capture"  # noqa: PT017 - any of two ends is right
        return
    assert reading.problem is None or reading.problem.slug in {"cut-short", "absurd-length"}
    assert sorted(found) == walked(concatenated(kept.found or [Segments.none()]))


def _said(reading: Reading) -> list[Lifecycle]:
    """The connections, after every form of output was made of them."""
    summary, addresses = Summary(), reading.decoder.addresses
    found: list[Lifecycle] = []
    for bundles in reading.batches(summary.endpoints):
        parts = [object_lines(bundle, addresses) for bundle in bundles]
        order = np.arange(sum(part.rows for part in parts))
        for line in b"".join(in_turn(parts, order, at_once=7)).splitlines():
            json.loads(line)
        for bundle in bundles:
            assert all(lines(bundle, addresses))
            summary.add(bundle, addresses)
            # As ``walked`` has addresses: by their numbers.
            found += bundle.lifecycles(lambda end: (end >> 16).to_bytes(16, "big")[-4:])
    json.dumps(summary.document())
    assert summary.text()
    return found
