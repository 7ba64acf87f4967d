"""Packed frames: differences that lead back to what was packed, and damage that is told."""

import zlib
from typing import Any

import pytest
from msgspec import json
from msgspec.structs import replace

from lastack.store.frame import Frame, to_frame
from lastack.store.pack import NOTHING, pack, unpack
from tests.model.samples import SERVED, closed, cohort, sample


def chain() -> list[Frame]:
    """A host over half a minute: closes go on, a listener's clients come and go."""
    frames = []
    for at in range(3):
        closes = {age: 7 + (age - 10 * at) % 3 for age in range(60)}
        cohorts = [closed(closes, **SERVED), cohort("ESTABLISHED", 5 + at, **SERVED, process=f"httpd/{at}")]
        frames.append(to_frame(sample(*cohorts, uptime_s=1000.0 + 10 * at, counters={"TcpExt": {"TW": 70 * at}})))
    return frames


def test_a_chain_leads_back() -> None:
    """Each frame from the one before, the first from nothing."""
    written = read = NOTHING
    for frame in chain():
        packed, written = pack(frame, written)
        read = unpack(packed, read)
        assert read == frame


def test_closes_that_only_aged_cost_nothing() -> None:
    """Ten seconds later the same closes are ten seconds older: of 61 numbers those of the new ten alone differ."""
    first, second, _ = chain()
    *_, numbers = json.decode(zlib.decompress(pack(second, first)[0]))
    assert len([number for number in numbers if number]) <= 10 + 3  # and three counts


def test_whatever_comes_and_goes() -> None:
    """Names that go, come back, or get more numbers; also no name at all."""
    frames = [
        Frame("t0", 1.0, {"a": (1,), "b": (2, 3), "c": ()}),
        Frame("t1", 2.0, {"c": (), "b": (5,)}),
        Frame("t2", 2.5, {}),
        Frame("t3", 700.0, {"b": (2, 3), "a": (-1,)}),
    ]
    written = read = NOTHING
    for frame in frames:
        packed, written = pack(frame, written)
        read = unpack(packed, read)
        assert read == frame
        assert list(read.table) == list(written.table)


def test_bound_ports_as_many_as_no_name_has() -> None:
    """A vector of any length comes back, 62 numbers too."""
    ports = to_frame(sample(bound_ports=list(range(5000, 5062))))
    assert unpack(pack(ports, NOTHING)[0], NOTHING) == ports


def test_a_day_is_small() -> None:
    """A sample of a busy host is some hundred bytes: 8,640 of them are a few MB."""
    first, second, third = chain()
    assert len(pack(third, second)[0]) < 1000
    assert len(pack(first, NOTHING)[0]) < 4000


@pytest.mark.parametrize("at", range(0, 200, 7))
def test_damage_is_told(at: int) -> None:
    """A packed frame that was cut, at whatever byte, is an error."""
    first, second, _ = chain()
    packed, _ = pack(second, first)
    with pytest.raises(ValueError, match=r"."):
        unpack(packed[: min(at, len(packed) - 1)], first)


def test_a_difference_from_another_frame_is_told() -> None:
    """Numbers that are too many or too few for the names are an error."""
    first, second, _ = chain()
    document: list[Any] = json.decode(zlib.decompress(pack(second, first)[0]))
    for numbers in (document[4][:-1], [*document[4], 1]):
        changed = zlib.compress(json.encode([*document[:4], numbers]))
        with pytest.raises(ValueError, match=r"."):
            unpack(changed, first)


def test_the_sample_comes_back_with_its_time() -> None:
    """Time and uptime are kept to the digit."""
    frame = to_frame(replace(sample(), uptime_s=1234567.891011))
    assert unpack(pack(frame, NOTHING)[0], NOTHING).uptime_s == 1234567.891011
