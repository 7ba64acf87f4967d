"""The commands that hosts run, run here by the same shell, in a namespace of its own."""

from collections.abc import Sequence

import pytest

from lastack.errors import InputError
from lastack.fleet.remote import look, looked, put, watch, watched
from lastack.kernel.counters import read_counters
from lastack.lab import Lab
from tests.cli.running import Done

FIN, PORTS = "net.ipv4.tcp_fin_timeout", "net.ipv4.ip_local_port_range"


def _run(lab: Lab, command: Sequence[str]) -> Done:
    done: Done = lab.server.run(command, capture_output=True, text=True)
    return done


def test_settings_are_read(lab: Lab) -> None:
    """In the order of the keys, one space between numbers."""
    done = _run(lab, look([PORTS, FIN]))
    assert looked([PORTS, FIN], done.stdout) == {PORTS: "32768 60999", FIN: "60"}
    assert looked([PORTS, FIN], done.stdout.rstrip("\n"))[FIN] == "60"  # as Ansible hands it on


def test_settings_are_written_and_read_back(lab: Lab) -> None:
    """The kernel has them, and the answer is what it has."""
    wanted = {PORTS: "40000 50000", FIN: "17"}
    assert looked(wanted, _run(lab, put(wanted)).stdout) == wanted
    assert (lab.server.get(FIN), lab.server.get(PORTS).split()) == ("17", ["40000", "50000"])


def test_it_ends_where_the_kernel_refuses(lab: Lab) -> None:
    """With an exit code; what comes after is not written."""
    assert _run(lab, put({PORTS: "many", FIN: "17"})).returncode != 0
    assert lab.server.get(FIN) == "60"
    assert _run(lab, look(["net.ipv4.no_such", FIN])).returncode != 0


def test_a_value_is_no_shell(lab: Lab) -> None:
    """Whatever is in it, it is written and not run."""
    done = _run(lab, put({FIN: "$(echo 17)`echo 17`; sysctl -w net.ipv4.tcp_fin_timeout=17"}))
    assert done.returncode != 0
    assert lab.server.get(FIN) == "60"


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


def test_too_many_or_too_few_values() -> None:
    """They cannot be told apart then."""
    for output in ("60", "60\n1\n2"):
        with pytest.raises(InputError):
            looked([FIN, PORTS], output)
