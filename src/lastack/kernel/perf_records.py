"""The bytes of a ring in, runs of records of one kind and length out. No file is touched here.

Records of one tracepoint are alike, so a column of a run is a strided slice. That a run is one follows as in
``lastack.kernel.stretch``: where the header at ``k * stride`` is the first one's, the next record begins at
``(k + 1) * stride``.
"""

import struct
from collections.abc import Iterator
from typing import NamedTuple

from lastack.errors import TruncatedError

__all__ = ["RECORD_LOST", "Run", "lost_in", "runs"]

RECORD_LOST = 2

_HEADER = struct.Struct("=IHH")  # type, misc, size
_LOST = struct.Struct("=8x QQ")  # id, how many


class Run(NamedTuple):
    """Consecutive records of one kind and length.

    Attributes:
        kind: PERF_RECORD_*.
        records: exactly ``number * stride`` bytes.
        stride: bytes a record, a multiple of 8.
        number: how many.
    """

    kind: int
    records: memoryview
    stride: int
    number: int


def runs(records: bytes) -> Iterator[Run]:
    """Cut what a ring held into runs.

    Raises:
        TruncatedError: ``truncated-perf-record``: a record is shorter than its header, or longer than what is left.
    """
    view = memoryview(records)
    at, end = 0, len(records)
    while at < end:
        left = end - at
        kind, _, stride = _HEADER.unpack_from(view, at) if left >= _HEADER.size else (0, 0, 0)
        if not _HEADER.size <= stride <= left or stride % 8:
            raise TruncatedError(
                "truncated-perf-record", f"byte {at} of a ring: a record of {stride} bytes, {left} left"
            )
        count = _alike(view[at:], stride)
        yield Run(kind, view[at : at + count * stride], stride, count)
        at += count * stride


def _alike(chain: memoryview, stride: int) -> int:
    """How many records from the first on have its header; looks at a few, then at eight times as many."""
    limit = len(chain) // stride
    headers = chain[: limit * stride].cast("Q")
    step, first = stride // 8, headers[0]
    proven, window = 1, 8
    while proven < limit:
        upto = min(limit, proven + window)
        column = headers[proven * step : upto * step : step].tolist()
        if column.count(first) != len(column):
            return proven + next(place for place, header in enumerate(column) if header != first)
        proven, window = upto, window * 8
    return proven


def lost_in(run: Run) -> int:
    """How many records a run of PERF_RECORD_LOST speaks of."""
    return sum(_LOST.unpack_from(run.records, at)[1] for at in range(0, len(run.records), run.stride))
