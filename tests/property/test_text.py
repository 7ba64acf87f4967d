"""Laws of reading saved lists of sockets."""

from collections.abc import Callable
from io import BytesIO
from socket import AF_INET, AF_INET6, inet_ntop, inet_pton

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lastack.errors import InputError
from lastack.model.census import SocketRow
from lastack.tcp.states import STATES
from lastack.text.read import Reading, Snapshot, read
from tests.text.test_netstat import BUSYBOX, MACOS_AN, NET_TOOLS_ANOPE, OPENBSD, WINDOWS_ABNO
from tests.text.test_procnet import TCP, TCP6
from tests.text.test_ss import AN, TAN, TANI

FILES = (NET_TOOLS_ANOPE, BUSYBOX, MACOS_AN, OPENBSD, WINDOWS_ABNO, TAN, AN, TANI, TCP + TCP6)

# What lines of such files are made of, whole and broken.
WORDS = (
    *("tcp", "tcp6", "tcp4", "TCP", "udp", "u_str", "Proto", "Local Address", "Foreign Address", "State", "Active"),
    *("Netid", "Recv-Q", "Send-Q", "Local Address:Port", "Peer Address:Port", "(state)", "LISTEN", "TIME-WAIT", "ODD"),
    *("0", "1", "99999999999", "10.0.0.1:22", "[::1]:ssh", "*.*", "*:*", "::1.22", ":", ".", "%", "[]:1", "1/x (", "-"),
    *(
        "timewait (58.21/0/0)",
        "timer:(timewait,",
        "59sec,0)",
        'users:(("a",pid=1,fd=2))',
        "users:((",
        '"))',
        "ino:1 sk:",
    ),
    *(
        "0:",
        "0100007F:1F90",
        "0A",
        "06",
        "03:00001732",
        "00000000:00000000",
        "sl",
        "local_address",
        "rem_address",
        "st",
    ),
    *("\t", "\u2028", "\ufffd", "\x1b[0m", "\x85", "é", '"', "(", ")"),
)
junk_lines = st.lists(st.lists(st.sampled_from(WORDS), max_size=9).map(" ".join), max_size=40).map("\n".join)


class Pieces:
    """Gives no more than some bytes at once."""

    def __init__(self, content: bytes, size: int) -> None:
        self.stream = BytesIO(content)
        self.size = size

    def read(self, size: int, /) -> bytes:
        """The next bytes."""
        return self.stream.read(min(size, self.size))


def outcome(content: bytes, size: int = 1 << 20) -> tuple[list[SocketRow], tuple[str, ...]] | str:
    """Rows and warnings, or the error."""
    try:
        reading = read(Pieces(content, size), name="saved")
        if isinstance(reading, Snapshot):
            return "snapshot"
        return list(reading), reading.warnings
    except InputError as error:
        return error.message


def rows_of(text: str) -> list[SocketRow]:
    """The rows of a valid file."""
    reading = read(BytesIO(text.encode()), name="saved")
    assert isinstance(reading, Reading)
    return list(reading)


@given(st.binary(max_size=4000))
def test_any_bytes_are_rows_or_an_error(content: bytes) -> None:
    """Nothing but an InputError ever comes of junk."""
    outcome(content)


@given(st.sampled_from(FILES), junk_lines)
def test_any_lines_are_rows_or_an_error(file: str, junk: str) -> None:
    """Nor of junk that is made of the right words, alone or behind a good beginning."""
    outcome(junk.encode())
    outcome((file + junk).encode())


@given(st.sampled_from(FILES), st.data())
def test_a_file_cut_short(file: str, data: st.DataObject) -> None:
    """Rows that are whole stay as they are; of the one that is cut, something or nothing is left."""
    content = file.encode()
    cut = data.draw(st.integers(0, len(content)))
    result = outcome(content[:cut])
    if not isinstance(result, str):
        rows, whole = result[0], rows_of(file)
        assert rows[:-1] == whole[: max(len(rows) - 1, 0)]
        assert len(rows) <= len(whole)


@given(st.sampled_from(FILES), st.integers(0, 4000), st.binary(max_size=8))
def test_a_damaged_file(file: str, at: int, patch: bytes) -> None:
    """Bytes overwritten in the middle of a file give rows or an InputError."""
    content = file.encode()
    outcome(content[:at] + patch + content[at + len(patch) :])


@given(st.sampled_from(FILES) | junk_lines)
def test_line_ends_make_no_difference(text: str) -> None:
    r"""``\r\n`` reads as ``\n``."""
    assert outcome(text.replace("\n", "\r\n").encode()) == outcome(text.encode())


@given(st.sampled_from(FILES), st.integers(1, 300))
def test_blocks_make_no_difference(text: str, size: int) -> None:
    """Nor does it matter in which pieces a file arrives."""
    assert outcome(text.encode(), size) == outcome(text.encode())


ipv4 = st.ip_addresses(v=4).map(str)
ipv6 = st.binary(min_size=16, max_size=16).map(lambda packed: inet_ntop(AF_INET6, packed))
ports = st.integers(0, 65535)
tcp_states = st.sampled_from([state.name for state in STATES if state.name != "BOUND_INACTIVE"])
families = st.tuples(tcp_states, st.just(4), ipv4, ports, ipv4, ports) | st.tuples(
    tcp_states, st.just(6), ipv6, ports, ipv6, ports
)
sockets = families.map(lambda fields: SocketRow(*fields))
SS_WORDS = {state.name: state.ss for state in STATES}
NUMBERS = {state.name: state.number for state in STATES}


def as_netstat(row: SocketRow) -> str:
    """As ``netstat -anW`` prints it."""
    family = {4: "tcp", 6: "tcp6"}[row.family or 4]
    ends = f"{row.local}:{row.local_port or '*'} {row.remote}:{row.remote_port or '*'}"
    return f"{family:4}  {0:6} {0:6} {ends} {row.state:11}"


def as_ss(row: SocketRow) -> str:
    """As ``ss -tanH`` prints it."""
    host = "{}:{}" if row.family == 4 else "[{}]:{}"
    ends = f"{host.format(row.local, row.local_port or '*')} {host.format(row.remote, row.remote_port or '*')}"
    return f"{SS_WORDS[row.state]:10} {0:<6} {0:<6} {ends} "


def as_proc(row: SocketRow) -> str:
    """As a little-endian kernel prints it."""

    def end(address: str | None, port: int | None) -> str:
        packed = inet_pton(AF_INET if row.family == 4 else AF_INET6, address or "")
        words = [packed[at : at + 4][::-1].hex().upper() for at in range(0, len(packed), 4)]
        return f"{''.join(words)}:{port:04X}"

    ends = f"{end(row.local, row.local_port)} {end(row.remote, row.remote_port)}"
    return f"{0:4}: {ends} {NUMBERS[row.state]:02X} 00000000:00000000 00:00000000 00000000 {0:5} {0:8} 0 1 0"


@pytest.mark.parametrize("render", [as_netstat, as_ss, as_proc])
@given(rows=st.lists(sockets, min_size=1, max_size=20))
def test_what_is_printed_is_read(render: Callable[[SocketRow], str], rows: list[SocketRow]) -> None:
    """Every socket comes back from each format as it was."""
    assert rows_of("\n".join(map(render, rows))) == rows


names = st.text(st.characters(codec="utf-8", exclude_characters="\n"), max_size=15)


@given(st.lists(sockets, min_size=1, max_size=5), names)
def test_no_process_name_breaks_a_row(rows: list[SocketRow], name: str) -> None:
    """Whatever a process calls itself, its socket counts, once and as what it is."""
    of_ss = [f'{as_ss(row)}users:(("{name}",pid=7,fd=3))' for row in rows]
    of_netstat = [f"{as_netstat(row)} 7/{name}" for row in rows]
    for lines in (of_ss, of_netstat):
        assert [row[:6] for row in rows_of("\n".join(lines))] == [row[:6] for row in rows]
