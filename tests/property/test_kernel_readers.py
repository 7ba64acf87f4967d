"""Laws of the readers of the kernel's text files."""

import posixpath
from contextlib import suppress

from hypothesis import given
from hypothesis import strategies as st

from lastack.errors import InputError
from lastack.kernel.counters import parse_counters
from lastack.kernel.procfile import printable
from lastack.kernel.sockstat import parse_sockstat
from lastack.kernel.sysctl import read_setting

names = st.from_regex(r"[A-Za-z][A-Za-z0-9]{0,8}", fullmatch=True)
values = st.integers(-(2**63), 2**64 - 1)
sections = st.dictionaries(names, st.dictionaries(names, values, max_size=8), max_size=6)

COUNTERS = b"TcpExt: TW TWKilled\nTcpExt: 83 0\nTcp: MaxConn\nTcp: -1\n"
SOCKSTAT = b"sockets: used 229\nTCP: inuse 4 orphan 0 tw 4 alloc 17 mem 1\n"


@given(st.binary())
def test_any_bytes_are_counters_or_an_error(content: bytes) -> None:
    """Nothing but an InputError ever comes of junk."""
    with suppress(InputError):
        parse_counters(content, "netstat")


@given(st.binary())
def test_any_bytes_are_sums_or_an_error(content: bytes) -> None:
    """Nothing but an InputError ever comes of junk."""
    with suppress(InputError):
        parse_sockstat(content, "sockstat")


@given(st.integers(0, len(COUNTERS)), st.integers(0, len(COUNTERS)), st.binary(max_size=3))
def test_damaged_counters_are_counters_or_an_error(start: int, end: int, patch: bytes) -> None:
    """A file cut short, with a hole, or overwritten in the middle gives a value or an InputError."""
    with suppress(InputError):
        parse_counters(COUNTERS[:start] + patch + COUNTERS[end:], "netstat")


@given(st.integers(0, len(SOCKSTAT)), st.integers(0, len(SOCKSTAT)), st.binary(max_size=3))
def test_damaged_sums_are_sums_or_an_error(start: int, end: int, patch: bytes) -> None:
    """A file cut short, with a hole, or overwritten in the middle gives a value or an InputError."""
    with suppress(InputError):
        parse_sockstat(SOCKSTAT[:start] + patch + SOCKSTAT[end:], "sockstat")


@given(sections)
def test_counters_come_back_as_written(tables: dict[str, dict[str, int]]) -> None:
    """Whatever the tables, names and 64-bit values, what the kernel's format says is what is read."""
    lines = [
        f"{name}: {' '.join(map(str, row))}\n" for name, table in tables.items() for row in (table, table.values())
    ]
    assert parse_counters("".join(lines).encode(), "netstat") == tables


@given(sections)
def test_sums_come_back_as_written(written: dict[str, dict[str, int]]) -> None:
    """Whatever the sections, keys and values, what the kernel's format says is what is read."""
    lines = [f"{name}: {' '.join(f'{key} {value}' for key, value in row.items())}\n" for name, row in written.items()]
    assert parse_sockstat("".join(lines).encode(), "sockstat") == written


@given(st.text(st.sampled_from("ab./\0\n-"), max_size=12))
def test_a_setting_is_looked_for_below_its_root_or_not_at_all(name: str) -> None:
    """A name is refused, or its file lies below the root."""
    with suppress(InputError):
        assert read_setting(name, "/nonexistent") is None
        assert posixpath.normpath(f"/nonexistent/{name.replace('.', '/')}").startswith("/nonexistent/")
        assert "/" not in name


@given(st.text())
def test_printable_text_has_no_controls(text: str) -> None:
    """What comes out is printable, as long as what went in, and unchanged where that was printable."""
    shown = printable(text)
    assert shown.isprintable()
    assert len(shown) == len(text)
    assert printable(shown) == shown
