"""``lastack forecast`` as a user runs it."""

import json
import subprocess
import sys

import pytest

from lastack.lab import Cohort, Lab
from tests.cli.running import lastack, lastack_in


def test_a_load_that_is_described() -> None:
    """1,000 a second through 28,232 ports: 28 s."""
    done = lastack("forecast", "--rate", "1000")
    assert done.returncode == 0
    assert done.stdout.startswith("the load, 1,000/s: no port is left in 28 s\n")
    assert "keep-alive, a pool of 32" in done.stdout
    document = json.loads(lastack("forecast", "--rate", "1000", "--json").stdout)
    assert document["schema"] == "lastack.forecast/1"
    assert document["flows"][0]["full_in_s"] == pytest.approx(28.232)


def test_a_load_that_is_no_trouble() -> None:
    """Nothing to recommend."""
    assert lastack("forecast", "--rate", "100").stdout.splitlines()[0] == "Nothing stands in the way:"


def test_a_host_at_many_times_its_load() -> None:
    """A proxy that has just closed 2,000 connections, seen from inside."""
    with Lab() as lab:
        lab.server.set({"net.ipv4.tcp_tw_reuse": 0})
        lab.populate([Cohort("TIME_WAIT", 2_000, active=True, port=8080, remote="198.18.0.2")])
        done = lastack_in(lab, "forecast", "--times", "10")
    assert "at 10 times its present load" in done.stdout
    assert "198.18.0.1 > 198.18.0.2:8080" in done.stdout
    assert "no port is left in " in done.stdout


@pytest.mark.parametrize(("more", "code"), [([], 0), (["--hosts", "9"], 3)])
def test_only_a_simulation_needs_numpy(more: list[str], code: int) -> None:
    """Arithmetic does without; what cannot do without says so."""
    program = "import sys; sys.modules['numpy'] = None; from lastack.cli.main import main; main(sys.argv[1:])"
    command = [sys.executable, "-c", program, "forecast", "--rate", "1", *more]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, "needs numpy" in done.stderr) == (code, code == 3), done.stderr


def test_a_nat_for_a_day() -> None:
    """The same day again, for the same seed."""
    arguments = ["forecast", "--hosts", "20000", "--rate", "0.05", "--hold", "5s", "--destinations", "3"]
    first, second = lastack(*arguments), lastack(*arguments)
    assert first.stdout == second.stdout
    assert "20,000 hosts behind 1 address, 3 destinations" in first.stdout
    assert json.loads(lastack(*arguments, "--json").stdout)["schema"] == "lastack.forecast-nat/1"


@pytest.mark.parametrize(
    "arguments",
    [
        ["--rate", "0"],
        ["--rate", "1", "--times", "2"],
        ["--rate", "1", "--at", "now"],
        ["--rate", "1", "--hosts", "5", "--from", "x"],
        ["--hosts", "5"],
        ["--rate", "nan"],
        ["--rate", "1", "--ports", "0"],
        ["--rate", "1", "--reuse", "0"],
        ["--rate", "1", "--pool", "0"],
        ["--rate", "1", "--addresses", "2"],
        ["--ports", "100"],
        ["--hosts", "5", "--rate", "1", "--ports", "100"],
        ["--hosts", "5", "--rate", "1", "--conntrack", "-5"],
        ["--hosts", "5", "--rate", "1", "--seed", "-1"],
        ["--hosts", "5", "--rate", "1", "--destinations", "2000"],
    ],
)
def test_what_cannot_be_meant_is_refused(arguments: list[str]) -> None:
    """Usage: 2, and a sentence; also an option that would do nothing."""
    done = lastack("forecast", *arguments)
    assert (done.returncode, done.stdout) == (2, "")
    assert "Traceback" not in done.stderr
