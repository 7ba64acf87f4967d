"""Saved netstat of each system: lines as the tools print them.

net-tools 2.10 and busybox 1.35: recorded. FreeBSD and Windows: see test_cases. macOS: the formats of Apple's
network_cmds, netstat.tproj/inet.c. OpenBSD: usr.bin/netstat/inet.c.
"""

import pytest

from lastack.model.census import SocketRow
from tests.text.saved import rows_of, states_of, warnings_of

NET_TOOLS_ANOPE = """\
Active Internet connections (servers and established)
Proto Recv-Q Send-Q Local Address           Foreign Address         State       User       Inode      PID/Program name     Timer
tcp        0      0 127.0.0.1:8080          0.0.0.0:*               LISTEN      33         1009715    6729/python3         off (0.00/0/0)
tcp        0      0 127.0.0.1:35058         127.0.0.1:8082          FIN_WAIT2   0          0          -                    timewait (59.48/0/0)
tcp        0      0 127.0.0.1:8080          127.0.0.1:33148         TIME_WAIT   0          0          -                    timewait (59.48/0/0)
tcp        0      0 127.0.0.1:33124         127.0.0.1:8080          ESTABLISHED 0          1009720    2322/sshd: kbrazil   keepalive (7199.38/0/0)
tcp6       0      0 :::8082                 :::*                    LISTEN      0          1009718    6729/python3         off (0.00/0/0)
tcp6       0      0 ::1:8081                ::1:39754               TIME_WAIT   0          0          -                    timewait (1.58/0/0)
tcp6       1      0 127.0.0.1:8082          127.0.0.1:35064         CLOSE_WAIT  0          1009737    6729/python3         off (0.00/0/0)
udp        0      0 127.0.0.1:99            0.0.0.0:*                           0          1009719    6729/python3         off (0.00/0/0)
raw6       0      0 :::58                   :::*                    7           0          1009719    -                    off (0.00/0/0)
Active UNIX domain sockets (servers and established)
Proto RefCnt Flags       Type       State         I-Node   PID/Program name     Path
unix  2      [ ACC ]     STREAM     LISTENING     13851    1/systemd            /run/lvm/lvmpolld.socket
unix  3      [ ]         STREAM     CONNECTED     22366    1/tcp                tcp 0 0 1.2.3.4:5 1.2.3.4:6 ESTABLISHED
"""  # noqa: E501  recorded

BUSYBOX = """\
Active Internet connections (servers and established)
Proto Recv-Q Send-Q Local Address           Foreign Address         State
tcp        0      0 127.0.0.1:8080          127.0.0.1:59650         TIME_WAIT
tcp        0      0 :::8082                 :::*                    LISTEN
tcp        1      0 ::ffff:127.0.0.1:8082   ::ffff:127.0.0.1:43406  CLOSE_WAIT
udp        0      0 127.0.0.1:99            0.0.0.0:*
Active UNIX domain sockets (servers and established)
Proto RefCnt Flags       Type       State         I-Node Path
"""

MACOS_AN = """\
Active Internet connections (including servers)
Proto Recv-Q Send-Q  Local Address          Foreign Address        (state)
tcp4       0      0  192.168.1.5.52345      17.57.144.20.5223      ESTABLISHED
tcp6       0      0  fe80::aede:48ff:.49152 fe80::aede:48ff:.62078 FIN_WAIT_1
tcp46      0      0  *.8080                 *.*                    LISTEN
tcp4       0      0  127.0.0.1.631          *.*                    SYN_RCVD
tcp4       0      0  *.*                    *.*                    CLOSED
udp4       0      0  *.5353                 *.*
icm6       0      0  *.*                    *.*
Active Multipath Internet connections
Proto/ID  Flags      Local Address          Foreign Address        (state)
tcp4       0      0  192.168.1.5.52345      17.57.144.20.5223      ESTABLISHED
Active LOCAL (UNIX) domain sockets
Address          Type   Recv-Q Send-Q            Inode             Conn             Refs          Nextref Addr
Registered kernel control modules
"""

MACOS_A = """\
Active Internet connections (including servers)
Socket           Flowhash Proto Recv-Q Send-Q  Local Address      Foreign Address    (state)
8e8c1f3c4f0d1b5d        0 tcp4       0      0  *.22               *.*                LISTEN
"""

OPENBSD = """\
Active Internet connections (including servers)
Proto   Recv-Q Send-Q  Local Address          Foreign Address        TCP-State
tcp          0      0  10.0.2.15.22           10.0.2.2.50512         ESTABLISHED
tcp          0      0  *.22                   *.*                    LISTEN
Active Internet connections (including servers)
Proto   Recv-Q Send-Q  Local Address          Foreign Address
udp          0      0  *.514                  *.*
Active Internet connections (including servers)
Proto   Recv-Q Send-Q  Local Address          Foreign Address        TCP-State
tcp6         0      0  *.22                   *.*                    LISTEN
"""

WINDOWS_ABNO = """\

Active Connections

  Proto  Local Address          Foreign Address        State           PID
  TCP    0.0.0.0:135            0.0.0.0:0              LISTENING       1712
  RpcSs
 [svchost.exe]
  TCP    [fe80::1%12]:139       [fe80::2%12]:50000     FIN_WAIT_2      4
 Can not obtain ownership information
  UDP    0.0.0.0:123            *:*                                    1024
"""


def test_net_tools_with_everything() -> None:
    """-anope: owner, process and timer; other sockets do not count, whatever their paths say."""
    rows = rows_of(NET_TOOLS_ANOPE)
    assert rows == [
        SocketRow("LISTEN", 4, "127.0.0.1", 8080, "0.0.0.0", 0, "python3/6729", 33),
        SocketRow("FIN_WAIT2", 4, "127.0.0.1", 35058, "127.0.0.1", 8082),
        SocketRow("TIME_WAIT", 4, "127.0.0.1", 8080, "127.0.0.1", 33148, close_age_s=0),
        SocketRow("ESTABLISHED", 4, "127.0.0.1", 33124, "127.0.0.1", 8080, "sshd: kbrazil/2322", 0),
        SocketRow("LISTEN", 6, "::", 8082, "::", 0, "python3/6729", 0),
        SocketRow("TIME_WAIT", 6, "::1", 8081, "::1", 39754, close_age_s=58),
        SocketRow("CLOSE_WAIT", 6, "::ffff:127.0.0.1", 8082, "::ffff:127.0.0.1", 35064, "python3/6729", 0),
    ]
    assert warnings_of(NET_TOOLS_ANOPE) == ()


def test_without_header_the_same() -> None:
    """``netstat -anope | grep ^tcp``: the columns behind the state are told by their form."""
    bare = "\n".join(line for line in NET_TOOLS_ANOPE.splitlines() if line.startswith("tcp"))
    assert rows_of(bare) == rows_of(NET_TOOLS_ANOPE)


@pytest.mark.parametrize(
    ("title", "behind", "process", "uid"),
    [
        ("", "", None, None),
        ("Timer", "keepalive (7199.37/0/0)", None, None),
        ("Timer", "on (0.20/1/0)", None, None),
        ("PID/Program name", "1/nginx: worker", "nginx: worker/1", None),
        ("PID/Program name", "-", None, None),
        ("PID/Program name", "1/a/b (c) \"d' \\x1b", "a/b (c) \"d' \\x1b/1", None),
        ("PID/Program name     Timer", "7/x (1.00/0/0)      off (0.00/0/0)", "x (1.00/0/0)/7", None),
        ("PID/Program name", "7/", "/7", None),
        ("User       Inode", "1000       4711", None, 1000),
        ("User       Inode", "www-data   4711", None, None),
        ("User       Inode", "0          0", None, None),
        ("User       Inode      PID/Program name", "33         4711       893/nginx", "nginx/893", 33),
        ("User       Inode      PID/Program name", "33         4711       -", None, 33),
    ],
)
def test_columns_behind_the_state(title: str, behind: str, process: str | None, uid: int | None) -> None:
    """Each is there only if it was asked for; a process may call itself anything."""
    row = f"tcp        0      0 10.0.0.1:80             10.0.0.2:5000           ESTABLISHED {behind}\n"
    header = f"Proto Recv-Q Send-Q Local Address           Foreign Address         State       {title}\n"
    (with_header,) = rows_of(header + row)
    (alone,) = rows_of(row)
    assert with_header == alone
    assert (alone.state, alone.process, alone.uid, alone.close_age_s) == ("ESTABLISHED", process, uid, None)


@pytest.mark.parametrize(
    ("timer", "age"),
    [
        ("timewait (60.00/0/0)", 0),
        ("timewait (60.02/0/0)", 0),
        ("timewait (58,21/0/0)", 1),
        ("timewait (0.01/0/0)", 59),
        ("timewait (0.00/0/0)", None),
        ("timewait (59.00", None),
        ("", None),
    ],
)
def test_a_timer_dates_the_close(timer: str, age: int | None) -> None:
    """What is left of 60 seconds; some locales have a comma; a time that is up, or cut off, says nothing."""
    (row,) = rows_of(f"tcp        0      0 10.0.0.1:80             10.0.0.2:5000           TIME_WAIT   {timer}\n")
    assert (row.state, row.close_age_s) == ("TIME_WAIT", age)


def test_busybox() -> None:
    """It calls both families tcp; the address tells them apart."""
    assert rows_of(BUSYBOX) == [
        SocketRow("TIME_WAIT", 4, "127.0.0.1", 8080, "127.0.0.1", 59650),
        SocketRow("LISTEN", 6, "::", 8082, "::", 0),
        SocketRow("CLOSE_WAIT", 6, "::ffff:127.0.0.1", 8082, "::ffff:127.0.0.1", 43406),
    ]


def test_macos() -> None:
    """Its state names become Linux's; sockets that a multipath connection shows again count once."""
    assert rows_of(MACOS_AN) == [
        SocketRow("ESTABLISHED", 4, "192.168.1.5", 52345, "17.57.144.20", 5223),
        SocketRow("FIN_WAIT1", 6, "fe80::aede:48ff:", 49152, "fe80::aede:48ff:", 62078),
        SocketRow("LISTEN", 6, "*", 8080, "*", 0),
        SocketRow("SYN_RECV", 4, "127.0.0.1", 631, "*", 0),
        SocketRow("CLOSE", 4, "*", 0, "*", 0),
    ]
    assert rows_of(MACOS_A) == [SocketRow("LISTEN", 4, "*", 22, "*", 0)]


def test_openbsd() -> None:
    """Each protocol has a header of its own, which is no second output."""
    assert states_of(OPENBSD) == {"ESTABLISHED": 1, "LISTEN": 2}
    assert [row.family for row in rows_of(OPENBSD)] == [4, None, 6]
    assert warnings_of(OPENBSD) == ()


def test_windows() -> None:
    """-b puts a line under each row, which is no row; translations change the names."""
    assert rows_of(WINDOWS_ABNO) == [
        SocketRow("LISTEN", 4, "0.0.0.0", 135, "0.0.0.0", 0),
        SocketRow("FIN_WAIT2", 6, "fe80::1", 139, "fe80::2", 50000),
    ]
    assert warnings_of(WINDOWS_ABNO) == ()
    german = WINDOWS_ABNO.replace("Local Address  ", "Lokale Adresse ").replace("LISTENING", "ABHÖREN  ")
    assert states_of(german) == {"ABHÖREN": 1, "FIN_WAIT2": 1}
    assert states_of(german.encode("utf-16")) == states_of(german)
    assert warnings_of(german)[0] == "state ABHÖREN is unknown; it is counted under that name"


def test_a_table_without_states() -> None:
    """FreeBSD's -T shows none: the sockets count, under a name that says so, and there is a warning."""
    text = (
        "Active Internet connections (including servers)\n"
        "Proto Rexmit OOORcv 0-win  Local Address          Foreign Address\n"
        "tcp4       3      0      0 192.168.71.163.ssh     192.168.71.1.64330\n"
        "udp4                       *.syslog               *.*\n"
    )
    assert states_of(text) == {"UNKNOWN": 1}
    assert warnings_of(text) == ("some sockets are listed without their state; they are counted as UNKNOWN",)


@pytest.mark.parametrize(
    ("end", "cut"),
    [
        ("2001:db8:85a3:8d:13:443", True),
        ("lb-192-30-255-112:https", True),
        ("2001:db8:85a3:8d:13:44", False),
        ("2001:db8:85a3:8d:1319:8a2e:443", False),
        ("127.0.0.1:443", False),
        ("2a01:cb00:8c6:ad.55555", True),
        ("192.168.100.100.55555", False),
    ],
)
def test_addresses_that_may_be_cut_off(end: str, cut: bool) -> None:  # noqa: FBT001  a parameter of the table
    """A warning where the longest is exactly as long as netstat leaves it."""
    warnings = warnings_of(f"tcp6       0      0 {end} ::1:50000 ESTABLISHED\n")
    assert bool(warnings) is cut
    assert all(end in warning and "-W" in warning for warning in warnings)


def test_lines_of_another_kind() -> None:
    """A date between two rows, a prompt at the end, a row cut short: counted, said, and left out."""
    text = NET_TOOLS_ANOPE.replace("udp  ", "Mon Nov 24 04:00:00 UTC 2025\nudp  ", 1)
    text = text.replace("raw6 ", "tcp        0      0 127.0.0.1:80\nraw6 ", 1)
    assert rows_of(text) == rows_of(NET_TOOLS_ANOPE)
    assert warnings_of(text) == (
        "2 lines are not understood, the first one at line 10: 'Mon Nov 24 04:00:00 UTC 2025'",
    )


def test_remarks_of_net_tools() -> None:
    """What it says to those who are not root is no strange line, wherever stderr was mixed in."""
    remark = (
        "(Not all processes could be identified, non-owned process info\n"
        " will not be shown, you would have to be root to see it all.)\n"
    )
    text = NET_TOOLS_ANOPE.replace("tcp6 ", remark + "tcp6 ", 1)
    assert (rows_of(text), warnings_of(text)) == (rows_of(NET_TOOLS_ANOPE), ())


@pytest.mark.parametrize("row", ["tcp 0 0 10.0.0.1:99999 10.0.0.2:1 LISTEN", "tcp 0 0 localhost 10.0.0.2:1 LISTEN"])
def test_rows_that_cannot_be(row: str) -> None:
    """A port above 65535, an address without one."""
    text = f"{NET_TOOLS_ANOPE.split('tcp', 1)[0]}{row}\n"
    assert rows_of(text) == []
    assert "not understood" in warnings_of(text)[0]
