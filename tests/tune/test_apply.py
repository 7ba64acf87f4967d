"""Applying: all of it or nothing, whatever fails."""

import json
import re
import subprocess
import sys
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

import pytest

from lastack.tune import setting
from tests.tune.kills import SETTINGS
from tests.tune.mounts import own_mounts, read_only, small_disk
from tests.tune.scene import Scene

FIN = "net.ipv4.tcp_fin_timeout"
REUSE = "net.ipv4.tcp_tw_reuse"
RANGE = "net.ipv4.ip_local_port_range"
DEFAULTS = {FIN: "60", REUSE: "2", RANGE: "32768 60999"}
WISHES = (f"{FIN}=30", f"{REUSE}=1", f"{RANGE}=10240 65535")


class Ended(NamedTuple):
    """How a command ended, and what the settings were then."""

    code: int
    errors: str
    values: dict[str, str | None]


def _with(prepare: Callable[[], None], command: Sequence[str]) -> Ended:
    own_mounts()
    prepare()
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return Ended(done.returncode, done.stderr, {key: setting.read(key) for key in DEFAULTS})


def _apply_with(scene: Scene, prepare: Callable[[], None], *options: str) -> Ended:
    """Apply three wishes in mounts of its own."""
    return scene.lab.server.call(_with, prepare, scene.command("apply", scene.plan(*WISHES), "--yes", *options))


def test_every_setting_is_written_and_on_record(scene: Scene) -> None:
    """From what to what, when, by whom, where."""
    done = scene.apply(*WISHES)
    assert done.returncode == 0, done.stderr
    assert {key: scene.get(key) for key in DEFAULTS} == {FIN: "30", REUSE: "1", RANGE: "10240 65535"}
    [change] = scene.changes()
    assert change["state"] == "kept"
    assert [(item["key"], item["before"], item["now"]) for item in change["items"]] == [
        (FIN, "60", "30"),
        (REUSE, "2", "1"),
        (RANGE, "32768 60999", "10240 65535"),
    ]
    assert change["by"]["user"] == "root"
    assert change["place"]["netns"].startswith("net:[")


def test_what_the_kernel_rounds_is_said_and_can_be_undone(scene: Scene) -> None:
    """The time is kept in ticks."""
    key = "net.ipv4.neigh.lo.base_reachable_time_ms"
    before = scene.get(key)
    plan = Path(scene.plan(f"{FIN}=30"))
    plan.write_text(plan.read_text().replace(FIN, key).replace('now = "60"\n', "").replace('"30"', '"20001"'))
    done = scene.run("apply", str(plan), "--yes")
    assert f"{key}: the kernel made {scene.get(key)} of 20001" in done.stdout
    assert scene.get(key) not in {before, "20001"}
    assert scene.run("rollback", "--yes").returncode == 0
    assert scene.get(key) == before


def test_a_value_that_the_kernel_refuses_undoes_the_others(scene: Scene) -> None:
    """EINVAL in the middle of a plan."""
    plan = Path(scene.plan(*WISHES))
    plan.write_text(plan.read_text().replace('value = "1"', 'value = "3"'))
    done = scene.run("apply", str(plan), "--yes")
    assert done.returncode == 3
    assert (
        "nothing is changed: net.ipv4.tcp_tw_reuse = 3 cannot be written: the kernel takes no such value" in done.stderr
    )
    assert {key: scene.get(key) for key in DEFAULTS} == DEFAULTS
    assert [change["state"] for change in scene.changes()] == ["undone"]


def test_a_setting_that_is_not_ours_to_write_undoes_the_others(scene: Scene) -> None:
    """EACCES in the middle of a plan: conntrack's limit is the machine's, and can only be read in here."""
    if scene.lab.server.call(setting.read, "net.netfilter.nf_conntrack_max") is None:
        pytest.skip("no nf_conntrack in this kernel")
    plan = Path(scene.plan(*WISHES))
    text = plan.read_text().replace(REUSE, "net.netfilter.nf_conntrack_max").replace('now = "2"\n', "")
    plan.write_text(text)
    done = scene.run("apply", str(plan), "--yes")
    assert (done.returncode, "not yours to write" in done.stderr) == (3, True)
    assert {key: scene.get(key) for key in DEFAULTS} == DEFAULTS


def test_read_only_settings_change_nothing(scene: Scene) -> None:
    """As /proc/sys is in a container; the error says so."""
    ended = _apply_with(scene, lambda: read_only("/proc/sys"))
    assert (ended.code, ended.values) == (3, DEFAULTS)
    assert "/proc/sys is mounted read-only" in ended.errors


def test_one_read_only_setting_undoes_the_others(scene: Scene) -> None:
    """EROFS at the last of three."""
    ended = _apply_with(scene, lambda: read_only("/proc/sys/net/ipv4/ip_local_port_range"))
    assert (ended.code, ended.values) == (3, DEFAULTS)
    assert "mounted read-only" in ended.errors


def test_a_setting_that_is_not_there_is_an_error(scene: Scene) -> None:
    """That is found before anything is written."""
    plan = Path(scene.plan(*WISHES))
    plan.write_text(plan.read_text().replace(REUSE, "net.ipv4.tcp_tw_recycle").replace('now = "2"\n', ""))
    done = scene.run("apply", str(plan), "--yes")
    assert (done.returncode, "net.ipv4.tcp_tw_recycle is not there" in done.stderr) == (3, True)
    assert {key: scene.get(key) for key in DEFAULTS} == DEFAULTS
    assert not (scene.state / "changes/1.jsonl").exists()


@pytest.mark.parametrize("pages", [0, 1, 2, 3])
def test_a_full_disk_changes_nothing(scene: Scene, pages: int) -> None:
    """Whether it is full before the journal is made, at its first line, or while the settings are being written."""
    scene.state.mkdir(mode=0o700)

    def fill() -> None:
        small_disk(str(scene.state), 16 * 4096)
        (scene.state / "changes").mkdir(mode=0o700)
        (scene.state / "lock").touch(0o600)
        with (scene.state / "ballast").open("wb", buffering=0) as ballast:
            ballast.write(bytes((15 - pages) * 4096))

    many = [f"{FIN}=30", f"{REUSE}=1", f"{RANGE}=10240 65535", "net.ipv4.ip_local_reserved_ports=8080"]
    plan = Path(scene.plan(*many))
    ports = ",".join(map(str, range(20_000, 20_000 + 2 * 1000, 2)))  # so that the journal takes pages
    plan.write_text(plan.read_text().replace('"8080"', f'"{ports}"'))
    ended = scene.lab.server.call(_with, fill, scene.command("apply", str(plan), "--yes"))
    if ended.code == 0:
        assert pages == 3
        assert ended.values == {FIN: "30", REUSE: "1", RANGE: "10240 65535"}
    else:
        assert (ended.code, ended.values) == (3, DEFAULTS)
        assert "No space left on device" in ended.errors


def test_a_read_only_etc_undoes_what_was_to_be_persisted(scene: Scene) -> None:
    """Settings without their file are not what was asked for."""
    ended = _apply_with(scene, lambda: read_only("/etc"), "--persist")
    assert (ended.code, ended.values) == (3, DEFAULTS)
    # Who is not the machine's root does not trust its /etc, and does not get as far as writing there.
    assert re.search("/etc/sysctl.d.*(Read-only file system|not to be trusted)", ended.errors)


def test_two_at_once_are_never_mixed(scene: Scene) -> None:
    """Eight start at the same moment with two plans: each ends as one of them, whole, or refuses."""
    plans = [scene.plan(f"{FIN}=31", f"{REUSE}=1"), scene.plan(f"{FIN}=32", f"{REUSE}=0")]
    running = [
        scene.lab.server.popen(
            scene.command("apply", plans[number % 2], "--yes", "--anyway"),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        for number in range(8)
    ]
    threads = [threading.Thread(target=process.communicate) for process in running]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (scene.get(FIN), scene.get(REUSE)) in {("31", "1"), ("32", "0")}
    assert {process.returncode for process in running} <= {0, 3}
    assert {change["state"] for change in scene.changes()} == {"kept"}
    while '"kept"' in scene.run("journal", "--json").stdout:
        assert scene.run("rollback", "--yes").returncode == 0
    assert (scene.get(FIN), scene.get(REUSE)) == ("60", "2")


def test_numbers_are_within_the_budget(scene: Scene) -> None:
    """Twenty settings, journal included: at most 100 ms over start-up, and the same to undo them."""
    code = (
        "import sys, time\n"
        "from lastack.cli.main import main\n"
        "import lastack.cli.apply, lastack.cli.rollback\n"
        "begun = time.perf_counter()\n"
        "try: main(sys.argv[1:])\n"
        "finally: print(time.perf_counter() - begun, file=sys.stderr)\n"
    )
    plan = Path(scene.plan(f"{FIN}=30"))
    head, _, step = plan.read_text().partition("[[step]]")
    steps = [
        f'[[step]]\nkind = "setting"\nbecause = "b"\nreason = "r"\nkey = "{key}"\nvalue = "{values[0]}"\n'
        for key, values in SETTINGS.items()
    ]
    assert step
    plan.write_text(head + "\n".join(steps))
    for arguments in (("apply", str(plan), "--yes"), ("rollback", "--yes")):
        command = [sys.executable, "-c", code, *scene.command(*arguments)[3:]]
        done = scene.lab.server.run(command, capture_output=True, text=True)
        assert float(done.stderr.splitlines()[-1]) < 0.1, done.stderr
    assert json.loads(scene.run("journal", "--json").stdout)["state"] == "undone"
