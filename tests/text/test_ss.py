"""Saved ss in its variants. iproute2 6.1: recorded, unless a test says otherwise."""

import pytest

from lastack.model.census import SocketRow
from tests.text.saved import rows_of, states_of, warnings_of

TAN = """\
State      Recv-Q Send-Q      Local Address:Port        Peer Address:Port Process
LISTEN     0      128             127.0.0.1:8080             0.0.0.0:*
ESTAB      0      0               127.0.0.1:8080           127.0.0.1:33132
FIN-WAIT-2 0      0               127.0.0.1:35058          127.0.0.1:8082
TIME-WAIT  0      0               127.0.0.1:8080           127.0.0.1:33148
LISTEN     0      128                     *:8082                   *:*
LISTEN     0      128                 [::1]:8081                [::]:*
CLOSE-WAIT 1      0      [::ffff:127.0.0.1]:8082  [::ffff:127.0.0.1]:35064
"""
TAN_ROWS = [
    SocketRow("LISTEN", 4, "127.0.0.1", 8080, "0.0.0.0", 0),
    SocketRow("ESTABLISHED", 4, "127.0.0.1", 8080, "127.0.0.1", 33132),
    SocketRow("FIN_WAIT2", 4, "127.0.0.1", 35058, "127.0.0.1", 8082),
    SocketRow("TIME_WAIT", 4, "127.0.0.1", 8080, "127.0.0.1", 33148),
    SocketRow("LISTEN", None, "*", 8082, "*", 0),
    SocketRow("LISTEN", 6, "::1", 8081, "::", 0),
    SocketRow("CLOSE_WAIT", 6, "::ffff:127.0.0.1", 8082, "::ffff:127.0.0.1", 35064),
]

AN = """\
Netid State      Recv-Q Send-Q      Local Address:Port        Peer Address:Port Process
nl    UNCONN     0      0                    rtnl:kernel                  *
nl    UNCONN     4352   0                 tcpdiag:ss/11360                *
p_raw UNCONN     0      0                       *:ens33                   *
u_str ESTAB      0      0    /run/my socket\twith tcp 0 0 1.2.3.4:5 1.2.3.4:6 LISTEN 12 * 13
udp   UNCONN     0      0               127.0.0.1:99               0.0.0.0:*
mptcp ESTAB      0      0               127.0.0.1:99             127.0.0.1:100
tcp   LISTEN     0      128             127.0.0.1:8080             0.0.0.0:*
tcp   TIME-WAIT  0      0               127.0.0.1:8080           127.0.0.1:38924
v_str ESTAB      0      0               999900439:1023                   0:976
"""

TANI = """\
State      Recv-Q Send-Q      Local Address:Port        Peer Address:Port Process
LISTEN     0      128             127.0.0.1:8080             0.0.0.0:*     ino:1014836 sk:41351 cgroup:/ <->
\t bbr cwnd:10
ESTAB      0      0               127.0.0.1:38892          127.0.0.1:8080  timer:(keepalive,119min,0) ino:1014841 sk:41352 cgroup:/ <->
\t skmem:(r0,rb131072,t0,tb16384,f0,w0,o0,bl0,d0) ts sack bbr wscale:10,10 rto:204 rtt:0.031/0.015 bbr:(bw:0bps,mrtt:0.031)
TIME-WAIT  0      0               127.0.0.1:8080           127.0.0.1:38924 timer:(timewait,59sec,0) ino:0 sk:41355
\t
"""  # noqa: E501  recorded


def row_of(items: str, state: str = "ESTAB") -> SocketRow:
    """The socket of a row that ends with these items."""
    (row,) = rows_of(f"{state} 0      0               127.0.0.1:8080          127.0.0.1:33132 {items}\n")
    return row


def test_tan() -> None:
    """Bracketed and mapped addresses; of ``*`` alone nobody knows the family."""
    assert rows_of(TAN) == TAN_ROWS
    assert warnings_of(TAN) == ()


@pytest.mark.parametrize("header", [TAN.splitlines()[0].replace("Port Process", "PortProcess"), ""])
def test_header_variants(header: str) -> None:
    """Narrow columns run two titles together; -H prints no header."""
    assert rows_of(TAN.replace(TAN.splitlines()[0] + "\n", header and header + "\n")) == TAN_ROWS


def test_other_sockets_are_skipped() -> None:
    """Under a Netid column, only tcp counts, whatever paths say; without header, too."""
    assert states_of(AN) == {"LISTEN": 1, "TIME_WAIT": 1}
    assert warnings_of(AN) == ()
    assert rows_of(AN.partition("\n")[2]) == rows_of(AN)


def test_continuation_lines() -> None:
    """What -i and -m print below a socket is no socket."""
    listener, open_one, closed = rows_of(TANI)
    assert (listener.cgroup, open_one.cgroup, closed.close_age_s) == ("/", "/", 0)
    assert warnings_of(TANI) == ()


TAN_TIME_WAIT = """\
Recv-Q Send-Q Local Address:Port Peer Address:Port Process
0      0          127.0.0.1:8080    127.0.0.1:33148 timer:(timewait,59sec,0) ino:0 sk:41345
0      0              [::1]:8081        [::1]:39754
"""
AN_TIME_WAIT = """\
Netid Recv-Q Send-Q Local Address:Port Peer Address:Port Process
tcp   0      0          127.0.0.1:8080    127.0.0.1:38924
u_str 0      0                   * 12345             * 0
tcp   0      0              [::1]:8081        [::1]:47112
"""


@pytest.mark.parametrize("text", [TAN_TIME_WAIT, AN_TIME_WAIT])
def test_one_state_asked_for(text: str) -> None:
    """``ss state time-wait`` leaves the column out: all count as UNKNOWN, with a warning; without header, too."""
    bare = text.partition("\n")[2]
    assert states_of(text) == states_of(bare) == {"UNKNOWN": 2}
    assert [row[2:6] for row in rows_of(text)] == [row[2:6] for row in rows_of(bare)]
    assert warnings_of(text) == ("some sockets are listed without their state; they are counted as UNKNOWN",)


@pytest.mark.parametrize(
    ("timer", "age"),
    [
        ("1min", 0),
        ("59sec", 0),
        ("58sec", 1),
        ("10sec", 49),
        ("9.999ms", 50),
        ("9.123ms", 50),
        ("9sec", 51),
        ("1.001ms", 58),
        ("999ms", 59),
        ("001ms", 59),
        ("", None),
        ("59", None),
    ],
)
def test_a_timer_dates_the_close(timer: str, age: int | None) -> None:
    """Minutes, seconds cut off to whole ones above nine, seconds with a dot before milliseconds, or nothing at all."""
    assert row_of(f"timer:(timewait,{timer},0)", "TIME-WAIT").close_age_s == age
    assert row_of(f"timer:(timewait,{timer},0) ino:0 sk:41355", "TIME-WAIT").close_age_s == age


def test_only_time_wait_has_a_close() -> None:
    """The same timer of FIN_WAIT2 counts down something else."""
    assert row_of("timer:(timewait,59sec,0)", "FIN-WAIT-2").close_age_s is None


@pytest.mark.parametrize(
    ("items", "process"),
    [
        ('users:(("nginx",pid=7,fd=3))', "nginx/7"),
        ('users:(("sshd",1206,3))', "sshd/1206"),
        ('users:(("python3",pid=6729,tid=6730,fd=3))', "python3/6729"),
        ('users:(("nginx",pid=12,fd=6),("nginx",pid=9,fd=6),("nginx",pid=10,fd=6))', "nginx/9"),
        ('users:(("Web Content",pid=1,fd=2))', "Web Content/1"),
        ('users:(("a\\"b",pid=1,fd=2))', 'a\\"b/1'),
        ('users:(("x",pid=7,fd=1",pid=2,fd=3))', 'x",pid=7,fd=1/2'),
        ('users:(("a))",pid=1,fd=2)) cgroup:/b', "a))/1"),
        ('users:(("(",pid=1,fd=2),(")",pid=3,fd=2))', "(/1"),
        ('users:(("cgroup:/evil",pid=1,fd=2))', "cgroup:/evil/1"),
        ('timer:(on,200ms,0) users:(("ssh",2321,3)) uid:1000 ino:44625 sk:1', "ssh/2321"),
        ("", None),
        ("users:((broken", None),
    ],
)
def test_processes(items: str, process: str | None) -> None:
    """Old and new forms; of several the one with the lowest pid; whatever a process calls itself."""
    assert row_of(items).process == process


@pytest.mark.parametrize(
    ("items", "uid", "cgroup"),
    [
        ("uid:1000 ino:44625 sk:1 cgroup:/user.slice/user-1000.slice <->", 1000, "/user.slice/user-1000.slice"),
        ("ino:44625 sk:1 cgroup:/ <->", 0, "/"),
        ("ino:0 sk:1", None, None),
        ("cgroup:/system.slice", None, "/system.slice"),
        ("cgroup:unreachable:1d2", None, None),
        ("timer:(on,200ms,0) uid:33 ino:7 sk:9 <->", 33, None),
        ('users:(("uid:5 ino:1 sk",pid=1,fd=2)) uid:33 ino:7 sk:9 cgroup:/a', 33, "/a"),
    ],
)
def test_owners(items: str, uid: int | None, cgroup: str | None) -> None:
    """The uid of root is left out; a socket without inode has no owner; a process cannot pretend to have another."""
    row = row_of(items)
    assert (row.uid, row.cgroup) == (uid, cgroup)


def test_old_addresses() -> None:
    """iproute2 before 4.15 writes IPv6 without brackets and any address as a star."""
    text = "State      Recv-Q Send-Q      Local Address:Port          Peer Address:Port\n"
    text += "LISTEN     0      128                    :::22                      :::*\n"
    text += "LISTEN     0      128                     *:22                       *:*\n"
    text += "ESTAB      0      0        ::ffff:10.0.0.1:22        ::ffff:10.0.0.2:50000\n"
    assert [row[1:6] for row in rows_of(text)] == [
        (6, "::", 22, "::", 0),
        (None, "*", 22, "*", 0),
        (6, "::ffff:10.0.0.1", 22, "::ffff:10.0.0.2", 50000),
    ]


def test_devices_and_names() -> None:
    """A device behind the address is dropped; service names have no number."""
    text = (
        TAN.splitlines()[0] + "\nLISTEN 0 128 127.0.0.53%lo:domain 0.0.0.0:*\nESTAB 0 0 [fe80::1]%eth0:ssh web1:40000\n"
    )
    assert [row[1:6] for row in rows_of(text)] == [
        (4, "127.0.0.53", None, "0.0.0.0", 0),
        (6, "fe80::1", None, "web1", 40000),
    ]


def test_lines_of_another_kind() -> None:
    """A row that a line break in a process name tore apart still counts once, and its rest is said."""
    text = TAN + 'ESTAB 0 0 127.0.0.1:1 127.0.0.1:2 users:(("a\nb",pid=1,fd=2))\n'
    assert len(rows_of(text)) == len(TAN_ROWS) + 1
    assert warnings_of(text) == ("1 line is not understood, the first one at line 10: 'b\",pid=1,fd=2))'",)
