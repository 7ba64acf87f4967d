"""The file in sysctl.d: only what was confirmed, only ours, and taken back line by line."""

import os
import subprocess
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

import pytest

from lastack.tune import setting
from lastack.tune.persist import FILE, FOLDER
from tests.tune.mounts import own_mounts, small_disk
from tests.tune.scene import Scene

FIN = "net.ipv4.tcp_fin_timeout"
REUSE = "net.ipv4.tcp_tw_reuse"
OURS = Path(FOLDER, FILE)

Action = list[str] | Callable[[], object]


class After(NamedTuple):
    """How a command ended, and our file's lines then; None: there is no file."""

    code: int
    text: str
    lines: list[str] | None


def _run_all(actions: Sequence[Action]) -> list[After]:
    """Run commands and functions with an empty /etc/sysctl.d; what came after each command."""
    own_mounts()
    small_disk(FOLDER, 1 << 20)
    after = []
    for action in actions:
        if callable(action):
            action()
        else:
            done = subprocess.run(action, capture_output=True, text=True, check=False)
            after.append(After(done.returncode, done.stdout + done.stderr, _lines()))
    return after


def _lines() -> list[str] | None:
    if OURS.is_symlink() or not OURS.exists():
        return None
    return [line for line in OURS.read_text().splitlines() if not line.startswith("#")]


def _after(scene: Scene, *actions: Action) -> list[After]:
    return scene.lab.server.call(_run_all, actions)


def test_lines_come_and_go_with_their_changes(scene: Scene) -> None:
    """Two changes share the file; undoing one leaves the other's line, undoing both leaves no file."""
    after = _after(
        scene,
        scene.command("apply", scene.plan(f"{FIN}=30"), "--yes", "--persist"),
        scene.command("apply", scene.plan(f"{REUSE}=1"), "--yes", "--persist"),
        scene.command("rollback", "1", "--yes"),
        scene.command("rollback", "2", "--yes"),
    )
    assert [item.code for item in after] == [0, 0, 0, 0], after
    assert [item.lines for item in after] == [[f"{FIN} = 30"], [f"{FIN} = 30", f"{REUSE} = 1"], [f"{REUSE} = 1"], None]


def test_no_boot_finds_what_was_not_confirmed(scene: Scene) -> None:
    """The file comes with the confirmation, and not with what is undone instead."""
    apply = scene.command("apply", scene.plan(f"{FIN}=30"), "--yes", "--persist", "--confirm-within=1h", "--baseline=0")
    after = _after(scene, apply, scene.command("rollback", "--yes"), apply, scene.command("confirm"))
    assert [item.code for item in after] == [0, 0, 0, 0], after
    assert [item.lines for item in after] == [None, None, None, [f"{FIN} = 30"]]


def test_the_file_is_plain_and_for_all_to_read(scene: Scene) -> None:
    """Whatever the umask; nothing is left beside it."""

    def look() -> None:
        assert OURS.stat().st_mode & 0o7777 == 0o644
        assert [path.name for path in Path(FOLDER).iterdir()] == [FILE]

    apply = scene.command("apply", scene.plan(f"{FIN}=30"), "--yes", "--persist")
    assert _after(scene, lambda: os.umask(0o077), apply, look)[0].code == 0


@pytest.mark.parametrize(
    "spoil",
    [
        lambda: OURS.symlink_to("/etc/hostname"),
        lambda: Path(FOLDER).chmod(0o777),
        lambda: OURS.write_text("# by hand\nnet.core.somaxconn=1\n"),
        lambda: OURS.write_text("-net.core.somaxconn = 1\n"),
    ],
)
def test_what_is_not_as_we_wrote_it_is_left_as_it_is(scene: Scene, spoil: Callable[[], object]) -> None:
    """A link, a folder that others may write, lines of somebody else: refused, and the settings are undone."""

    def look() -> None:
        assert setting.read(FIN) == "60"

    [after] = _after(scene, spoil, scene.command("apply", scene.plan(f"{FIN}=30"), "--yes", "--persist"), look)
    assert after.code == 3
    assert "nothing is changed" in after.text


def test_a_line_that_somebody_edited_stays(scene: Scene) -> None:
    """It is said, and the rest is undone."""
    apply = scene.command("apply", scene.plan(f"{FIN}=30", f"{REUSE}=1"), "--yes", "--persist")

    def edit() -> None:
        OURS.write_text(OURS.read_text().replace(f"{FIN} = 30", f"{FIN} = 40"))

    after = _after(scene, apply, edit, scene.command("rollback", "--yes"))
    assert after[-1].code == 0
    assert after[-1].lines == [f"{FIN} = 40"]
    assert f"{OURS}: {FIN} is 40, which somebody else set since: left alone" in after[-1].text


def test_a_later_file_that_overrides_it_is_said(scene: Scene) -> None:
    """By name and line, if it sets another value; a file that is read earlier does not matter."""
    apply = scene.command("apply", scene.plan(f"{FIN}=30", f"{REUSE}=1"), "--yes", "--persist")

    def others() -> None:
        Path(FOLDER, "10-early.conf").write_text(f"{FIN} = 11\n{REUSE} = 0\n")
        Path(FOLDER, "99-zz.conf").write_text(f"# later\n{FIN}=45\n{REUSE}=1\n")

    [after] = _after(scene, others, apply)
    assert after.code == 0
    assert f"line 2 of {FOLDER}/99-zz.conf comes later, sets {FIN} = 45, and wins at boot" in after.text
    assert "10-early" not in after.text
    assert REUSE not in after.text.partition("written and read back")[2]


def test_a_confirmation_whose_file_failed_can_be_repeated(scene: Scene) -> None:
    """The change stays; the file comes with the second try."""
    apply = scene.command("apply", scene.plan(f"{FIN}=30"), "--yes", "--persist", "--confirm-within=1h", "--baseline=0")
    confirm = scene.command("confirm")
    after = _after(scene, apply, lambda: OURS.symlink_to("x"), confirm, OURS.unlink, confirm)
    assert [(item.code, item.lines) for item in (after[0], after[2])] == [(0, None), (0, [f"{FIN} = 30"])]
    assert after[1].code == 3
