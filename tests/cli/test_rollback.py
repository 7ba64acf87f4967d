"""``lastack rollback`` as a user runs it."""

import json
import os
import pty

from tests.tune.scene import Scene

FIN = "net.ipv4.tcp_fin_timeout"


def _decline(command: list[str]) -> tuple[int, str]:
    child, terminal = pty.fork()
    if child == 0:
        os.execv(command[0], command)  # noqa: S606 - no shell is wanted
    shown = b""
    while b"[y/N] " not in shown:
        shown += os.read(terminal, 1000)
    os.write(terminal, b"n\n")
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), shown.decode()


def test_it_shows_and_asks_on_a_terminal_alone(scene: Scene) -> None:
    """A script that undoes must not stand still."""
    scene.apply(f"{FIN}=30")
    code, shown = scene.lab.server.call(_decline, scene.command("rollback"))
    assert (code, scene.get(FIN)) == (1, "30")
    assert f"{FIN}  30 -> 60" in shown
    assert "Undo change 1? [y/N]" in shown
    assert scene.run("rollback").returncode == 0
    assert scene.get(FIN) == "60"


def test_json_is_the_change(scene: Scene) -> None:
    """With how it ended."""
    scene.apply(f"{FIN}=30")
    document = json.loads(scene.run("rollback", "--json").stdout)
    assert (document["state"], document["undoing"]["why"]) == ("undone", "asked for")
    assert document == scene.changes()[0]


def test_the_token_of_another_change_undoes_nothing(scene: Scene) -> None:
    """The deadline's own call names the change by number and token, and spares what is confirmed."""
    scene.apply(f"{FIN}=30", options=("--confirm-within=1h", "--baseline=0"))
    token = scene.changes()[0]["token"]
    assert scene.run("rollback", "1", "--unless-confirmed=x").returncode == 0
    assert scene.get(FIN) == "30"
    assert scene.run("confirm").returncode == 0
    assert scene.run("rollback", "1", f"--unless-confirmed={token}").returncode == 0
    assert scene.get(FIN) == "30"


def test_no_journal_is_nothing_to_undo(scene: Scene) -> None:
    """And a number that is not there is an error."""
    done = scene.run("rollback")
    assert (done.returncode, done.stdout) == (0, "no change is in effect, so there is nothing to undo\n")
    assert scene.run("rollback", "3").returncode == 2
