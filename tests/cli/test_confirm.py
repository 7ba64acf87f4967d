"""``lastack confirm`` as a user runs it."""

import json

from tests.tune.scene import Scene

FIN = "net.ipv4.tcp_fin_timeout"
_WITHIN = ("--confirm-within=1h", "--baseline=0")


def test_the_one_that_waits_is_confirmed(scene: Scene) -> None:
    """Without a number; who did it is on record."""
    scene.apply(f"{FIN}=30", options=_WITHIN)
    done = scene.run("confirm", "--json")
    assert done.returncode == 0, done.stderr
    document = json.loads(done.stdout)
    assert (document["state"], document["confirmed"]["by"]["user"]) == ("kept", "root")
    assert scene.get(FIN) == "30"


def test_nothing_waits(scene: Scene) -> None:
    """No journal at all; a change that needs no confirmation; one that is not there."""
    assert scene.run("confirm").returncode == 3
    scene.apply(f"{FIN}=30")
    done = scene.run("confirm", "1")
    assert (done.returncode, "change 1 needs no confirmation" in done.stderr) == (3, True)
    done = scene.run("confirm", "9")
    assert (done.returncode, "there is no change 9" in done.stderr) == (2, True)


def test_what_is_undone_cannot_be_confirmed(scene: Scene) -> None:
    """The reason is said."""
    scene.apply(f"{FIN}=30", options=_WITHIN)
    scene.run("rollback", "--yes")
    done = scene.run("confirm", "1")
    assert (done.returncode, "change 1 is undone already (asked for)" in done.stderr) == (3, True)
