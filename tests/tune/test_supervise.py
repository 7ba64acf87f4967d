"""The deadline: kept by a process that neither a closed terminal nor ``kill -9`` of lastack takes along."""

import os
import pty
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from lastack.tune import setting
from tests.tune.scene import Scene

FIN = "net.ipv4.tcp_fin_timeout"
REUSE = "net.ipv4.tcp_tw_reuse"
_PATIENCE_S = 20.0
_WITHIN = ("--confirm-within=1s", "--baseline=0")


def _await(condition: Callable[[], bool]) -> bool:
    until = time.monotonic() + _PATIENCE_S
    while not condition():
        if time.monotonic() > until:
            return False
        time.sleep(0.02)
    return True


def _supervisors(scene: Scene) -> list[int]:
    """Pids, in the lab."""
    return scene.lab.server.call(_named, "lastack-confirm")


def _named(name: str) -> list[int]:
    found = []
    for comm in Path("/proc").glob("[0-9]*/comm"):
        try:
            if comm.read_text().strip() == name[:15]:
                found.append(int(comm.parent.name))
        except OSError:
            continue
    return found


def test_what_nobody_confirms_is_undone_in_time(scene: Scene) -> None:
    """Not before its time, and hardly after; then the supervisor is gone."""
    done = scene.apply(f"{FIN}=30", f"{REUSE}=1", options=_WITHIN)
    applied = time.monotonic()
    assert done.returncode == 0, done.stderr
    assert "unless you run: lastack confirm 1" in done.stdout
    assert scene.get(FIN) == "30"
    assert _await(lambda: scene.get(FIN) == "60")
    assert 0.5 < time.monotonic() - applied < 3
    assert _await(lambda: not _supervisors(scene))
    [change] = scene.changes()
    assert (change["state"], change["undoing"]["why"]) == ("undone", "it was not confirmed in time")
    late = scene.run("confirm")
    assert (late.returncode, "it was not confirmed in time" in late.stderr) == (3, True)


def test_what_is_confirmed_stays(scene: Scene) -> None:
    """The supervisor goes when it sees that, and not before."""
    scene.apply(f"{FIN}=30", options=("--confirm-within=1h", "--baseline=0"))
    assert len(_supervisors(scene)) == 1
    assert scene.run("confirm").returncode == 0
    assert _await(lambda: not _supervisors(scene))
    assert scene.get(FIN) == "30"
    assert scene.changes()[0]["state"] == "kept"


def test_another_change_waits_for_the_confirmation(scene: Scene) -> None:
    """Two changes under way in one namespace could not be told apart."""
    scene.apply(f"{FIN}=30", options=("--confirm-within=1h", "--baseline=0"))
    done = scene.apply(f"{REUSE}=1")
    assert (done.returncode, "change 1 waits for its confirmation" in done.stderr) == (3, True)
    assert scene.run("rollback", "--yes").returncode == 0
    assert scene.apply(f"{REUSE}=1").returncode == 0


def _apply_on_a_terminal_and_close_it(command: list[str]) -> None:
    child, terminal = pty.fork()
    if child == 0:
        os.execv("/bin/sh", ["sh", "-c", f"{' '.join(command)}; exec sleep 600"])  # noqa: S606 - the words are ours
    shown = b""
    while b"unless you run" not in shown:
        shown += os.read(terminal, 1000)
    os.close(terminal)  # the kernel sends SIGHUP to all that runs on it
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == -signal.SIGHUP


def test_it_is_undone_when_the_terminal_is_gone(scene: Scene) -> None:
    """The shell dies of the hangup, the supervisor does not."""
    command = scene.command("apply", scene.plan(f"{FIN}=30"), "--yes", *_WITHIN)
    scene.lab.server.call(_apply_on_a_terminal_and_close_it, command)
    assert scene.get(FIN) == "30"
    assert _await(lambda: scene.get(FIN) == "60")


def _apply_on_a_terminal_and_stay(command: list[str]) -> str:
    child, terminal = pty.fork()
    if child == 0:
        os.execv("/bin/sh", ["sh", "-c", f"{' '.join(command)}; exec sleep 600"])  # noqa: S606 - the words are ours
    shown = b""
    while b"is undone" not in shown.partition(b"unless you run")[2]:
        shown += os.read(terminal, 1000)
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    return shown.decode()


def test_whoever_is_still_there_is_told(scene: Scene) -> None:
    """On the terminal where it was applied."""
    command = scene.command("apply", scene.plan(f"{FIN}=30"), "--yes", *_WITHIN)
    shown = scene.lab.server.call(_apply_on_a_terminal_and_stay, command)
    assert "lastack: change 1 is undone: it was not confirmed in time" in shown


def _die_while_writing(command: list[str]) -> int:
    """Run lastack up to its third write to a setting, and kill it there."""
    from lastack.cli.main import main  # noqa: PLC0415 - only in here

    child = os.fork()
    if child == 0:
        writes = 0

        def write(key: str, value: str, root: str = setting.PROC_SYS) -> None:
            nonlocal writes
            writes += 1
            if writes == 3:
                os.kill(os.getpid(), signal.SIGKILL)
            original(key, value, root)

        original, setting.write = setting.write, write
        main(command[3:])
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def test_it_is_undone_at_once_when_lastack_is_killed_on_the_way(scene: Scene) -> None:
    """The supervisor sees that its maker is dead, and does not wait for the deadline."""
    plan = scene.plan(f"{FIN}=30", f"{REUSE}=1", "net.ipv4.tcp_rfc1337=1")
    command = scene.command("apply", plan, "--yes", "--confirm-within=1h", "--baseline=0")
    assert scene.lab.server.call(_die_while_writing, command) == -signal.SIGKILL
    assert _await(lambda: (scene.get(FIN), scene.get(REUSE)) == ("60", "2"))
    assert _await(lambda: not _supervisors(scene))
    [change] = scene.changes()
    assert (change["state"], change["undoing"]["why"]) == ("undone", "lastack died while it was changing settings")


def test_without_its_supervisor_the_next_command_undoes_it(scene: Scene) -> None:
    """Killed as well, it leaves the work to `lastack rollback`, which knows that the time is over."""
    scene.apply(f"{FIN}=30", options=_WITHIN)
    [supervisor] = _supervisors(scene)
    scene.lab.server.call(os.kill, supervisor, signal.SIGKILL)
    time.sleep(1.1)
    assert scene.get(FIN) == "30"
    assert "not confirmed in time: the next `lastack rollback`" in scene.run("journal").stdout
    done = scene.run("rollback")
    assert (done.returncode, "it was not confirmed in time" in done.stdout) == (0, True)
    assert scene.get(FIN) == "60"


def test_a_reboot_ends_it(scene: Scene) -> None:
    """In another boot there is nothing to confirm, and nothing to undo."""
    scene.apply(f"{FIN}=30", options=("--confirm-within=1h", "--baseline=0", "--persist"))
    assert scene.state_of(1, "another boot") == "rebooted"
    scene.run("rollback", "--yes")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_polite_signal_never_leaves_half_a_change(scene: Scene, number: signal.Signals) -> None:
    """It waits until the work is done, and then ends lastack: all is written, or nothing is."""
    for delay_ms in range(60, 130, 10):
        plan = scene.plan(f"{FIN}=30", f"{REUSE}=1")
        process = scene.lab.server.popen(
            scene.command("apply", plan, "--yes"), stdout=subprocess.PIPE, stderr=subprocess.PIPE
        )
        time.sleep(delay_ms / 1000)
        process.send_signal(number)
        process.communicate()
        values = scene.get(FIN), scene.get(REUSE)
        assert values in {("30", "1"), ("60", "2")}
        if values == ("30", "1"):
            assert scene.changes()[-1]["state"] == "kept"
            scene.run("rollback", "--yes")
