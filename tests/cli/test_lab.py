"""``lastack lab`` as a user runs it: by root and by anybody, in a pipe and at a terminal."""

import json
import os
import pty
import re
import select
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from uuid import uuid4

import pytest

from tests.cli.running import Done, lastack
from tests.kernel.private import unavailable
from tests.lab.users import MARK, lastack_unprivileged

NETSTAT_AWK = """netstat -an | awk '/^tcp/ {++State[$NF]}END{for(key in State)print key "\\t" State[key]}'"""
BEFORE = {
    "LAST_ACK": 7,
    "LISTEN": 9,
    "SYN_RECV": 2,
    "CLOSE_WAIT": 125,
    "ESTABLISHED": 1070,
    "FIN_WAIT1": 17,
    "FIN_WAIT2": 247,
    "CLOSING": 4,
    "TIME_WAIT": 25_087,
}
AFTER = {
    "LAST_ACK": 140,
    "LISTEN": 9,
    "SYN_RECV": 7,
    "CLOSE_WAIT": 2,
    "ESTABLISHED": 972,
    "FIN_WAIT1": 21,
    "FIN_WAIT2": 152,
    "CLOSING": 2,
    "TIME_WAIT": 682,
}
# What the lab cannot do alike: said on stderr.
OWN = "lastack: processes, users, cgroups, settings and the times of closes are the lab's own\n"
COMMAND = [sys.executable, "-m", "lastack", "lab"]


@pytest.fixture(scope="module", autouse=True)
def _netstat() -> None:
    if shutil.which("netstat") is None:
        unavailable("netstat is not installed")


def table(lines: str) -> dict[str, int]:
    """``STATE<TAB>N`` lines."""
    return {state: int(number) for state, number in (line.split("\t") for line in lines.splitlines())}


def test_the_articles_own_line_prints_the_articles_table() -> None:
    """To the digit, ten times of ten, by root and by anybody; nothing else is printed."""
    arguments = ("lab", "article", "--exec", NETSTAT_AWK)
    users: list[Callable[..., Done]] = [lastack, lastack_unprivileged] * 5
    with ThreadPoolExecutor(2) as pool:
        runs = list(pool.map(lambda user: user(*arguments), users))
    assert [(done.returncode, done.stderr) for done in runs] == [(0, "")] * 10
    assert [table(done.stdout) for done in runs] == [BEFORE] * 10


def test_the_second_table() -> None:
    """After the tuning."""
    done = lastack("lab", "article", "--after", "--exec", NETSTAT_AWK)
    assert (table(done.stdout), done.stderr) == (AFTER, "")


def test_the_census_as_text_and_as_json() -> None:
    """Printed where nothing is to be run."""
    text = lastack("lab", "article", "--after")
    assert text.stdout.startswith("1,987 TCP sockets ")
    assert (text.returncode, text.stderr) == (0, "")
    document = json.loads(lastack("lab", "article", "--after", "--json").stdout)
    assert (document["schema"], document["total"]) == ("lastack.census/1", sum(AFTER.values()))
    assert {state: number for state, number in document["states"].items() if number} == AFTER


def test_a_snapshot_of_the_article_is_the_article_again(tmp_path: Path) -> None:
    """Taken inside, rebuilt elsewhere: the same census, by netstat; and by a snapshot of that."""
    first, second = tmp_path / "first.json", tmp_path / "second.json"
    assert lastack("lab", "article", "--exec", f"{sys.executable} -m lastack snapshot -o {first}").returncode == 0
    line = f"{NETSTAT_AWK}; {sys.executable} -m lastack snapshot -o {second}"
    done = lastack("lab", "build", "--from", str(first), "--exec", line)
    assert (table(done.stdout), done.stderr) == (BEFORE, OWN)
    again = lastack("lab", "build", "--from", "-", "--json", stdin=second.read_text())
    assert again.returncode == 0, again.stderr
    assert json.loads(again.stdout)["states"] == BEFORE


def test_states_in_both_families_on_a_port_of_choice() -> None:
    """Of each so many: names as netstat and ss spell them, with kinds."""
    states = ("estab=3", "FIN-WAIT-2:orphan=4", "time_wait=5", "LISTEN=2", "ESTABLISHED:queued=6")
    options = [option for state in states for option in ("--state", state)]
    line = "netstat -tan | awk '/^tcp/ {print $1, $6, $4 ~ /:808[01]$/}' | sort | uniq -c"
    done = lastack("lab", "build", *options, "--family", "both", "--port", "8080", "--exec", line)
    assert done.stderr == ""
    found = {tuple(line.split()[1:]): int(line.split()[0]) for line in done.stdout.splitlines()}
    expected = {"ESTABLISHED": 3 + 6, "FIN_WAIT2": 4, "TIME_WAIT": 5, "LISTEN": 2}
    assert found == {(name, state, "1"): number for name in ("tcp", "tcp6") for state, number in expected.items()}


@pytest.mark.parametrize(("line", "status"), [("exit 5", 5), ("kill -TERM $$", 143), ("no-such-program", 127)])
def test_the_exit_status_is_the_commands(line: str, status: int) -> None:
    """As a shell has it."""
    assert lastack("lab", "build", "--state", "LISTEN=1", "--exec", line).returncode == status


def test_the_commands_output_is_its_own() -> None:
    """stdout, stderr and stdin are the command's, and no one else's."""
    done = lastack("lab", "build", "--state", "LISTEN=1", "--exec", "cat; echo talk >&2; pwd", stdin="in\n")
    assert (done.stdout, done.stderr) == (f"in\n{Path.cwd()}\n", "talk\n")


def test_lastack_is_found_in_there_though_not_on_the_path(monkeypatch: pytest.MonkeyPatch) -> None:
    """As the README's first screen runs it, by its path in .venv; what is on the path comes first."""
    monkeypatch.setenv("PATH", "/usr/bin:/bin")
    done = lastack("lab", "build", "--state", "LISTEN=1", "--exec", "lastack --version && echo $PATH")
    assert done.returncode == 0, done.stderr
    version, path = done.stdout.splitlines()
    assert version.startswith("lastack ")
    assert path.startswith("/usr/bin:/bin:")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["build"], "say what to build"),
        (["build", "--state", "TIME_WAIT"], "expected NAME=N"),
        (["build", "--state", "TIME_WAIT=-1"], "expected NAME=N"),
        (["build", "--state", "SLEEPING=1"], "'SLEEPING' is no state of TCP"),
        (["build", "--state", "LISTEN:queued=1"], "the lab makes no LISTEN:queued"),
        (["build", "--state", "LISTEN=1", "--port", "70000"], "no lab has"),
        (["build", "--state", "LISTEN=1", "--from", "x"], "two populations"),
        (["build", "--from", "/no/such/file"], "/no/such/file"),
        (["build", "--from", "x", "--family", "6"], "a snapshot has its own"),
        (["article", "--exec", "true", "--json"], "--exec prints what its command prints"),
        (["article", "--exec", "true", "--hold"], "--exec prints what its command prints"),
        (["shell", "--clients", "33"], "1 to 32 clients"),
        ([], "TASK"),
    ],
)
def test_what_cannot_be_meant(arguments: list[str], message: str) -> None:
    """Exit 2, and why."""
    done = lastack("lab", *arguments)
    assert (done.returncode, done.stdout) == (2, "")
    assert message in done.stderr


def test_a_snapshot_that_is_none(tmp_path: Path) -> None:
    """Is an input error that names the file."""
    path = tmp_path / "broken.json"
    path.write_text('{"schema": "lastack.sample/1"')
    done = lastack("lab", "build", "--from", str(path))
    assert done.returncode == 2
    assert str(path) in done.stderr


def test_held_until_interrupted() -> None:
    """The line on stderr is the way in from another terminal; Ctrl-C ends it with 130 and leaves nothing."""
    mark = uuid4().hex
    holder = subprocess.Popen(
        [*COMMAND, "build", "--state", "CLOSE_WAIT=12", "--state", "TIME_WAIT=34", "--hold"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=os.environ | {MARK: mark},
    )
    assert holder.stderr
    (look,) = re.findall(r"from another terminal: lastack (.*)\n", holder.stderr.readline()) or [""]
    census = lastack(*look.split(), "--like", "netstat")
    assert table(census.stdout) == {"CLOSE_WAIT": 12, "TIME_WAIT": 34}
    holder.send_signal(signal.SIGINT)
    out, err = holder.communicate(timeout=20)
    assert (holder.returncode, err) == (130, "")
    assert out.startswith("46 TCP sockets ")
    assert not [pid for pid in Path("/proc").glob("[0-9]*/environ") if mark in environment(pid)]


def environment(path: Path) -> str:
    """What a process was started with; "" where it is gone or another user's."""
    try:
        return path.read_text("utf-8", "replace")
    except OSError:
        return ""


def test_a_shell_with_the_address_plan_on_its_first_lines() -> None:
    """Where you are, who is where, and a way to each client that works; the exit status is the shell's."""
    script = "nsenter --net=/proc/3/ns/net cat /proc/net/if_inet6; cat /proc/net/fib_trie; exit 7"
    done = subprocess.run(
        [*COMMAND, "shell", "--clients", "2"],
        input=script,
        capture_output=True,
        text=True,
        check=False,
        env=os.environ | {"SHELL": "/bin/sh"},
    )
    assert done.returncode == 7
    plan, rest = done.stdout.splitlines()[:5], done.stdout.splitlines()[5:]
    assert plan[0].startswith("you are on the server")
    assert [line.split()[1] for line in plan[1:]] == ["198.18.0.1", "2001:2:0:1::1", "198.18.16.1", "2001:2:0:2::1"]
    assert [line.split()[3] for line in plan[1:]] == ["198.18.0.2", "2001:2:0:1::2", "198.18.16.2", "2001:2:0:2::2"]
    assert plan[1].endswith("nsenter --net=/proc/3/ns/net")
    assert any(line.startswith("20010002000000010000000000000002 ") for line in rest)  # the client's
    assert any("198.18.16.1" in line for line in rest)  # the server's


def at_terminal(arguments: list[str], then: Callable[[int], None]) -> tuple[int, str]:
    """Run it at a terminal, let ``then`` act on its pid once it shows sockets; exit code and all that it printed."""
    pid, terminal = pty.fork()
    if pid == 0:
        os.execv(sys.executable, [*COMMAND, *arguments])  # noqa: S606 - no shell is wanted
    shown, told = b"", False
    deadline = time.monotonic() + 60
    while select.select([terminal], [], [], max(0, deadline - time.monotonic()))[0]:
        try:
            shown += os.read(terminal, 4096)
        except OSError:  # EIO: nobody has the other end
            break
        if not told and b"sockets" in shown:
            told = True
            then(pid)
    os.close(terminal)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), shown.decode()


def test_progress_is_shown_at_a_terminal() -> None:
    """And wiped away before the command's own output."""
    arguments = ["build", "--state", "TIME_WAIT=25000", "--exec", "echo done"]
    code, shown = at_terminal(arguments, lambda _: None)
    assert code == 0
    assert "lastack: 20,000 of 25,000 sockets" in shown
    assert shown.endswith("\r\x1b[Kdone\r\n")


def test_interrupted_while_building() -> None:
    """Ctrl-C in the middle: 130, no traceback."""
    arguments = ["build", "--state", "TIME_WAIT=100000"]
    code, shown = at_terminal(arguments, lambda pid: os.kill(pid, signal.SIGINT))
    assert code == 130
    assert "Traceback" not in shown


def test_no_root_no_trouble(tmp_path: Path) -> None:
    """An ordinary user builds, rebuilds and has a shell line's status."""
    path = tmp_path / "snapshot.json"
    line = f"{sys.executable} -m lastack snapshot -o {path}; exit 4"
    done = lastack_unprivileged("lab", "build", "--state", "TIME_WAIT=300", "--state", "LAST_ACK=2", "--exec", line)
    assert (done.returncode, done.stdout, done.stderr) == (4, "", "")
    line = f"{sys.executable} -m lastack census --by process --json"
    done = lastack_unprivileged("lab", "build", "--state", "CLOSE_WAIT=8", "--exec", line)
    (group,) = json.loads(done.stdout)["groups"]
    assert (group["key"]["process"].partition("/")[0], group["total"]) == ("lastack-lab", 8)
    done = lastack_unprivileged("lab", "build", "--from", str(path), "--exec", NETSTAT_AWK)
    assert (table(done.stdout), done.stderr) == ({"TIME_WAIT": 300, "LAST_ACK": 2}, OWN)
