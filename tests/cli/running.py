"""Running lastack as a user does, on the host or in a lab's namespace."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from lastack.lab import Lab

__all__ = ["Done", "lastack", "lastack_in", "lastack_json", "lastack_without_netlink"]

Done = subprocess.CompletedProcess[str]

_COMMAND = (sys.executable, "-m", "lastack")


def lastack(*arguments: str, stdin: str = "") -> Done:
    """Run it here."""
    return subprocess.run([*_COMMAND, *arguments], input=stdin, capture_output=True, text=True, check=False)


def lastack_in(lab: Lab, *arguments: str, stdin: str = "") -> Done:
    """Run it in the server's namespace of a lab."""
    done: Done = lab.server.run([*_COMMAND, *arguments], input=stdin, capture_output=True, text=True)
    return done


def lastack_without_netlink(lab: Lab, *arguments: str) -> Done:
    """Run it in the lab behind a real seccomp filter that refuses netlink sockets."""
    program = (
        "import runpy, sys; from tests.kernel.seccomp import forbid_netlink; forbid_netlink(1);"
        "sys.argv[0] = 'lastack'; runpy.run_module('lastack', run_name='__main__')"
    )
    command = [sys.executable, "-c", program, *arguments]
    done: Done = lab.server.run(command, capture_output=True, text=True, cwd=Path(__file__).parents[2])
    return done


def lastack_json(lab: Lab, *arguments: str) -> dict[str, Any]:
    """The document that it prints in the lab."""
    done = lastack_in(lab, *arguments)
    assert done.returncode == 0, done.stderr
    document: dict[str, Any] = json.loads(done.stdout)
    return document
