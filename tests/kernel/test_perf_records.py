"""The chain of records in a ring, cut into runs."""

import struct
from contextlib import suppress
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lastack.errors import TruncatedError
from lastack.kernel.perf_records import RECORD_LOST, lost_in, runs


def _record(kind: int, body: bytes) -> bytes:
    return struct.pack("=IHH", kind, 0, 8 + len(body)) + body


_RECORDS = st.lists(st.tuples(st.sampled_from([2, 3, 9]), st.sampled_from([8, 16, 96]).map(bytes)), max_size=60)


@given(_RECORDS)
def test_every_record_is_in_one_run(records: list[tuple[int, bytes]]) -> None:
    """The runs together are the chain, each of one kind and length, and as long as can be."""
    whole = b"".join(_record(kind, body) for kind, body in records)
    found = list(runs(whole))
    assert b"".join(run.records for run in found) == whole
    assert [run.kind for run in found for _ in range(run.number)] == [kind for kind, _ in records]
    assert all(len(run.records) == run.number * run.stride for run in found)
    shapes = [(run.kind, run.stride) for run in found]
    assert all(one != other for one, other in pairwise(shapes))


@given(st.binary(max_size=200))
def test_any_bytes(data: bytes) -> None:
    """Any bytes give runs that cover them, or the one error."""
    with suppress(TruncatedError):
        assert b"".join(run.records for run in runs(data)) == data


@pytest.mark.parametrize("length", range(1, 24))
def test_cut_anywhere(length: int) -> None:
    """A record that is cut at any byte is the error, with its place."""
    whole = _record(9, bytes(16))
    with pytest.raises(TruncatedError, match=f"byte {len(whole)} of a ring"):
        list(runs(whole + whole[:length]))


def test_lost() -> None:
    """What was lost is added up over records."""
    found = list(runs(_record(RECORD_LOST, struct.pack("=QQ", 7, 5)) + _record(RECORD_LOST, struct.pack("=QQ", 8, 6))))
    assert [lost_in(run) for run in found] == [11]
