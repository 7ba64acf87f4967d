"""``lastack trace --ends``: sockets as they end, for an ordinary user too."""

import json
import subprocess
import sys
from collections import Counter

from lastack.lab import Lab, Load


def _ends(lab: Lab, *arguments: str) -> "subprocess.Popen[str]":
    """It, listening in the server's namespace of a lab, as its ordinary user."""
    command = [sys.executable, "-m", "lastack", "trace", "--ends", *arguments]
    process = lab.server.popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert process.stderr
    assert "as they end" in process.stderr.readline()
    return process


def test_every_socket_that_ends() -> None:
    """Each of the server's sockets is told of once, and leaves TIME_WAIT, or first FIN_WAIT2 where its peer is slow."""
    with Lab() as lab:
        process = _ends(lab, "--json", "--for", "2s", "--port", "80")
        opened = lab.start(Load(seconds=0.3, rate=100)).report().opened
        output, _ = process.communicate()
    told = [json.loads(line) for line in output.splitlines()]
    assert len(told) == opened
    assert {one["local_p"] for one in told} == {80}
    leaves = Counter(one["leaves"] for one in told)
    assert leaves["TIME_WAIT"] + leaves["FIN_WAIT2"] == opened
    assert leaves["TIME_WAIT"]
    assert all(one["sent_bytes"] == 0 and one["sent_pkts"] >= 1 for one in told)


def test_text_and_filters() -> None:
    """In text as in JSON; another port's sockets are left out, and after a number it ends."""
    with Lab() as lab:
        process = _ends(lab, "--count", "3", "--port", "81")
        lab.start(Load(seconds=0.2, rate=100, port=80)).report()
        lab.start(Load(seconds=0.2, rate=100, port=81, closer="client")).report()
        output, _ = process.communicate(timeout=20)
    lines = output.splitlines()
    assert len(lines) == 3
    assert all(":81 " in line and "TIME_WAIT" not in line for line in lines)
