"""/proc/net/tcp and tcp6. Rows recorded on Linux 6.18 unless a test says otherwise."""

import socket
import sys
from pathlib import Path

import pytest

from lastack.model.census import SocketRow
from lastack.text.notes import Notes
from lastack.text.procnet import entries
from tests.text.saved import rows_of, states_of, warnings_of

TCP = """\
  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 0100007F:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000    33        0 1009715 1 00000000656d8841 100 0 0 10 0
   1: 0100007F:88F2 0100007F:1F92 05 00000000:00000000 03:00001733 00000000     0        0 0 3 0000000012782a52
   2: 0100007F:1F90 0100007F:817C 06 00000000:00000000 03:00001732 00000000     0        0 0 3 000000006b247d7c
   3: 0100007F:8164 0100007F:1F90 01 00000000:00000000 02:000AFC38 00000000  1000        0 1009720 3 00000000f955404c 20 0 0 10 -1
"""  # noqa: E501  recorded
TCP6 = """\
  sl  local_address                         remote_address                        st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 00000000000000000000000000000000:1F92 00000000000000000000000000000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 1009718 1 00000000bc85d2ed 100 0 0 10 0
   1: 0000000000000000FFFF00000100007F:1F92 0000000000000000FFFF00000100007F:88F8 08 00000000:00000001 00:00000000 00000000     0        0 1009737 1 0000000018b85eed 20 4 0 10 -1
"""  # noqa: E501  recorded
ROWS = [
    SocketRow("LISTEN", 4, "127.0.0.1", 8080, "0.0.0.0", 0, uid=33),
    SocketRow("FIN_WAIT2", 4, "127.0.0.1", 35058, "127.0.0.1", 8082),
    SocketRow("TIME_WAIT", 4, "127.0.0.1", 8080, "127.0.0.1", 33148, close_age_s=0),
    SocketRow("ESTABLISHED", 4, "127.0.0.1", 33124, "127.0.0.1", 8080, uid=1000, timer="keepalive"),
]
ROWS6 = [
    SocketRow("LISTEN", 6, "::", 8082, "::", 0, uid=0),
    SocketRow("CLOSE_WAIT", 6, "::ffff:127.0.0.1", 8082, "::ffff:127.0.0.1", 35064, uid=0),
]


def row(state: str = "06", timer: str = "03:00001732", local: str = "0100007F:1F90") -> str:
    """A row of a time-wait socket, unless told otherwise."""
    return (
        f"   2: {local} 0100007F:817C {state} 00000000:00000000 {timer} 00000000     0        0 0 3 0000000012782a52\n"
    )


def test_what_a_socket_waits_for() -> None:
    """A retransmission timer that has run out at least once, a probe for a zero window, keepalive; tr and retrnsmt."""
    line = row("01", "{}:00000019").replace("00000000     0", "{}     0")
    timers = [("01", "00000003"), ("01", "00000000"), ("04", "00000001"), ("02", "00000000"), ("00", "00000000")]
    text = "".join(line.format(*pair) for pair in timers)
    assert [row.timer for row in rows_of(text)] == ["retransmission", None, "probe", "keepalive", None]


def test_both_families() -> None:
    """Addresses, owners and closes, of one file or of both put together, which is no repetition."""
    assert (rows_of(TCP), rows_of(TCP6), rows_of(TCP + TCP6)) == (ROWS, ROWS6, ROWS + ROWS6)
    assert warnings_of(TCP + TCP6) == ()


def test_inodes_come_along() -> None:
    """They lead to the process; 0 where no process holds the socket."""
    numbered = enumerate(TCP.splitlines(), 1)
    assert [inode for _, inode in entries(numbered, Notes("tcp"))] == [1009715, 0, 0, 1009720]


def test_big_endian_machines() -> None:
    """They print the same address the other way round."""
    lines = row(local="7F000001:1F90") + row(local="20010DB8000000000000000000000001:0016")
    found = [item[2] for item, _ in entries(enumerate(lines.splitlines(), 1), Notes("tcp"), "big")]
    assert found == ["127.0.0.1", "2001:db8::1"]


@pytest.mark.parametrize(
    ("number", "state"),
    [("01", "ESTABLISHED"), ("03", "SYN_RECV"), ("0C", "SYN_RECV"), ("0B", "CLOSING"), ("07", "CLOSE")],
)
def test_states(number: str, state: str) -> None:
    """The numbers of include/net/tcp_states.h; 0C is a request, which other tools call SYN_RECV."""
    assert states_of(row(number)) == {state: 1}


def test_a_state_of_the_future() -> None:
    """It is counted by its number, with a warning."""
    assert states_of(row("0E")) == {"STATE_0E": 1}
    assert warnings_of(row("0E")) == ("state STATE_0E is unknown; it is counted under that name",)


@pytest.mark.parametrize(
    ("timer", "age"),
    [
        ("03:00001770", 0),
        ("03:00001732", 0),
        ("03:0000170B", 1),
        ("03:00000001", 59),
        ("03:00000000", None),
        ("00:00000000", None),
    ],
)
def test_a_timer_dates_the_close(timer: str, age: int | None) -> None:
    """Ticks are hundredths of a second, whatever the kernel's own HZ."""
    assert [found.close_age_s for found in rows_of(row(timer=timer))] == [age]


@pytest.mark.parametrize(
    "broken",
    [
        row()[:60],
        row(local="0100007F:1F9"),
        row(local="0100007:1F90"),
        row(local="0100007G:1F90"),
        row("XX"),
        row(timer="03:GG"),
        "other\n",
    ],
)
def test_broken_rows(broken: str) -> None:
    """Cut off, or no hexadecimal: left out, and said."""
    assert rows_of(TCP + broken) == ROWS
    assert warnings_of(TCP + broken)[0].startswith("1 line is not understood, the first one at line 6: ")


@pytest.mark.skipif(sys.byteorder != "little", reason="files are read as little-endian ones")
def test_this_host() -> None:
    """A listener of ours is found in this kernel's own file."""
    with socket.create_server(("127.0.0.1", 0)) as listener, Path("/proc/net/tcp").open("rb") as saved:
        found = rows_of(saved.read())
        assert ("LISTEN", 4, *listener.getsockname()) in [item[:4] for item in found]
