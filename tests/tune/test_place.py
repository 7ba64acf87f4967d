"""The way back to the namespace that a change was made in."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from msgspec.structs import replace

from lastack.errors import RefusedError
from lastack.lab import Lab
from lastack.tune.place import here, is_here, return_to
from tests.tune.scene import Done

FIN = "net.ipv4.tcp_fin_timeout"

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="only root may enter namespaces of others")


def _lastack(*arguments: str) -> Done:
    command = [sys.executable, "-m", "lastack", *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_a_namespace_is_told_from_its_successor() -> None:
    """An inode may be given away again; the cookie is not."""
    place = here()
    assert is_here(place)
    assert not is_here(replace(place, cookie=0))
    assert not is_here(replace(place, netns="net:[1]"))


def test_a_change_elsewhere_is_made_and_undone_from_here(tmp_path: Path) -> None:
    """By any of its names; and nothing changes where the caller lives."""
    state, plan = f"--state={tmp_path / 'state'}", str(tmp_path / "plan")
    ours = Path("/proc/sys/net/ipv4/tcp_fin_timeout").read_text()
    with Lab() as lab:
        netns = f"--netns={lab.client.pid}"
        assert _lastack("plan", f"--set={FIN}=33", netns, "-o", plan).returncode == 0
        refused = _lastack("apply", plan, "--yes", state)
        assert (refused.returncode, "made for the namespace" in refused.stderr) == (2, True)
        assert _lastack("apply", plan, "--yes", state, netns).returncode == 0
        assert (lab.client.get(FIN), lab.server.get(FIN)) == ("33", "60")
        assert _lastack("rollback", "--yes", state).returncode == 0
        assert (lab.client.get(FIN), lab.server.get(FIN)) == ("60", "60")
    assert Path("/proc/sys/net/ipv4/tcp_fin_timeout").read_text() == ours


def test_a_change_to_a_namespace_that_is_gone_is_over(tmp_path: Path) -> None:
    """Its settings ended with it: the rollback says so, and nothing is left to do."""
    state, plan = f"--state={tmp_path / 'state'}", str(tmp_path / "plan")
    with Lab() as lab:
        netns = f"--netns={lab.client.pid}"
        assert _lastack("plan", f"--set={FIN}=33", netns, "-o", plan).returncode == 0
        assert _lastack("apply", plan, "--yes", state, netns).returncode == 0
    done = _lastack("rollback", "--yes", state)
    assert done.returncode == 0, done.stderr
    assert "is not there any more" in done.stdout
    assert "undone" in _lastack("journal", state).stdout


def test_a_namespace_that_nobody_can_find_is_gone() -> None:
    """Neither by its old name nor by any process."""
    with pytest.raises(RefusedError) as caught, return_to(replace(here(), netns="net:[1]", target="/proc/1/ns/net")):
        pass
    assert caught.value.slug == "namespace-gone"
