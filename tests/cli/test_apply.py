"""``lastack apply`` as a user runs it: what it shows, asks and refuses."""

import json
import os
import pty
import subprocess
from pathlib import Path

import pytest

from tests.tune.scene import Scene

FIN = "net.ipv4.tcp_fin_timeout"
ADVICE = '\n[[step]]\nkind = "application"\nbecause = "b"\nreason = "Keep connections\\u001b[2J open."\n'


def test_it_says_exactly_what_it_will_do(scene: Scene) -> None:
    """With hazards, and what is not a setting; a dry run stops there and leaves no journal."""
    plan = Path(scene.plan(f"{FIN}=30"))
    plan.write_text(plan.read_text() + ADVICE)
    done = scene.run("apply", str(plan), "--dry-run")
    assert done.returncode == 0
    assert f"  {FIN}  60 -> 30\n" in done.stdout
    assert "! Above 60 the time is" in done.stdout
    assert "[application] Keep connections\\x1b[2J open." in done.stdout
    assert scene.get(FIN) == "60"
    assert not scene.state.exists()


def _on_a_terminal(command: list[str], answer: bytes) -> tuple[int, str]:
    child, terminal = pty.fork()
    if child == 0:
        os.execv(command[0], command)  # noqa: S606 - no shell is wanted
    shown = b""
    while b"[y/N] " not in shown:
        shown += os.read(terminal, 1000)
    os.write(terminal, answer)
    try:
        while chunk := os.read(terminal, 1000):
            shown += chunk
    except OSError:  # the other end is closed
        pass
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), shown.decode()


@pytest.mark.parametrize(("answer", "code", "value"), [(b"n\n", 1, "60"), (b"\n", 1, "60"), (b"y\n", 0, "30")])
def test_it_asks_on_a_terminal(scene: Scene, answer: bytes, code: int, value: str) -> None:
    """And takes nothing but a yes for one."""
    command = scene.command("apply", scene.plan(f"{FIN}=30"))
    ended, shown = scene.lab.server.call(_on_a_terminal, command, answer)
    assert (ended, scene.get(FIN)) == (code, value), shown
    assert ("nothing is changed" in shown) == (code == 1)


def test_nobody_to_ask_is_no_yes(scene: Scene) -> None:
    """Without a terminal it takes --yes."""
    done = scene.run("apply", scene.plan(f"{FIN}=30"))
    assert (done.returncode, "add --yes" in done.stderr) == (2, True)
    assert scene.get(FIN) == "60"


@pytest.mark.parametrize(
    ("field", "value", "what"),
    [
        ("host", "other", "the host"),
        ("kernel", "5.4.0", "the kernel"),
        ("boot_id", "00000000-0000", "the boot"),
        ("netns", "net:[1]", "the namespace"),
    ],
)
def test_a_plan_for_another_place_is_refused(scene: Scene, field: str, value: str, what: str) -> None:
    """Unless told."""
    plan = Path(scene.plan(f"{FIN}=30"))
    lines = [
        f'{field} = "{value}"' if line.startswith(f"{field} = ") else line for line in plan.read_text().splitlines()
    ]
    plan.write_text("\n".join(lines))
    done = scene.run("apply", str(plan), "--yes")
    assert (done.returncode, f"made for {what} {value}" in done.stderr) == (2, True)
    assert scene.get(FIN) == "60"
    assert scene.run("apply", str(plan), "--yes", "--anyway").returncode == 0
    assert scene.get(FIN) == "30"


def test_a_plan_that_time_has_passed_by_is_refused(scene: Scene) -> None:
    """Somebody changed the setting since it was made."""
    plan = scene.plan(f"{FIN}=30")
    scene.lab.server.set({FIN: 45})
    done = scene.run("apply", plan, "--yes")
    assert (done.returncode, f"{FIN} was 60 when the plan was made, and is 45 now" in done.stderr) == (2, True)
    assert scene.run("apply", plan, "--yes", "--anyway").returncode == 0
    assert scene.run("rollback", "--yes").returncode == 0
    assert scene.get(FIN) == "45"


def test_nothing_to_change_is_fine(scene: Scene) -> None:
    """A plan that is carried out already, and one without settings."""
    plan = Path(scene.plan(f"{FIN}=30"))
    assert scene.run("apply", str(plan), "--yes").returncode == 0
    done = scene.run("apply", str(plan), "--yes", "--anyway")
    assert (done.returncode, "No setting to change." in done.stdout) == (0, True)
    assert len(scene.changes()) == 1
    empty = plan.read_text().partition("[[step]]")[0] + ADVICE
    plan.write_text(empty)
    done = scene.run("apply", str(plan), "--yes")
    assert (done.returncode, "yours to do" in done.stdout) == (0, True)


def test_json_is_the_change(scene: Scene) -> None:
    """The same document that the journal prints."""
    done = scene.run("apply", scene.plan(f"{FIN}=30"), "--yes", "--json")
    assert json.loads(done.stdout) == scene.changes()[0]
    assert json.loads(done.stdout)["schema"] == "lastack.change/1"


@pytest.mark.parametrize(
    ("options", "complaint"),
    [
        (("--persist", "--netns=1"), "--persist is for the whole host"),
        (("--baseline=5s",), "--baseline needs --confirm-within"),
        (("--confirm-within=0s",), "a second at least"),
        (("--confirm-within=5x",), "no length of time"),
        (("--confirm-within=30h",), "no length of time"),
    ],
)
def test_options_that_make_no_sense(scene: Scene, options: tuple[str, ...], complaint: str) -> None:
    """Are refused before anything else."""
    done = scene.run("apply", scene.plan(f"{FIN}=30"), "--yes", *options)
    assert (done.returncode, complaint in done.stderr) == (2, True)


def test_a_plan_comes_through_a_pipe(scene: Scene) -> None:
    """`lastack plan | lastack apply - --yes`."""
    plan = subprocess.run(["cat", scene.plan(f"{FIN}=30")], capture_output=True, text=True, check=True).stdout
    assert scene.run("apply", "-", "--yes", stdin=plan).returncode == 0
    assert scene.get(FIN) == "30"
