"""Where the sessions of the documentation happen: hosts with known sockets, on the real kernel, in a lab."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from subprocess import DEVNULL, PIPE, STDOUT
from typing import Any, BinaryIO, NamedTuple

from bench import captures

from lastack.lab import Cohort, Lab
from lastack.lab.article import article

__all__ = ["SCENES", "Runner", "Scene", "on_stage"]

Runner = Callable[[str], str]  # a command line for sh; what it prints


class Scene(NamedTuple):
    """A kind of host.

    Attributes:
        what: it is.
        cohorts: its sockets.
        settings: its sysctls.
        tools: programs that its commands need, besides lastack and a shell.
        lab: whether it is a host of its own.
        own: folders of the host that are empty there, and its own: what is written into them is gone with it.
        files: what lies in its folder: names, and what writes each.
    """

    what: str
    cohorts: tuple[Cohort, ...] = ()
    settings: tuple[tuple[str, str], ...] = ()
    tools: tuple[str, ...] = ()
    lab: bool = True
    own: tuple[str, ...] = ()
    files: tuple[tuple[str, Callable[[BinaryIO], object]], ...] = ()


SCENES = {
    "shell": Scene("any host; what is shown does not depend on its sockets", lab=False),
    "capture": Scene(
        "any host; web.pcap is a capture of a thousand connections to thirty servers",
        lab=False,
        files=(("web.pcap", partial(captures.write, connections=1000)),),
    ),
    "builder": Scene("any host on whose kernel a lab may be built", lab=False),
    "article": Scene("the web server of the article", tuple(article())),
    "server with tools": Scene("the same, with net-tools and iproute2", tuple(article()), tools=("netstat", "ss")),
    "proxy": Scene(
        "a reverse proxy that opens a connection to its upstream for each request",
        (
            Cohort("LISTEN", 1),
            Cohort("ESTABLISHED", 40),
            Cohort("TIME_WAIT", 28_232, active=True, port=8080, remote="198.18.0.2"),
        ),
    ),
    "production": Scene(
        "a reverse proxy whose settings are changed",
        (
            Cohort("LISTEN", 1),
            Cohort("ESTABLISHED", 40),
            Cohort("TIME_WAIT", 24_000, active=True, port=8080, remote="198.18.0.2"),
        ),
        tools=("sysctl",),
        own=("/var/lib", "/etc/sysctl.d"),
    ),
    "closers": Scene(
        "a host that closed first a moment ago, and some of whose peers have not closed yet",
        (Cohort("TIME_WAIT", 100), Cohort("FIN_WAIT2", 40, kind="orphan")),
        tools=("ss",),
    ),
    "busy application": Scene(
        "a server whose application does not keep up with accept()",
        (Cohort("LISTEN", 1, backlog=128), Cohort("ESTABLISHED", 129, kind="queued")),
    ),
}


@contextmanager
def on_stage(scene: Scene, folder: Path) -> Iterator[Runner]:
    """What runs a command line in that scene, in that folder.

    Raises:
        RefusedError: this kernel makes no lab for us.
    """
    for name, write in scene.files:
        with (folder / name).open("wb") as file:
            write(file)
    options: dict[str, Any] = {
        "cwd": folder,
        "env": os.environ | {"PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}", "COLUMNS": "80"},
        "stdin": DEVNULL,
        "stdout": PIPE,
        "stderr": STDOUT,
        "text": True,
    }
    if not scene.lab:
        yield lambda line: str(subprocess.run(["sh", "-c", line], check=False, **options).stdout)
        return
    with Lab() as lab:
        lab.server.set(dict(scene.settings))
        for folder_of_its_own in scene.own:
            lab.server.run(["mount", "-t", "tmpfs", "-o", "mode=755", "none", folder_of_its_own], check=True)
        lab.populate(scene.cohorts)
        yield lambda line: str(lab.server.run(["sh", "-c", line], **options).stdout)
