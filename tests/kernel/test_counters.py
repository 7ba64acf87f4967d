"""The counters of /proc/net/netstat and /proc/net/snmp."""

import json
import socket
from pathlib import Path

import pytest

from lastack.errors import InputError, TruncatedError
from lastack.kernel.counters import parse_counters, read_counters
from lastack.kernel.namespaces import net_root
from tests.kernel.private import run_private

CASES = Path(__file__).parents[3] / "shared" / "cases"

needs_cases = pytest.mark.skipif(not CASES.is_dir(), reason="the published cases are not here")


def _parse(path: Path) -> dict[str, dict[str, int]]:
    return parse_counters(path.read_bytes(), str(path))


@needs_cases
def test_node_exporter_states_the_same_counters() -> None:
    """Every counter of netstat and snmp that node_exporter states for its recorded files is ours too."""
    folder = CASES / "node_exporter"
    tables = _parse(folder / "proc/netstat") | _parse(folder / "proc/snmp")
    compared = 0
    for line in (folder / "expected_metrics.txt").read_text().splitlines():
        name, _, value = line.partition(" ")
        parts = name.split("_")
        # Tables whose names end in 6 come from another file, snmp6.
        if parts[1] == "netstat" and not parts[2].endswith("6"):
            assert tables[parts[2]][parts[3]] == float(value), line
            compared += 1
    assert compared == 29


@needs_cases
def test_jc_states_the_same_counters() -> None:
    """Every value of jc's recorded netstat file is ours, table by table."""
    folder = CASES / "jc/fixtures/linux-proc"
    stated = json.loads((folder / "net_netstat.json").read_text())
    expected = {table.pop("type"): table for table in stated}
    assert _parse(folder / "net_netstat") == expected


@needs_cases
def test_procfs_files_are_read_whole() -> None:
    """Counters at the start, in the middle and at the end of procfs's recorded files, read off by eye."""
    netstat, snmp = _parse(CASES / "procfs/proc/netstat"), _parse(CASES / "procfs/proc/snmp")
    tcp_ext = netstat["TcpExt"]
    assert (tcp_ext["EmbryonicRsts"], tcp_ext["TW"], tcp_ext["PAWSEstab"], tcp_ext["TCPWqueueTooBig"]) == (
        1,
        83,
        3640,
        0,
    )
    assert (netstat["IpExt"]["InOctets"], netstat["IpExt"]["InNoECTPkts"]) == (190585481, 134215)
    assert snmp["Tcp"]["MaxConn"] == -1


def test_reads_the_three_tables(tmp_path: Path) -> None:
    """TcpExt, IpExt and Tcp are taken, other tables left."""
    (tmp_path / "netstat").write_text(
        "TcpExt: TW TWKilled\nTcpExt: 83 0\nIpExt: InOctets\nIpExt: 7\nMPTcpExt: A\nMPTcpExt: 1\n"
    )
    (tmp_path / "snmp").write_text("Ip: DefaultTTL\nIp: 64\nTcp: MaxConn ActiveOpens\nTcp: -1 40\n")
    assert read_counters(str(tmp_path)) == {
        "TcpExt": {"TW": 83, "TWKilled": 0},
        "IpExt": {"InOctets": 7},
        "Tcp": {"MaxConn": -1, "ActiveOpens": 40},
    }


def test_absent_files_are_no_tables(tmp_path: Path) -> None:
    """A kernel without these files has no counters to show."""
    assert read_counters(str(tmp_path)) == {}


def test_a_table_may_go_on() -> None:
    """IcmpMsg comes in several pairs of lines, which make one table."""
    content = b"IcmpMsg: InType0 InType3\nIcmpMsg: 1 2\nIcmpMsg: OutType8\nIcmpMsg: 3\n"
    assert parse_counters(content, "snmp") == {"IcmpMsg": {"InType0": 1, "InType3": 2, "OutType8": 3}}


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"Tcp: A B\nTcp: 1\n", "/x/snmp, line 2: expected 2 values of Tcp, found '1 of Tcp'"),
        (b"Tcp: A\nTcp: 1 2\n", "/x/snmp, line 2: expected 1 values of Tcp, found '2 of Tcp'"),
        (b"Tcp: A\nUdp: 1\n", "/x/snmp, line 2: expected 1 values of Tcp, found '1 of Udp'"),
        (b"Tcp: A\nTcp: many\n", "/x/snmp, line 2: expected a decimal number, found 'many'"),
        (b"\xff\x00\n", "/x/snmp, line 1: expected a title and a colon, found '\\\\xff\\x00'"),
    ],
)
def test_malformed_files_are_named_by_line(content: bytes, message: str) -> None:
    """Names and values that do not pair up are an error with path, line and what was expected."""
    with pytest.raises(InputError) as caught:
        parse_counters(content, "/x/snmp")
    assert (caught.value.slug, caught.value.message) == ("malformed-proc-file", message)


def test_names_without_values_are_a_file_cut_short() -> None:
    """A file that ends after a line of names is truncated."""
    with pytest.raises(TruncatedError, match="ends at line 3: expected the values of Udp"):
        parse_counters(b"Tcp: A\nTcp: 1\nUdp: B\n", "/x/snmp")


def _connect_three_times() -> dict[str, dict[str, int]]:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        for _ in range(3):
            with socket.create_connection(listener.getsockname()), listener.accept()[0]:
                pass
    return read_counters(net_root())


def test_a_new_namespace_counts_from_zero() -> None:
    """After three loopback connections a new namespace has three active and three passive opens."""
    counters = run_private(_connect_three_times)
    assert set(counters) == {"TcpExt", "IpExt", "Tcp"}
    assert (counters["Tcp"]["ActiveOpens"], counters["Tcp"]["PassiveOpens"]) == (3, 3)
