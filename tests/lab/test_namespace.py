"""One namespace: what runs in it, what is set in it."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from lastack.errors import RefusedError, UsageError
from lastack.lab import Lab


def test_a_function_runs_inside(lab: Lab) -> None:
    """It sees the namespace and the caller's values, its result comes back, and the caller has not moved."""
    home = Path("/proc/self/ns/net").readlink()
    seen = [3]

    def look(more: int) -> tuple[str, int]:
        seen.append(more)
        return str(Path("/proc/self/ns/net").readlink()), sum(seen)

    inside, total = lab.server.call(look, 4)
    assert (total, seen) == (7, [3])
    assert inside == str(Path(f"/proc/{lab.server.pid}/ns/net").readlink()) != str(home)
    assert Path("/proc/self/ns/net").readlink() == home


def test_what_a_function_raises_is_raised_here(lab: Lab) -> None:
    """Ours and others', with the traceback of the other side as a note."""

    def refuse() -> None:
        raise UsageError("some-slug", "some message", "some hint")

    with pytest.raises(UsageError, match="some message") as ours:
        lab.server.call(refuse)
    assert (ours.value.slug, ours.value.hint) == ("some-slug", "some hint")
    with pytest.raises(ZeroDivisionError) as foreign:
        lab.server.call(lambda: 1 // 0)
    assert "1 // 0" in foreign.value.__notes__[0]


def test_a_function_that_dies_is_an_error(lab: Lab) -> None:
    """With the signal, or the exit code."""
    with pytest.raises(RefusedError, match="server ended with -9"):
        lab.server.call(die)


def die() -> None:
    """End as nothing should."""
    os.kill(os.getpid(), signal.SIGKILL)


@pytest.mark.parametrize("code", [0, 1, 42])
def test_exit_status_of_a_command(lab: Lab, code: int) -> None:
    """As ``subprocess`` has it."""
    assert lab.server.run(["sh", "-c", f"exit {code}"]).returncode == code


def test_a_command_killed_by_a_signal(lab: Lab) -> None:
    """The stand-in outside dies of the same."""
    assert lab.server.run(["sh", "-c", "kill -TERM $$"]).returncode == -signal.SIGTERM
    sleeper = lab.server.popen(["sleep", "600"])
    sleeper.terminate()
    assert sleeper.wait(10) == -signal.SIGTERM


def test_a_command_has_input_output_and_folder(lab: Lab, tmp_path: Path) -> None:
    """With ``subprocess``'s own options; the folder is the caller's where none is given."""
    done = lab.server.run(["sh", "-c", "pwd; cat; echo oops >&2"], input="hi", capture_output=True, text=True)
    assert (done.stdout, done.stderr) == (f"{Path.cwd()}\nhi", "oops\n")
    assert lab.server.run(["pwd"], cwd=tmp_path, capture_output=True, text=True).stdout == f"{tmp_path}\n"
    with pytest.raises(subprocess.CalledProcessError):
        lab.server.run(["false"], check=True)


def test_files_of_the_caller_stay_the_callers(lab: Lab) -> None:
    """A pipe that the caller closes is closed, whatever runs in the lab: nobody there holds its other end."""
    reader, writer = os.pipe()
    sleeper = lab.server.popen([sys.executable, "-c", "import time; time.sleep(600)"])
    os.close(writer)
    assert os.read(reader, 1) == b""
    os.close(reader)
    sleeper.kill()
    sleeper.wait()


def test_settings(lab: Lab) -> None:
    """Set and read back by ``cat``; the host's and the client's are others."""
    name, path = "net.ipv4.tcp_fin_timeout", Path("/proc/sys/net/ipv4/tcp_fin_timeout")
    host = path.read_text("ascii")
    lab.server.set({name: 17})
    assert lab.server.run(["cat", str(path)], capture_output=True, text=True).stdout == "17\n"
    assert lab.server.get(name) == "17"
    assert lab.client.get(name) == "60"
    assert path.read_text("ascii") == host


def test_settings_for_a_while(lab: Lab) -> None:
    """Afterwards they are as before, also after an error; what there is not is left out."""
    name = "net.ipv4.tcp_rfc1337"

    def fail() -> None:
        with lab.server.while_set({name: 1, "net.ipv4.no_such": 1}):
            assert lab.server.get(name) == "1"
            raise ArithmeticError

    with pytest.raises(ArithmeticError):
        fail()
    assert lab.server.get(name) == "0"


def test_raising(lab: Lab) -> None:
    """What is lower is raised, what is higher or missing is left, and -1, which may mean unlimited, too."""
    name = "net.ipv4.tcp_max_syn_backlog"
    lab.server.set({name: 100})
    lab.server.raise_to({name: 50, "net.ipv4.no_such": 5})
    assert lab.server.get(name) == "100"
    lab.server.raise_to({name: 150})
    assert lab.server.get(name) == "150"
    lab.server.set({name: -1})
    lab.server.raise_to({name: 150})
    assert lab.server.get(name) == "-1"


def test_settings_that_cannot_be(lab: Lab) -> None:
    """One that there is not, and a value that the kernel refuses: a slug each, and the kernel's reason."""
    with pytest.raises(RefusedError) as missing:
        lab.server.set({"net.ipv4.tcp_tw_recycle": 1})
    assert missing.value.slug == "no-such-setting"
    with pytest.raises(RefusedError) as unreadable:
        lab.server.get("net.ipv4.tcp_tw_recycle")
    assert unreadable.value.slug == "no-such-setting"
    with pytest.raises(RefusedError, match="Invalid argument") as refused:
        lab.server.set({"net.ipv4.tcp_syncookies": 300})
    assert refused.value.slug == "setting-refused"
