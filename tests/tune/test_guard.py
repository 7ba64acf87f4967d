"""The guard, over a load that really runs in the lab."""

import time

from lastack.lab.load import Load
from tests.tune.scene import Scene

RANGE = "net.ipv4.ip_local_port_range"
FIN = "net.ipv4.tcp_fin_timeout"
_GUARDED = ("--confirm-within=60s", "--baseline=3s")


def _last(scene: Scene, patience_s: float) -> dict[str, object]:
    """The last change, once it does not wait any more or patience is over."""
    until = time.monotonic() + patience_s
    while (change := scene.changes()[-1])["state"] == "waiting" and time.monotonic() < until:
        time.sleep(0.1)
    return change


def test_a_change_that_makes_the_load_fail_is_undone_by_itself(scene: Scene) -> None:
    """A slip of the pen leaves twelve ports: soon no connection can be opened, and no counter of failures says so."""
    load = scene.lab.start(Load(seconds=60, rate=200, opener="server", closer="server"))
    done = scene.apply(f"{RANGE}=65000 65011", options=_GUARDED)
    assert done.returncode == 0, done.stderr
    change = _last(scene, 20)
    load.stop()
    assert change["state"] == "undone"
    undoing = change["undoing"]
    assert isinstance(undoing, dict)
    assert undoing["why"].startswith("connections opened: ")
    assert scene.get(RANGE) == "32768 60999"


def test_resets_are_harm_too(scene: Scene) -> None:
    """With no room for TIME_WAIT, the peers' last words are answered with RST."""
    load = scene.lab.start(Load(seconds=60, rate=200, closer="server", hold_s=0.05))
    done = scene.apply("net.ipv4.tcp_max_tw_buckets=0", options=_GUARDED)
    assert done.returncode == 0, done.stderr
    change = _last(scene, 20)
    load.stop()
    assert change["state"] == "undone", change
    undoing = change["undoing"]
    assert isinstance(undoing, dict)
    assert "at most 0.0/s in the 3 s before" in undoing["why"]


def test_a_change_that_does_no_harm_stays(scene: Scene) -> None:
    """The same load, a harmless setting: nothing happens for as long as it takes to see harm three times over."""
    load = scene.lab.start(Load(seconds=60, rate=200, opener="server", closer="server"))
    done = scene.apply(f"{FIN}=30", options=_GUARDED)
    assert done.returncode == 0, done.stderr
    change = _last(scene, 5)
    assert change["state"] == "waiting", change
    assert scene.run("confirm").returncode == 0
    load.stop()
    assert scene.get(FIN) == "30"
