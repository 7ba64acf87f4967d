"""Making a fault in a lab, and what the doctor says of it."""

import json
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from subprocess import PIPE
from typing import Any

from lastack.kernel.sampler import take_sample
from lastack.lab import Lab
from lastack.model.sample import encode
from tests.doctor.faults.fault import Fault, Program

__all__ = ["examine", "fired", "made"]

_PATIENCE_S = 60
_PAUSE_S = 0.1


@contextmanager
def made(fault: Fault) -> Iterator[Lab]:
    """The host with its fault, for the length of the block.

    Raises:
        RefusedError: the kernel makes no such lab here.
        TimeoutError: the fault does not come about.
    """
    with Lab() as lab, ExitStack() as running:
        lab.server.set(fault.settings)
        lab.client.set(fault.client_settings)
        if fault.cohorts:
            lab.populate(fault.cohorts)
        for program in fault.programs:
            running.enter_context(_run(lab, program))
        for load in fault.loads:
            running.callback(lab.start(load).stop)
        _wait(lab, fault)
        yield lab


@contextmanager
def _run(lab: Lab, program: Program) -> Iterator[None]:
    host = lab.server if program.at == "server" else lab.client
    ends = [lab.links[0].server(4), lab.links[0].client(4)]
    with host.popen([sys.executable, "-c", program.source, *ends], stdout=PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            if not process.stdout.readline():
                raise RuntimeError(f"a program of the scene ended with {process.wait()}")
            yield
        finally:
            process.kill()


def _wait(lab: Lab, fault: Fault) -> None:
    deadline = time.monotonic() + _PATIENCE_S
    while not fault.once(lab.server.call(take_sample)):
        if time.monotonic() > deadline:
            raise TimeoutError(f"{fault.slug} did not come about in {_PATIENCE_S} s")
        time.sleep(_PAUSE_S)


def examine(lab: Lab, fault: Fault) -> dict[str, Any]:
    """The document of ``lastack doctor --json`` on that host, or on its edited snapshot."""
    command = [sys.executable, "-m", "lastack", "doctor", "--json"]
    snapshot = None
    if fault.edit is not None:
        snapshot = encode(fault.edit(lab.server.call(take_sample)))
        command += ["--from", "-"]
    elif fault.interval_s is not None:
        command += ["--interval", str(fault.interval_s)]
    done = lab.server.run(command, input=snapshot, capture_output=True)
    if done.returncode:
        raise RuntimeError(done.stderr.decode())
    document: dict[str, Any] = json.loads(done.stdout)
    return document


def fired(document: dict[str, Any]) -> dict[str, str]:
    """Severity by rule, of the findings."""
    return {finding["id"]: finding["severity"] for finding in document["findings"]}
