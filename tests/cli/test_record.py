"""``lastack record``: into the store, until told to stop, whatever the disk says."""

import json
import os
import signal
import subprocess
import sys
import time
from itertools import pairwise
from pathlib import Path

from lastack.errors import InputError
from lastack.lab import Cohort, Lab
from lastack.store.reader import Reader
from tests.cli.running import lastack, lastack_in
from tests.tune.mounts import own_mounts, small_disk
from tests.tune.private_systemd import System, booted

_PATIENCE_S = 20.0
_UNIT = "lastack-record.service"
_STORE = "/var/lib/lastack-recorder/store.db"


def samples(store: Path) -> int:
    """How many there are; none before there is a store."""
    try:
        with Reader(str(store)) as reader:
            extent = reader.extent()
    except InputError as error:
        assert error.slug == "no-such-store"  # noqa: PT017 - or it is read
        return 0
    return extent.samples if extent else 0


def test_once_is_one_sample(tmp_path: Path) -> None:
    """Of the namespace, as a snapshot of the same moment has it."""
    store = tmp_path / "store.db"
    with Lab() as lab:
        lab.populate([Cohort("LISTEN", 1), Cohort("TIME_WAIT", 77)])
        assert lastack_in(lab, "record", "--once", "--store", str(store)).returncode == 0
        snapshot = json.loads(lastack_in(lab, "snapshot").stdout)
    with Reader(str(store)) as reader:
        extent = reader.extent()
        assert extent is not None
        recorded = reader.at(extent.last_ms)
    assert recorded is not None
    assert recorded.settings == snapshot["settings"]
    assert recorded.netns == snapshot["netns"]
    assert [(one.state, one.count) for one in recorded.cohorts] == [("TIME_WAIT", 77)]


def _await_samples(store: Path, least: int) -> None:
    until = time.monotonic() + _PATIENCE_S
    while samples(store) < least:
        assert time.monotonic() < until, "no samples came"
        time.sleep(0.02)


def test_it_records_until_it_is_told_to_stop(tmp_path: Path) -> None:
    """On its beat, and SIGTERM is a proper end."""
    store = tmp_path / "store.db"
    command = [sys.executable, "-m", "lastack", "record", "--every", "0.1", "--store", str(store)]
    with subprocess.Popen(command, stderr=subprocess.DEVNULL) as recorder:
        try:
            _await_samples(store, 15)
            recorder.terminate()
            assert recorder.wait(_PATIENCE_S) == 0
        finally:
            recorder.kill()
    with Reader(str(store)) as reader:
        uptimes = [one.uptime_s for one in reader.between(0, 1 << 60)]
    steps = sorted(later - earlier for earlier, later in pairwise(uptimes))
    assert 0.09 < steps[len(steps) // 2] < 0.2


def _record_on_a_small_disk(folder: str) -> tuple[str, bool]:
    """Let the disk be full for a while; what the recorder said, and whether it went on."""
    own_mounts()
    small_disk(folder, 2_000_000)
    store, ballast = Path(folder, "store.db"), Path(folder, "ballast")
    command = [sys.executable, "-m", "lastack", "record", "--every", "0.1", "--store", str(store)]
    with subprocess.Popen(command, stderr=subprocess.PIPE) as recorder:
        assert recorder.stderr is not None
        _await_samples(store, 2)
        ballast.write_bytes(b"x" * 4096)
        with ballast.open("ab", 0) as file:
            try:
                while True:
                    file.write(b"x" * 4096)
            except OSError:
                pass
            said = b""
            while b"not recorded" not in said:
                said += recorder.stderr.readline()
            before = samples(store)
        ballast.unlink()
        _await_samples(store, before + 3)
        os.kill(recorder.pid, signal.SIGTERM)
        said += recorder.stderr.read()
        return said.decode(), recorder.wait() == 0


def test_a_full_disk_is_waited_out(tmp_path: Path) -> None:
    """Once it is said, samples are missed, and recording goes on when there is room."""
    with Lab() as lab:
        said, ended_well = lab.server.call(_record_on_a_small_disk, str(tmp_path))
    assert said.count("not recorded: ") == 1
    assert "full" in said
    assert "recording again; " in said
    assert ended_well


def test_snapshots_come_in(tmp_path: Path) -> None:
    """Any number of files, one of several samples too; the store lists what it has."""
    store, one, two = (tmp_path / name for name in ("store.db", "one.json", "two.json"))
    with Lab() as lab:
        one.write_text(lastack_in(lab, "snapshot").stdout)
        two.write_text("".join(lastack_in(lab, "snapshot").stdout for _ in range(2)))
    done = lastack("record", "--store", str(store), "--import", str(two), str(one))
    assert (done.returncode, samples(store)) == (0, 3)
    assert ": 3 samples, " in lastack("record", "--store", str(store), "--list").stdout


def test_what_is_no_snapshot_changes_nothing(tmp_path: Path) -> None:
    """One bad file of two, and the store is not even made."""
    good, bad = tmp_path / "good.json", tmp_path / "bad.json"
    good.write_text(lastack("snapshot").stdout)
    bad.write_text("{}")
    done = lastack("record", "--store", str(tmp_path / "store.db"), "--import", str(good), str(bad))
    assert done.returncode == 2
    assert not (tmp_path / "store.db").exists()


def test_bad_lengths_and_sizes_are_usage_errors(tmp_path: Path) -> None:
    """With what would be right."""
    for option, value in (("--every", "0"), ("--keep", "ever"), ("--keep", "3dd"), ("--max-size", "12")):
        done = lastack("record", "--store", str(tmp_path / "s"), option, value)
        assert done.returncode == 2
        assert option in done.stderr


def test_old_samples_go(tmp_path: Path) -> None:
    """--keep and --max-size are the store's: samples of a time long ago are gone after the next one is recorded."""
    store, old = tmp_path / "store.db", tmp_path / "old.json"
    document = json.loads(lastack("snapshot").stdout) | {"taken_at": "2020-01-01T00:00:00Z", "boot_id": "old"}
    old.write_text(json.dumps(document))
    assert lastack("record", "--store", str(store), "--import", str(old)).returncode == 0
    assert lastack("record", "--store", str(store), "--once", "--keep", "30d").returncode == 0
    assert samples(store) == 1


def _install(system: System, text: str) -> None:
    system.run("sh", "-c", f"cat > /run/systemd/system/{_UNIT} << 'END'\n{text}\nEND")
    system.run("systemctl", "daemon-reload")


def test_the_unit_is_hardened() -> None:
    """The analysis of systemd itself finds an exposure of 2.5 at most, and nothing wrong with the file."""
    with booted() as system:
        _install(system, lastack("record", "--unit").stdout)
        done = system.run("systemd-analyze", "security", "--offline=true", "--no-pager", "--threshold=25", _UNIT)
        verified = system.run("systemd-analyze", "verify", "--man=no", _UNIT)
    assert done.returncode == 0, done.stdout + done.stderr
    assert [line for line in verified.stderr.splitlines() if "is not executable" not in line] == []


def test_the_unit_records() -> None:
    """Within all its walls but two: the interpreter of these tests may lie below /root, and there are no more users."""
    text = lastack("record", "--unit").stdout
    here = f"{sys.executable} -m lastack"
    paths = ":".join(filter(None, sys.path))
    for old, new in (
        ("/usr/bin/lastack", here),
        ("DynamicUser=yes", f"Environment=PYTHONPATH={paths}"),
        ("ProtectHome=yes", "ProtectHome=no"),
    ):
        assert old in text
        text = text.replace(old, new)
    with booted() as system:
        _install(system, text)
        system.run("systemctl", "start", _UNIT)
        look = ["env", f"PYTHONPATH={paths}", *here.split(), "census", "--json", "--at", "now", "--store", _STORE]
        until = time.monotonic() + _PATIENCE_S
        while (done := system.run(*look)).returncode and time.monotonic() < until:
            time.sleep(0.1)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["warnings"] == []
