"""Records found along many lanes at once, against following them one by one."""

import struct
from io import BytesIO
from random import Random

import pytest

from lastack.capture.source import packets
from lastack.errors import InputError
from tests.capture.reading import read

_RANDOM = Random(3)  # noqa: S311 - the same files each time

# Octets that look like the header of a record.
_LURE = struct.pack("<IIII", 1_700_000_000, 5, 60, 60)


def _file(records: list[bytes], order: str = "<") -> bytes:
    head = struct.pack(f"{order}IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 262144, 1)
    return head + b"".join(
        struct.pack(f"{order}IIII", 1_700_000_000 + number // 9000, number % 9000, len(record), len(record)) + record
        for number, record in enumerate(records)
    )


def _one_by_one(file: bytes, order: str = "<") -> list[tuple[int, int]]:
    found, at = [], 24
    while at + 16 <= len(file):
        (length,) = struct.unpack_from(f"{order}I", file, at + 8)
        found.append((at + 16, length))
        at += 16 + length
    return found


def _read(file: bytes) -> list[tuple[int, int]]:
    found = []
    reader = packets(BytesIO(file), "file")
    offset = 0
    for some in reader:
        lengths = (some.end - some.begin).tolist()
        # Windows move; records do not lie apart: only their lengths are compared with the place they must have.
        for length in lengths:
            found.append((offset + 24 + 16, length))
            offset += 16 + length
    return found


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("lure", [b"", _LURE, _LURE * 3, bytes(40), b"\xff" * 24])
def test_many_records(order: str, lure: bytes) -> None:
    """However the records look inside, each is found, across many windows."""
    records = [lure + _RANDOM.randbytes(_RANDOM.randrange(20, 120)) for _ in range(60_000)]
    file = _file(records, order)
    assert len(file) > 4 << 20
    assert _read(file) == _one_by_one(file, order)


def test_large_and_small_records() -> None:
    """Some longer than a lane, some empty."""
    sizes = [0, 1, 60, 1500, 9000, 65_000, 200_000]
    file = _file(
        [bytes(sizes[_RANDOM.randrange(7) if number % 50 == 0 else _RANDOM.randrange(4)]) for number in range(9000)]
    )
    assert _read(file) == _one_by_one(file)


@pytest.mark.parametrize("place", [10_000, 30_000, 49_999])
def test_an_absurd_length_among_many(place: int) -> None:
    """All before it are found, and the message has its offset."""
    file = bytearray(_file([bytes(60)] * 50_000))
    at = 24 + place * 76
    struct.pack_into("<I", file, at + 8, 0x7FFFFFFF)
    found = []
    with pytest.raises(InputError, match=f"offset {at}: a packet of 2147483647 octets") as caught:
        found += [len(some.begin) for some in packets(BytesIO(bytes(file)), "file")]
    assert caught.value.slug == "absurd-length"


def test_cut_among_many() -> None:
    """The last record is cut: all others are found."""
    file = _file([bytes(60)] * 50_000)
    done = read(file[:-30])
    assert str(done.reading.problem).endswith("ends in the middle of a packet, 46 octets after it begins")
    assert done.reading.decoder.packets == 49_999
