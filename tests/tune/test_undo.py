"""Undoing: what the change made goes back, what others made stays, what died on the way is finished."""

import pytest
from msgspec.structs import replace

from lastack.tune.journal import Journal
from lastack.tune.record import Wrote, pack
from tests.tune.scene import Scene

FIN = "net.ipv4.tcp_fin_timeout"
REUSE = "net.ipv4.tcp_tw_reuse"


def _cut(scene: Scene, records: int) -> None:
    """Leave only so many lines of the last change, as if its writer had died there."""
    file = max((scene.state / "changes").iterdir(), key=lambda path: int(path.stem))
    file.write_bytes(b"".join(file.read_bytes().splitlines(keepends=True)[:records]))


def test_the_last_change_is_undone_and_then_the_one_before(scene: Scene) -> None:
    """Without a number, one change at a time."""
    scene.apply(f"{FIN}=30")
    scene.apply(f"{FIN}=20", f"{REUSE}=1")
    assert scene.run("rollback", "--yes").returncode == 0
    assert (scene.get(FIN), scene.get(REUSE)) == ("30", "2")
    assert scene.run("rollback", "--yes").returncode == 0
    assert scene.get(FIN) == "60"
    done = scene.run("rollback", "--yes")
    assert (done.returncode, done.stdout) == (0, "no change is in effect, so there is nothing to undo\n")


def test_any_change_can_be_undone(scene: Scene) -> None:
    """An earlier one by its number, where no later one is about the same settings."""
    scene.apply(f"{FIN}=30")
    scene.apply(f"{REUSE}=1")
    assert scene.run("rollback", "1", "--yes").returncode == 0
    assert (scene.get(FIN), scene.get(REUSE)) == ("60", "1")
    assert [change["state"] for change in scene.changes()] == ["undone", "kept"]


def test_a_later_change_of_the_same_setting_is_in_the_way(scene: Scene) -> None:
    """It is named, and nothing is touched."""
    scene.apply(f"{FIN}=30", f"{REUSE}=1")
    scene.apply(f"{FIN}=20")
    done = scene.run("rollback", "1", "--yes")
    assert done.returncode == 3
    assert f"-{FIN} = 30\n+{FIN} = 20\n" in done.stdout
    assert "undo change 2 first" in done.stderr
    assert (scene.get(FIN), scene.get(REUSE)) == ("20", "1")


def test_what_somebody_else_changed_is_shown_and_not_touched(scene: Scene) -> None:
    """Unless forced."""
    scene.apply(f"{FIN}=30", f"{REUSE}=1")
    scene.lab.server.set({REUSE: 0})
    done = scene.run("rollback", "--yes")
    assert done.returncode == 3
    assert f"-{REUSE} = 1\n+{REUSE} = 0\n" in done.stdout
    assert (scene.get(FIN), scene.get(REUSE)) == ("30", "0")
    assert scene.run("rollback", "--yes", "--force").returncode == 0
    assert (scene.get(FIN), scene.get(REUSE)) == ("60", "2")


@pytest.mark.parametrize("records", [1, 2, 3])
def test_a_change_whose_writer_died_is_undone_by_the_next_command(scene: Scene, records: int) -> None:
    """Whichever line was its last: begun, one of two written, both written."""
    scene.apply(f"{FIN}=30", f"{REUSE}=1")
    _cut(scene, records)
    if records < 3:
        scene.lab.server.set({REUSE: 2})
    done = scene.run("apply", scene.plan(f"{FIN}=20"), "--yes", "--anyway")
    assert done.returncode == 0, done.stderr
    assert "change 1 is undone: it was left unfinished" in done.stderr
    assert (scene.get(FIN), scene.get(REUSE)) == ("20", "2")
    assert [change["state"] for change in scene.changes()] == ["undone", "kept"]
    assert scene.run("rollback", "--yes").returncode == 0
    assert scene.get(FIN) == "60"


def test_the_unfinished_change_spares_what_others_changed_since(scene: Scene) -> None:
    """Nobody is there to ask, so that is left alone, said and recorded."""
    scene.apply(f"{FIN}=30", f"{REUSE}=1")
    _cut(scene, 3)
    scene.lab.server.set({FIN: 25})
    done = scene.run("rollback", "--yes")
    assert done.returncode == 0, done.stderr
    assert f"{FIN} is 25, which somebody else set since: left alone" in done.stdout
    assert (scene.get(FIN), scene.get(REUSE)) == ("25", "2")
    [change] = scene.changes()
    assert change["undone"]["left"] == {FIN: "25"}


def test_what_the_kernel_made_of_the_value_being_written_is_undone_too(scene: Scene) -> None:
    """The writer died between the write and its record: neither the value before nor the one asked for is there."""
    key = "net.ipv4.neigh.lo.base_reachable_time_ms"
    before = scene.get(key)
    scene.apply(f"{FIN}=30")
    file = scene.state / "changes/1.jsonl"
    lines = file.read_bytes().splitlines(keepends=True)
    with Journal(str(scene.state)) as journal:
        begun = journal.change(1).begun
    item = begun.items[0]
    scene.lab.server.set({FIN: 60, key: 20_001})
    file.write_bytes(pack(replace(begun, items=[replace(item, key=key, before=before, wanted="20001")])))
    assert lines[1] == pack(Wrote(item=0, now="30"))
    assert scene.run("rollback", "--yes").returncode == 0
    assert scene.get(key) == before


def test_a_setting_that_has_vanished_is_said(scene: Scene) -> None:
    """The settings of an interface go with its name; the others are restored."""
    key = "net.ipv4.conf.lo.rp_filter"
    done = scene.apply(f"{key}=2", f"{FIN}=30")
    assert done.returncode == 0, done.stderr
    for change in (["down"], ["name", "lo1"]):
        scene.lab.server.run(["ip", "link", "set", "lo", *change], check=True)
    done = scene.run("rollback", "--yes")
    assert done.returncode == 0, done.stderr
    assert f"{key} is not there any more" in done.stdout
    assert scene.get(FIN) == "60"
    assert scene.changes()[0]["undone"]["gone"] == [key]


def test_a_dry_run_touches_nothing(scene: Scene) -> None:
    """It says what it would do."""
    scene.apply(f"{FIN}=30")
    done = scene.run("rollback", "--dry-run")
    assert (done.returncode, done.stdout) == (0, f"  {FIN}  30 -> 60\n")
    assert scene.get(FIN) == "30"


def test_to_undo_twice_is_to_undo_once(scene: Scene) -> None:
    """The second time says that it is done."""
    scene.apply(f"{FIN}=30")
    assert scene.run("rollback", "1", "--yes").returncode == 0
    done = scene.run("rollback", "1", "--yes")
    assert (done.returncode, done.stdout) == (0, "change 1: undone\n")
