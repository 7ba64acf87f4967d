"""The commands that hosts run, run here by the same shell, in a namespace of its own."""

import secrets
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import pytest

from lastack.errors import InputError
from lastack.fleet.remote import Promise, confirm, look, looked, put, told, watch, watched
from lastack.kernel.counters import read_counters
from lastack.lab import Lab
from tests.cli.running import Done

FIN, PORTS = "net.ipv4.tcp_fin_timeout", "net.ipv4.ip_local_port_range"
BEFORE = {FIN: "60", PORTS: "32768 60999"}
_PATIENCE_S = 30.0


def _run(lab: Lab, command: Sequence[str]) -> Done:
    done: Done = lab.server.run(command, capture_output=True, text=True)
    return done


def _put(lab: Lab, values: Mapping[str, str], mark: str = "", within_s: int = 0) -> Done:
    return _run(lab, put(values, BEFORE, Promise(mark or secrets.token_hex(8), within_s)))


def _waiting(mark: str) -> list[Path]:
    return list(Path("/run").glob(f"lastack-rollout-{mark}*"))


def _until(holds: Callable[[], bool]) -> None:
    until = time.monotonic() + _PATIENCE_S
    while not holds():
        assert time.monotonic() < until
        time.sleep(0.05)


def test_settings_are_read(lab: Lab) -> None:
    """In the order of the keys, one space between numbers."""
    done = _run(lab, look([PORTS, FIN]))
    assert looked([PORTS, FIN], done.stdout) == {PORTS: "32768 60999", FIN: "60"}
    assert looked([PORTS, FIN], done.stdout.rstrip("\n"))[FIN] == "60"  # as Ansible hands it on


def test_settings_are_written_and_read_back(lab: Lab) -> None:
    """The kernel has them, and the answer is what it has; without a promise, nothing is left there."""
    wanted = {PORTS: "40000 50000", FIN: "17"}
    assert told(wanted, _put(lab, wanted, "0f").stdout) == ("none", wanted)
    assert (lab.server.get(FIN), lab.server.get(PORTS).split()) == ("17", ["40000", "50000"])
    assert not _waiting("0f")


def test_it_ends_where_the_kernel_refuses(lab: Lab) -> None:
    """With an exit code; what comes after is not written."""
    assert _put(lab, {PORTS: "many", FIN: "17"}).returncode != 0
    assert lab.server.get(FIN) == "60"
    assert _run(lab, look(["net.ipv4.no_such", FIN])).returncode != 0


def test_a_value_is_no_shell(lab: Lab) -> None:
    """Whatever is in it, it is written and not run."""
    done = _put(lab, {FIN: "$(echo 17)`echo 17`; sysctl -w net.ipv4.tcp_fin_timeout=17"})
    assert done.returncode != 0
    assert lab.server.get(FIN) == "60"


def test_unconfirmed_it_is_put_back(lab: Lab) -> None:
    """All values, though the terminal is gone; who asks later is told, once."""
    mark = secrets.token_hex(8)
    wanted = {FIN: "17", PORTS: "40000 50000"}
    assert told(wanted, _put(lab, wanted, mark, within_s=2).stdout) == ("none", wanted)
    (process,) = _waiting(mark)
    lab.server.run(["kill", f"-{int(signal.SIGHUP)}", process.read_text().strip()])
    _until(lambda: lab.server.get(FIN) == "60")
    _until(lambda: [path.name for path in _waiting(mark)] == [f"lastack-rollout-{mark}.undone"])
    assert lab.server.get(PORTS).split() == BEFORE[PORTS].split()
    assert told(BEFORE, _run(lab, confirm(BEFORE, mark)).stdout) == ("undone", BEFORE)
    assert told(BEFORE, _run(lab, confirm(BEFORE, mark)).stdout) == ("none", BEFORE)
    assert not _waiting(mark)


def test_confirmed_it_stays(lab: Lab) -> None:
    """The process that waited ends, and does nothing."""
    mark = secrets.token_hex(8)
    _put(lab, {FIN: "17"}, mark, within_s=2)
    (process,) = _waiting(mark)
    pid = process.read_text().strip()
    assert told([FIN], _run(lab, confirm([FIN], mark)).stdout) == ("waiting", {FIN: "17"})
    _until(lambda: lab.server.run(["kill", "-0", pid], capture_output=True).returncode != 0)
    assert lab.server.get(FIN) == "17"
    assert not _waiting(mark)


def test_a_later_promise_takes_the_place_of_an_earlier(lab: Lab) -> None:
    """What was to be put back in two seconds stays for as long as the second one says."""
    mark = secrets.token_hex(8)
    _put(lab, {FIN: "17"}, mark, within_s=2)
    (process,) = _waiting(mark)
    pid = process.read_text().strip()
    assert told([FIN], _put(lab, {FIN: "18"}, mark, within_s=60).stdout) == ("waiting", {FIN: "18"})
    _until(lambda: lab.server.run(["kill", "-0", pid], capture_output=True).returncode != 0)
    assert lab.server.get(FIN) == "18"
    assert told([FIN], _put(lab, {FIN: "60"}, mark).stdout) == ("waiting", {FIN: "60"})
    assert not _waiting(mark)


def test_a_promise_that_cannot_be_kept_any_more(lab: Lab) -> None:
    """Somebody ended the process: whoever confirms is told."""
    mark = secrets.token_hex(8)
    _put(lab, {FIN: "17"}, mark, within_s=60)
    (process,) = _waiting(mark)
    pid = process.read_text().strip()
    lab.server.run(["kill", "-9", pid])
    _until(lambda: lab.server.run(["kill", "-0", pid], stderr=subprocess.DEVNULL).returncode != 0)
    assert told([FIN], _run(lab, confirm([FIN], mark)).stdout) == ("dead", {FIN: "17"})


def test_a_value_that_is_refused_leaves_the_promise(lab: Lab) -> None:
    """So what was written before it is put back, whatever becomes of the controller."""
    mark = secrets.token_hex(8)
    assert _put(lab, {FIN: "17", PORTS: "many"}, mark, within_s=1).returncode != 0
    _until(lambda: lab.server.get(FIN) == "60")
    _run(lab, confirm([FIN], mark))


def test_counters_are_watched(lab: Lab) -> None:
    """So many readings, so far apart on the host's own clock, with the namespace's own numbers."""
    readings = watched(_run(lab, watch(3, 0.2)).stdout)
    assert len(readings) == 3
    assert 0.35 <= readings[-1].at_s - readings[0].at_s < 5
    expected = lab.server.call(read_counters, "/proc/self/net")
    for table, counters in readings[-1].counters.items():
        assert set(counters) <= set(expected[table])
    assert readings[0].counters["Tcp"]["ActiveOpens"] == expected["Tcp"]["ActiveOpens"] == 0


@pytest.mark.parametrize("output", ["", "Welcome!\n", "Welcome!\n1 2\nTcp: A\nTcp: 1", "1.0 2.0\nTcp: A B\nTcp: 1"])
def test_other_output_is_an_error(output: str) -> None:
    """A banner, or half of a file."""
    with pytest.raises(InputError):
        watched(output)


@pytest.mark.parametrize("output", ["", "Welcome!\n60\n", "waiting\n", "60\n"])
def test_an_answer_that_is_none(output: str) -> None:
    """Without the word that comes first, or without the values."""
    with pytest.raises(InputError):
        told([FIN, PORTS], output)


def test_too_many_or_too_few_values() -> None:
    """They cannot be told apart then."""
    for output in ("60", "60\n1\n2"):
        with pytest.raises(InputError):
            looked([FIN, PORTS], output)
