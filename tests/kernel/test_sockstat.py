"""The sums of /proc/net/sockstat and sockstat6."""

import socket
from pathlib import Path

import pytest

from lastack.errors import InputError
from lastack.kernel.namespaces import net_root
from lastack.kernel.sockstat import read_sockstat, time_wait_minisockets
from tests.kernel.private import run_private

CASES = Path(__file__).parents[3] / "shared" / "cases"

needs_cases = pytest.mark.skipif(not CASES.is_dir(), reason="the published cases are not here")


@needs_cases
def test_node_exporter_states_the_same_sums() -> None:
    """Every sum that node_exporter states for its recorded files is ours too."""
    sections = read_sockstat(str(CASES / "node_exporter/proc"))
    compared = 0
    for line in (CASES / "node_exporter/expected_metrics.txt").read_text().splitlines():
        name, _, value = line.partition(" ")
        parts = name.split("_")
        # It multiplies pages out to bytes beside; the file has no bytes.
        if parts[1] == "sockstat" and not name.endswith("_bytes"):
            assert sections[parts[2]][parts[3]] == float(value), line
            compared += 1
    assert compared == 18
    assert time_wait_minisockets(str(CASES / "node_exporter/proc")) == 4


@needs_cases
def test_procfs_files_are_read_whole() -> None:
    """Sums of procfs's recorded files, read off by eye."""
    sections = read_sockstat(str(CASES / "procfs/proc"))
    assert sections["sockets"] == {"used": 1602}
    assert sections["TCP"] == {"inuse": 35, "orphan": 0, "tw": 4, "alloc": 59, "mem": 22}
    assert sections["TCP6"] == {"inuse": 17}


def test_absent_files_are_no_sections(tmp_path: Path) -> None:
    """Without the files there are no sections, and no number of time-wait mini-sockets."""
    assert read_sockstat(str(tmp_path)) == {}
    assert time_wait_minisockets(str(tmp_path)) is None


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("sockets: used\n", "line 1: expected a value for each key, found 'used'"),
        ("sockets: used 1\nTCP: inuse one\n", "line 2: expected a decimal number, found 'one'"),
        ("sockets used 1\n", "line 1: expected a title and a colon, found 'sockets used 1'"),
    ],
)
def test_malformed_files_are_named_by_line(tmp_path: Path, content: str, message: str) -> None:
    """A key without a number is an error with path, line and what was expected."""
    (tmp_path / "sockstat").write_text(content)
    with pytest.raises(InputError) as caught:
        read_sockstat(str(tmp_path))
    assert (caught.value.slug, caught.value.message) == ("malformed-proc-file", f"{tmp_path}/sockstat, {message}")


def test_a_file_without_tw_is_malformed(tmp_path: Path) -> None:
    """A number of time-wait mini-sockets is never made up."""
    (tmp_path / "sockstat").write_text("sockets: used 1\nTCP: inuse 1\n")
    with pytest.raises(InputError, match="expected a TCP line with tw"):
        time_wait_minisockets(str(tmp_path))


def _close_five_first() -> tuple[int | None, dict[str, dict[str, int]]]:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        for _ in range(5):
            client = socket.create_connection(listener.getsockname())
            server, _ = listener.accept()
            client.close()
            server.recv(1)
            server.close()
    return time_wait_minisockets(net_root()), read_sockstat(net_root())


def test_five_active_closers_are_five_minisockets() -> None:
    """Five connections that their clients closed first stand as five in a namespace of their own."""
    count, sections = run_private(_close_five_first)
    assert count == 5
    assert sections["TCP"]["tw"] == 5
    assert "TCP6" in sections
