"""The journal's lines: whole, cut, damaged."""

import pytest
from msgspec import Struct

from lastack.errors import InputError
from lastack.tune.record import (
    Actor,
    Applied,
    Begun,
    Confirmed,
    Deadline,
    FileLine,
    Item,
    Persisted,
    Persisting,
    Place,
    Record,
    Undoing,
    Undone,
    Wrote,
    pack,
    unpack,
)

AT = "2026-01-01T00:00:00.000Z"
BY = Actor(user="root", pid=7)
BEGUN = Begun(
    id=3,
    token="t",  # noqa: S106 - nothing secret
    at=AT,
    by=BY,
    host="web1",
    kernel="6.18",
    boot_id="b",
    place=Place(netns="net:[1]", cookie=5),
    summary='one line\nor "two"',
    items=[Item(key="net.ipv4.tcp_fin_timeout", before="60", wanted="30")],
    deadline=Deadline(within_s=300, at=AT, boottime_s=1.5),
)
EVERY: list[Record] = [
    BEGUN,
    Wrote(item=0, now="30"),
    Applied(at=AT),
    Confirmed(at=AT, by=BY),
    Persisting(at=AT, path="/etc/x", lines=[FileLine(key="a.b", before=None, wanted="1")]),
    Persisted(at=AT),
    Undoing(at=AT, by=BY, why="asked for"),
    Undone(at=AT, left={"a.b": "2"}, gone=["c.d"]),
]


def test_what_is_packed_is_unpacked() -> None:
    """Every kind of record comes back as it was, and nothing is left over."""
    content = b"".join(map(pack, EVERY))
    assert unpack(content, "j") == (EVERY, len(content))
    assert all(isinstance(record, Struct) for record in EVERY)


@pytest.mark.parametrize("last", EVERY)
def test_a_cut_at_any_byte_loses_the_last_line_alone(last: Record) -> None:
    """Cut anywhere in the last line: all before it is there, and its length says where to go on."""
    before = pack(BEGUN) + pack(Wrote(item=0, now="30"))
    line = pack(last)
    for cut in range(len(line)):
        assert unpack(before + line[:cut], "j") == ([BEGUN, Wrote(item=0, now="30")], len(before))


def test_garbage_behind_the_last_line_is_a_cut_line() -> None:
    """Blocks that never reached the disk read as zeros."""
    assert unpack(pack(BEGUN) + b"\0" * 50, "j") == ([BEGUN], len(pack(BEGUN)))
    assert unpack(b"", "j") == ([], 0)


def test_any_damage_before_the_last_line_is_an_error() -> None:
    """Whichever byte of it is changed: an error that names file and line."""
    line = pack(BEGUN)
    for at in range(len(line)):
        damaged = line[:at] + bytes([line[at] ^ 1]) + line[at + 1 :]
        with pytest.raises(InputError, match="j, line 1") as caught:
            unpack(damaged + pack(Applied(at=AT)) + pack(Persisted(at=AT)), "j")
        assert caught.value.slug == "damaged-journal"


def test_a_whole_line_of_another_kind_is_an_error() -> None:
    """A record that a later lastack wrote is not passed over."""
    from zlib import crc32  # noqa: PLC0415 - only here

    document = b'{"record":"blessed"}'
    with pytest.raises(InputError, match="no record that we know"):
        unpack(b"%08x %b\n" % (crc32(document), document), "j")
