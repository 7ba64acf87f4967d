"""``lastack census`` as a user runs it, in a namespace whose sockets are known."""

import json
import os
import re
import shutil
import socket
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import redirect_stderr, redirect_stdout
from io import StringIO
from pathlib import Path

import pytest

from lastack.cli.main import main
from lastack.lab import Cohort, Lab
from tests.cli.running import lastack, lastack_in, lastack_without_netlink
from tests.kernel.private import run_as_nobody, unavailable

COHORTS = (
    Cohort("LISTEN", 2, port=8080, backlog=7),
    Cohort("LISTEN", 1, family=6, port=9090),
    Cohort("SYN_SENT", 3),
    Cohort("SYN_RECV", 4),
    Cohort("SYN_RECV", 2, family=6, port=81),
    Cohort("ESTABLISHED", 11),
    Cohort("ESTABLISHED", 5, family=6),
    Cohort("ESTABLISHED", 6, active=True, port=5432),
    Cohort("FIN_WAIT1", 7),
    Cohort("FIN_WAIT2", 8, kind="held"),
    Cohort("FIN_WAIT2", 9, kind="orphan"),
    Cohort("FIN_WAIT2", 3, family=6, kind="orphan"),
    Cohort("CLOSING", 2),
    Cohort("TIME_WAIT", 130),
    Cohort("TIME_WAIT", 40, family=6),
    Cohort("TIME_WAIT", 60, active=True, port=5432),
    Cohort("CLOSE_WAIT", 12),
    Cohort("LAST_ACK", 5),
)
NETSTAT_AWK = """netstat -an | awk '/^tcp/ {++S[$NF]}END{for (key in S) print key "\\t" S[key]}'"""
SS_AWK = """ss -tanH | awk '{++S[$1]}END{for (key in S) print key "\\t" S[key]}'"""


@pytest.fixture(scope="module")
def lab() -> Iterator[Lab]:
    """A lab with every state in both families."""
    with Lab() as made:
        made.populate(COHORTS)
        yield made


def expected() -> dict[str, int]:
    """Sockets per state: those asked for, and the listeners that the lab added for half-open requests."""
    counts: Counter[str] = Counter()
    for cohort in COHORTS:
        counts[cohort.state] += cohort.count
    counts["LISTEN"] += len({(cohort.family, cohort.port) for cohort in COHORTS if cohort.state == "SYN_RECV"})
    return dict(counts)


def run(lab: Lab, *arguments: str) -> str:
    """What the command prints in the server's namespace."""
    done = lastack_in(lab, *arguments)
    assert done.returncode == 0, done.stderr
    return done.stdout


def shell(lab: Lab, line: str) -> str:
    """What another tool's command line prints there."""
    tool = line.split(maxsplit=1)[0]
    if shutil.which(tool) is None:
        unavailable(f"{tool} is not installed")
    done: subprocess.CompletedProcess[str] = lab.server.run(["sh", "-c", line], capture_output=True, text=True)
    return done.stdout


def table(lines: str) -> dict[str, int]:
    """``STATE<TAB>N`` lines as numbers."""
    return {state: int(count) for state, count in (line.split("\t") for line in lines.splitlines())}


def document(lab: Lab, *arguments: str) -> dict[str, object]:
    """The JSON document that the command prints."""
    parsed: dict[str, object] = json.loads(run(lab, "census", "--json", *arguments))
    return parsed


def test_every_road_gives_the_same_exact_counts(lab: Lab) -> None:
    """The fast road, the whole dump and JSON agree with what was built, TIME_WAIT told from orphan FIN_WAIT2."""
    assert table(run(lab, "census", "--like", "netstat")) == expected()
    assert document(lab)["states"] == expected()
    assert document(lab, "--counts")["states"] == expected()


def test_it_equals_netstat_to_the_digit(lab: Lab) -> None:
    """`--like netstat` prints what the awk one-liner prints."""
    assert table(run(lab, "census", "--like", "netstat")) == table(shell(lab, NETSTAT_AWK))


def test_it_equals_ss_to_the_digit(lab: Lab) -> None:
    """`--like ss` prints what its awk one-liner prints, in its spelling."""
    assert table(run(lab, "census", "--like", "ss")) == table(shell(lab, SS_AWK))


def test_the_timeline_holds_the_closes_of_the_last_minute(lab: Lab) -> None:
    """Every TIME_WAIT was closed within the minute, none before the lab began."""
    closes = document(lab)["closes_per_second"]
    assert isinstance(closes, list)
    assert len(closes) == 60
    assert sum(closes) == expected()["TIME_WAIT"]


def groups(lab: Lab, by: str) -> dict[tuple[str | None, ...], dict[str, int]]:
    """Key to states."""
    found = document(lab, "--by", by, "--top", "0")["groups"]
    assert isinstance(found, list)
    return {tuple(group["key"].values()): group["states"] for group in found}


def test_groups_by_family_and_port(lab: Lab) -> None:
    """Two dimensions at a time; the numbers are those of the cohorts."""
    found = groups(lab, "family,local-port")
    assert found["IPv4", "8080"] == {"LISTEN": 1}
    assert found["IPv6", "9090"] == {"LISTEN": 1}
    assert found["IPv6", "81"] == {"LISTEN": 1, "SYN_RECV": 2}
    assert found["IPv6", "80"] == {"ESTABLISHED": 5, "FIN_WAIT2": 3, "TIME_WAIT": 40}


def test_a_destination_is_where_connections_go_to(lab: Lab) -> None:
    """Sixty-six connections went to port 5432, each of them to one of few destinations."""
    found = {key[0]: states for key, states in groups(lab, "destination").items() if str(key[0]).endswith(":5432")}
    assert len(found) <= 2
    assert Counter[str]() + sum(map(Counter, found.values()), Counter()) == {"ESTABLISHED": 6, "TIME_WAIT": 60}


def test_time_wait_has_no_process_and_held_sockets_have_one(lab: Lab) -> None:
    """Nobody holds a time-wait socket, an orphan or a half-open request."""
    found = groups(lab, "process")
    nobody = found.pop((None,))
    assert nobody == {"SYN_RECV": 6, "FIN_WAIT1": 7, "FIN_WAIT2": 12, "CLOSING": 2, "TIME_WAIT": 230, "LAST_ACK": 5}
    held = Counter[str]()
    for (label,), states in found.items():
        assert re.fullmatch(r".+/\d+", str(label))
        held.update(states)
    assert held == {"LISTEN": 5, "SYN_SENT": 3, "ESTABLISHED": 22, "FIN_WAIT2": 8, "CLOSE_WAIT": 12}


@pytest.mark.parametrize("by", ["state", "family", "local-port", "remote", "remote-port", "destination", "process",
                                "uid", "cgroup", "netns", "uid,process", "remote,state"])  # fmt: skip
def test_groups_lose_nobody(lab: Lab, by: str) -> None:
    """Whatever the dimension and however few groups are listed, all sockets and closes are there."""
    whole = document(lab)
    found = document(lab, "--by", by, "--top", "3")
    listed, rest = found["groups"], found["rest"] or {"total": 0, "closes_per_second": [0] * 60}
    assert isinstance(listed, list)
    assert isinstance(rest, dict)
    assert len(listed) <= 3
    assert sum(group["total"] for group in listed) + rest["total"] == whole["total"]
    closes = [sum(group["closes_per_second"]) for group in (*listed, rest)]
    assert sum(closes) == expected()["TIME_WAIT"]


def test_another_namespace_by_pid_and_path(lab: Lab) -> None:
    """`--netns` looks into the client's namespace from the server's, and names it."""
    inside = lab.client.run(["readlink", "/proc/self/ns/net"], capture_output=True, text=True).stdout.strip()
    outside = subprocess.run(
        ["readlink", f"/proc/{lab.client.pid}/ns/net"], capture_output=True, text=True, check=True
    ).stdout.strip()
    assert inside == outside
    for target in (str(lab.client.pid), f"/proc/{lab.client.pid}/ns/net"):
        done = lastack("census", "--json", "--netns", target)
        if done.returncode == 3:
            unavailable(done.stderr)
        assert json.loads(done.stdout)["netns"] == inside


def test_a_fallback_to_proc_says_so_and_counts_the_same(lab: Lab) -> None:
    """Where sock_diag is refused (a real seccomp filter), /proc/net/tcp gives the same numbers, and stderr says so."""
    for option in (["--json"], ["--json", "--counts"], ["--json", "--by", "family"]):
        done = lastack_without_netlink(lab, "census", *option)
        parsed = json.loads(done.stdout)
        assert (parsed["source"], parsed["states"]) == ("proc", expected())
        assert sum(parsed["closes_per_second"]) == expected()["TIME_WAIT"]
        assert "not permitted" in done.stderr
        assert "/net/tcp" in done.stderr


def test_a_snapshot_counts_like_the_host(lab: Lab, tmp_path: Path) -> None:
    """What was sampled to a file is counted from it again, whole and by group."""
    saved = tmp_path / "snapshot.json"
    saved.write_text(run(lab, "snapshot"))
    assert document(lab, "--from", str(saved))["states"] == expected()
    by_port = groups(lab, "local-port")
    found = document(lab, "--from", str(saved), "--by", "local-port", "--top", "0")["groups"]
    assert isinstance(found, list)
    from_file = {group["key"]["local-port"]: group["states"] for group in found}
    assert from_file["8080"] == by_port[("8080",)]
    assert from_file["80"] == by_port[("80",)]


@pytest.mark.parametrize("line", ["netstat -an", "ss -tan", "ss -tanoeH", "cat /proc/net/tcp /proc/net/tcp6"])
def test_saved_output_of_other_tools_counts_the_same(lab: Lab, line: str) -> None:
    """Each tool's own list, on stdin."""
    done = lastack_in(lab, "census", "--json", "--from", "-", stdin=shell(lab, line))
    assert json.loads(done.stdout)["states"] == expected()


def test_the_default_view_draws_states_and_closes(lab: Lab) -> None:
    """People see each state with its number and a bar, and the last minute's closes."""
    text = run(lab, "census")
    assert re.search(r"TIME_WAIT +230  [█#]+", text)
    assert "closed first by this side, last 60 s: 230" in text
    assert "\x1b" not in text


@pytest.mark.parametrize(
    ("arguments", "status", "words"),
    [
        (["--by", "colour"], 2, "none of state, family"),
        (["--by", "state,uid,family"], 2, "two different ones"),
        (["--like", "netstat", "--by", "uid"], 2, "states alone"),
        (["--like", "ss", "--json"], 2, "two formats"),
        (["--netns", "no-such"], 3, "no network namespace 'no-such'"),
        (["--from", "/nonexistent"], 2, "No such file"),
        (["--from", "/etc/passwd"], 2, "line 1"),
        (["--top", "-1"], 2, "0 or more"),
    ],
)
def test_a_wrong_wish_is_an_error_that_helps(arguments: list[str], status: int, words: str) -> None:
    """One message on stderr, nothing on stdout, the exit code of the manual."""
    done = lastack("census", *arguments)
    assert (done.returncode, done.stdout) == (status, "")
    assert words in done.stderr
    assert "Traceback" not in done.stderr


def test_a_closed_pipe_is_no_error() -> None:
    """`lastack census | true` ends quietly, as other tools do."""
    done = subprocess.run(
        ["sh", "-c", f"{sys.executable} -m lastack census --json | true"], capture_output=True, text=True, check=False
    )
    assert done.stderr == ""


def test_every_namespace_is_counted_once(lab: Lab) -> None:
    """The lab's namespaces, each by its own label; their sum is the whole."""
    document = json.loads(run(lab, "census", "--all-netns", "--by", "netns", "--top", "0", "--json"))
    single = [json.loads(run(lab, "census", "--json", "--netns", str(pid)))["total"] for pid in _pids(lab)]
    assert document["total"] == sum(single)
    assert sorted(group["total"] for group in document["groups"]) == sorted(total for total in single if total)
    assert document["netns"] == f"{len(single)} of {len(single)} namespaces"


def _pids(lab: Lab) -> list[int]:
    """A process of each namespace, by its pid in the lab."""

    def look() -> list[int]:
        found: dict[Path, int] = {}
        for process in Path("/proc").iterdir():
            if process.name.isdecimal():
                found.setdefault((process / "ns" / "net").readlink(), int(process.name))
        return list(found.values())

    pids = lab.server.call(look)
    assert len(pids) >= 2
    return pids


def test_an_ordinary_user_sees_every_socket_but_not_others_processes() -> None:
    """A listener of this test is counted for anybody; its process is named only for who may look into it."""
    if os.geteuid() != 0:
        unavailable("this test drops from root to an ordinary user; the other tests then run as one anyway")
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = str(server.getsockname()[1])
        arguments = ["census", "--json", "--by", "local-port,process", "--top", "0"]
        by_root, _ = _output(arguments)
        by_nobody, remark = run_as_nobody(_output, arguments)
    assert _holders(by_root, port) == [f"/{os.getpid()}"]
    assert _holders(by_nobody, port) == [""]
    assert "root sees more" in remark


def _output(arguments: list[str]) -> tuple[str, str]:
    """What lastack prints in this very process, on stdout and stderr."""
    with redirect_stdout(StringIO()) as out, redirect_stderr(StringIO()) as err, pytest.raises(SystemExit) as status:
        main(arguments)
    assert status.value.code == 0
    return out.getvalue(), err.getvalue()


def _holders(document: str, port: str) -> list[str]:
    """Who holds the port, ``/pid``; empty: not visible."""
    keys = [group["key"] for group in json.loads(document)["groups"]]
    return [re.sub(r"^.*(?=/)", "", key["process"] or "") for key in keys if key["local-port"] == port]
