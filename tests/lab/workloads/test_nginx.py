"""Real programs in the lab, as root and as an ordinary user; nothing of them is left."""

import codecs
import os
import shutil
from pathlib import Path

import pytest

from lastack.errors import LastackError, RefusedError
from lastack.lab.experiment.arm import parse_arm
from lastack.lab.experiment.run import Run, perform
from lastack.lab.route import load_pyroute2
from lastack.lab.workloads.nginx import program
from lastack.lab.workloads.table import WORKLOADS
from tests.kernel.private import run_as_nobody, unavailable

# Before we are somebody else, who may not be able to read the interpreter's modules.
load_pyroute2()
codecs.lookup("ascii")


def _installed() -> None:
    for name in ("nginx", "wrk"):
        if shutil.which(name, path=f"{os.environ['PATH']}:/usr/sbin") is None:
            unavailable(f"{name} is not installed")


def _run(*changes: str) -> Run | str:
    try:
        return perform("arm", parse_arm(["seconds=1", *changes], "arm").applied_to(WORKLOADS["nginx"]))
    except LastackError as error:
        return error.slug


def _programs() -> set[str]:
    """Pids of every nginx and wrk on this machine, of whatever namespace."""
    names = {}
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            names[folder.name] = (folder / "comm").read_text("utf-8", "replace").strip()
        except OSError:
            continue
    return {pid for pid, name in names.items() if name in {"nginx", "wrk"}}


@pytest.mark.parametrize("as_nobody", [False, True], ids=["as we are", "as nobody"])
def test_upstream_keep_alive_spares_time_wait(*, as_nobody: bool) -> None:
    """Without it each request leaves one; with it hardly any does."""
    _installed()
    before, files = _programs(), sorted(os.listdir("/tmp"))  # noqa: S108, PTH208 - what a user would see of a leak
    call = run_as_nobody if as_nobody else lambda function, *changes: function(*changes)
    without, with_it = call(_run), call(_run, "upstream.keepalive=32")
    if isinstance(without, str) or isinstance(with_it, str):
        unavailable(f"no lab here: {without}")
    assert without.values["end.TIME_WAIT"] > 1000
    assert with_it.values.get("end.TIME_WAIT", 0) < 100
    assert (without.values["failed"], with_it.values["failed"]) == (0, 0)
    assert _programs() <= before
    assert [name for name in os.listdir("/tmp") if name not in files and "nginx" in name] == []  # noqa: S108, PTH208


def test_a_program_that_is_not_there_is_named() -> None:
    """With how to install it."""
    with pytest.raises(RefusedError, match="runs no-such-program, which is not installed") as caught:
        program("no-such-program")
    assert caught.value.slug == "no-program"
