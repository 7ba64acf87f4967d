"""Tracepoints: found, and read as the kernel describes them."""

from pathlib import Path

import pytest

from lastack.errors import InputError, RefusedError
from lastack.kernel.tracepoints import Field, find_tracefs, read_tracepoint
from tests.kernel.private import run_as_nobody
from tests.live.tracing import require_tracing, tracepoint

# As Linux 4.16 printed it: no net_cookie, no reason, names that later kernels kept.
_FORMAT = """name: inet_sock_set_state
ID: 1240
format:
\tfield:unsigned short common_type;\toffset:0;\tsize:2;\tsigned:0;
\tfield:int common_pid;\toffset:4;\tsize:4;\tsigned:1;

\tfield:const void * skaddr;\toffset:8;\tsize:8;\tsigned:0;
\tfield:int newstate;\toffset:20;\tsize:4;\tsigned:1;
\tfield:__u8 saddr_v6[16];\toffset:40;\tsize:16;\tsigned:0;

print fmt: "newstate=%s", __print_symbolic(REC->newstate, { 1, "TCP_ESTABLISHED" }, { 7, "TCP_CLOSE" })
"""


def _tree(tmp_path: Path, text: str) -> str:
    folder = tmp_path / "events/sock/inet_sock_set_state"
    folder.mkdir(parents=True)
    (folder / "format").write_text(text)
    return str(tmp_path)


def _mounts(tmp_path: Path, *points: str) -> str:
    (tmp_path / "self").mkdir()
    lines = [f"30 1 0:9 / {point} rw - tracefs nodev rw\n" for point in points]
    (tmp_path / "self/mountinfo").write_text("".join(lines))
    return str(tmp_path)


def test_fields_by_name(tmp_path: Path) -> None:
    """A format file gives the number, the fields with their places, and the words of numbers."""
    found = read_tracepoint("sock/inet_sock_set_state", _tree(tmp_path, _FORMAT))
    assert found
    assert found.number == 1240
    assert found.fields["skaddr"] == Field(8, 8, signed=False)
    assert found.fields["newstate"] == Field(20, 4, signed=True)
    assert found.fields["saddr_v6"] == Field(40, 16, signed=False)
    assert found.symbols == {"newstate": {1: "TCP_ESTABLISHED", 7: "TCP_CLOSE"}}


def test_no_such_tracepoint(tmp_path: Path) -> None:
    """A tracepoint that this kernel does not have is None."""
    assert read_tracepoint("tcp/tcp_destroy_sock", str(tmp_path)) is None


@pytest.mark.parametrize("text", [_FORMAT.replace("ID: 1240\n", ""), _FORMAT.replace("offset:20;", "offset:x;")])
def test_malformed(tmp_path: Path, text: str) -> None:
    """A format file that lacks its number, or has a field without a place, names the line."""
    with pytest.raises(InputError, match="line"):
        read_tracepoint("sock/inet_sock_set_state", _tree(tmp_path, text))


def test_not_mounted(tmp_path: Path) -> None:
    """Where tracefs is not mounted, the hint is the command that mounts it."""
    with pytest.raises(RefusedError) as error:
        find_tracefs(_mounts(tmp_path))
    assert error.value.slug == "no-tracefs"
    assert "mount -t tracefs nodev /sys/kernel/tracing" in error.value.hint


def test_first_that_may_be_read(tmp_path: Path) -> None:
    """Of several mounts, the first is taken whose events may be listed."""
    readable = tmp_path / "tracing"
    (readable / "events").mkdir(parents=True)
    assert find_tracefs(_mounts(tmp_path, "/nowhere", str(readable))) == str(readable)


def _refusal() -> str:
    try:
        find_tracefs()
    except RefusedError as error:
        return error.slug
    return ""


def test_an_ordinary_user_may_not_read_it() -> None:
    """Where tracefs is root's alone, as it is by default, an ordinary user is told so."""
    require_tracing()
    assert run_as_nobody(_refusal) in {"tracefs-forbidden", "no-tracefs"}


def test_this_kernels_own() -> None:
    """The tracepoint of state changes has what we read of it, and the kernel's words for the states."""
    require_tracing()
    found = tracepoint()
    assert {"skaddr", "oldstate", "newstate", "sport", "dport", "family", "saddr", "saddr_v6"} <= found.fields.keys()
    assert found.symbols["newstate"][6] == "TCP_TIME_WAIT"
