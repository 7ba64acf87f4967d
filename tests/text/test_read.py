"""Files told apart by themselves."""

import subprocess
import sys
from io import BytesIO
from pathlib import Path

import pytest

from lastack.errors import InputError
from lastack.text.read import Snapshot, read
from tests.text.saved import opened, rows_of, states_of

NETSTAT = """\
Active Internet connections (servers and established)
Proto Recv-Q Send-Q Local Address           Foreign Address         State
tcp        0      0 127.0.0.1:8080          0.0.0.0:*               LISTEN
tcp        0      0 127.0.0.1:8080          127.0.0.1:33148         TIME_WAIT
"""
SS = """\
State      Recv-Q Send-Q      Local Address:Port        Peer Address:Port Process
LISTEN     0      128             127.0.0.1:8080             0.0.0.0:*
TIME-WAIT  0      0               127.0.0.1:8080           127.0.0.1:33148
"""
PROC = """\
  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 0100007F:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 1009715 1 00000000656d8841
   1: 0100007F:1F90 0100007F:817C 06 00000000:00000000 03:00001732 00000000     0        0 0 3 0000000012782a52
"""
FILES = pytest.mark.parametrize(("kind", "text"), [("netstat", NETSTAT), ("ss", SS), ("proc", PROC)])
SOURCE = Path(__file__).parents[2] / "src"


class Repeated:
    """A head, then the same block again and again, made while it is read."""

    def __init__(self, head: bytes, block: bytes, times: int) -> None:
        self.blocks = [block] * times
        self.blocks.append(head)

    def read(self, _size: int, /) -> bytes:
        """The next block."""
        return self.blocks.pop() if self.blocks else b""


@FILES
def test_each_kind_by_its_header(kind: str, text: str) -> None:
    """The header tells the format, and the same two sockets come out of each."""
    assert opened(text).kind == kind
    listener, closed = rows_of(text)
    assert listener[:6] == ("LISTEN", 4, "127.0.0.1", 8080, "0.0.0.0", 0)
    assert closed[:6] == ("TIME_WAIT", 4, "127.0.0.1", 8080, "127.0.0.1", 33148)


@FILES
def test_each_kind_without_its_header(kind: str, text: str) -> None:
    """``grep tcp``, ``ss -H`` and ``tail -n +2`` leave rows alone, which tell the format too."""
    bare = "\n".join(text.splitlines()[2 if kind == "netstat" else 1 :])
    assert opened(bare).kind == kind
    assert rows_of(bare) == rows_of(text)


@FILES
def test_a_header_alone(kind: str, text: str) -> None:
    """A host without sockets is no error."""
    header = text[: text.index("\n", text.index("ddress")) + 1]
    assert opened(header).kind == kind
    assert rows_of(header) == []


@FILES
def test_what_stands_before(kind: str, text: str) -> None:
    """Blank lines, a prompt with the command, a remark on stderr."""
    before = "\n\n[root@web1 ~]# ss -tan; netstat -an\n(Not all processes could be identified)\n"
    assert opened(before + text).kind == kind
    assert rows_of(before + text) == rows_of(text)


@FILES
def test_line_ends_of_windows(kind: str, text: str) -> None:
    """A file that was carried through Windows reads the same."""
    assert opened(text).kind == kind
    assert rows_of(text.replace("\n", "\r\n")) == rows_of(text)


@FILES
def test_several_outputs_in_one_file(kind: str, text: str) -> None:
    """They are added up, which is said."""
    reading = opened(text * 3)
    assert len(list(reading)) == 6
    assert reading.warnings == ("3 outputs, one after another, are added up",)
    assert reading.kind == kind


@pytest.mark.parametrize("content", [b"", b"\n\n  \n", b"\xef\xbb\xbf"])
def test_an_empty_file(content: bytes) -> None:
    """It is no census, and is told to be empty."""
    with pytest.raises(InputError, match=r"^saved: is empty; expected the output of netstat or ss") as error:
        opened(content)
    assert error.value.slug == "not-a-census"


@pytest.mark.parametrize(
    ("content", "found"),
    [
        (b"\nhello world\n", r"line 2: .* found 'hello world'"),
        (b"\x7fELF\x02\x01\x01\x00" * 1000, r"line 1: .* found '\?ELF\?"),
        (b"\xff\xfe\xfd" * 50, r"line 1: "),
        (b"[1, 2]", r"line 1: .* found '\[1, 2\]'"),
        (b"Kernel IP routing table\nDestination Gateway\n", r"line 1: .* found 'Kernel IP routing table'"),
        (b"junk\n" * 100 + NETSTAT.encode(), r"line 1: .* found 'junk'"),
    ],
)
def test_no_census(content: bytes, found: str) -> None:
    """The error names the first line that is there, and shows it."""
    with pytest.raises(InputError, match=rf"^saved: {found}") as error:
        opened(content)
    assert error.value.slug == "not-a-census"


def test_junk_behind_a_header() -> None:
    """A file that only begins like a census is refused where the junk becomes too much."""
    with pytest.raises(InputError, match=r"21 lines are not understood, the last one at line 25"):
        rows_of(NETSTAT + "nothing that we know\n" * 100)


def test_a_snapshot_is_told_and_left_whole() -> None:
    """JSON is not parsed here, and what was looked at is not lost."""
    content = b' \n{"schema": "lastack.sample/1", "host": "' + b"x" * 600_000 + b'"}'
    snapshot = read(BytesIO(content), name="saved")
    assert isinstance(snapshot, Snapshot)
    assert snapshot.content() == content


def test_a_snapshot_has_a_limit() -> None:
    """A file that begins with a brace and does not end is an error, before the memory is full."""
    snapshot = read(Repeated(b"{", b" " * (1 << 18), 1 << 20), name="saved")
    assert isinstance(snapshot, Snapshot)
    with pytest.raises(InputError, match=r"^saved: a snapshot has no more than") as error:
        snapshot.content()
    assert error.value.slug == "snapshot-too-large"


def test_memory_is_constant() -> None:
    """A file a hundred times as long, no two rows alike, takes no more memory to count."""
    program = """
import io, resource, sys
from collections import Counter
from lastack.text.read import read

class Rows:
    def __init__(self, blocks): self.blocks = iter(range(blocks))
    def read(self, size):
        block = next(self.blocks, None)
        if block is None: return b""
        row = "tcp 0 0 10.0.%d.%d:80 10.%d.%d.%d:%d TIME_WAIT\\n"
        spread = range(block * 5000, block * 5000 + 5000)
        return "".join(row % (n % 99, n % 251, n % 250, n // 250 % 250, n % 199, n % 65536) for n in spread).encode()

count = Counter(row.state for row in read(Rows(int(sys.argv[1])), name="saved"))
print(count["TIME_WAIT"], resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
"""

    def run(blocks: int) -> tuple[int, int]:
        command = [sys.executable, "-c", program, str(blocks)]
        output = subprocess.run(command, env={"PYTHONPATH": str(SOURCE)}, capture_output=True, text=True, check=True)
        count, kilobytes = map(int, output.stdout.split())
        return count, kilobytes

    few, few_kilobytes = run(4)
    many, many_kilobytes = run(100)
    assert (few, many) == (20_000, 500_000)
    assert many_kilobytes - few_kilobytes < 4096


def test_reading_imports_nothing_heavy() -> None:
    """Saved files are counted by a program that starts at once."""
    program = "import sys, lastack.text.read; print(*sys.modules)"
    command = [sys.executable, "-S", "-c", program]
    run = subprocess.run(command, env={"PYTHONPATH": str(SOURCE)}, capture_output=True, text=True, check=True)
    heavy = {"ctypes", "dataclasses", "json", "msgspec", "pathlib", "subprocess", "datetime", "rich", "click"}
    assert not heavy & set(run.stdout.split())


def test_states_are_counted_without_numbers() -> None:
    """Names in place of addresses and ports are as good for counting."""
    text = NETSTAT.replace("127.0.0.1:8080", "localhost:http-alt").replace("33148", "ssh")
    assert states_of(text) == {"LISTEN": 1, "TIME_WAIT": 1}
