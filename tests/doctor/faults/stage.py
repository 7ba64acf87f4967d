"""Making a fault in a lab, and what the doctor says of it."""

import json
import sys
import time
from collections.abc import Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import ExitStack, contextmanager
from multiprocessing import get_context
from subprocess import PIPE
from typing import Any, NamedTuple

from lastack.errors import RefusedError
from lastack.kernel.sampler import take_sample
from lastack.lab import Lab
from lastack.lab.workloads.nginx import program as installed
from lastack.model.sample import encode
from tests.doctor.faults.every import FAULTS
from tests.doctor.faults.fault import Fault, Program

__all__ = ["GRAVE", "Observed", "observe"]

# Severities that no other rule may say, and no rule on a look-alike.
GRAVE = frozenset({"critical", "warning"})

_SIDE_BY_SIDE = 4  # most of them wait most of the time
_ATTEMPTS = 3
_PATIENCE_S = 60
_PAUSE_S = 0.1


class Observed(NamedTuple):
    """What the doctor said of a fault.

    Attributes:
        fault: its slug.
        answers: rule to severity, ``healthy`` or ``unknown``.
        refusal: why this kernel makes no such host; empty where it does.
        trouble: what went wrong otherwise; empty: nothing.
    """

    fault: str
    answers: dict[str, str]
    refusal: str = ""
    trouble: str = ""

    @property
    def grave(self) -> dict[str, str]:
        """The answers that wake somebody."""
        return {rule: answer for rule, answer in self.answers.items() if answer in GRAVE}


def observe(faults: Iterable[Fault]) -> Iterator[Observed]:
    """Make each fault and have it examined, some side by side; in their order."""
    with ProcessPoolExecutor(_SIDE_BY_SIDE, get_context("spawn")) as executor:
        # By slug: not all that a fault is made of can be sent to another process.
        yield from executor.map(_observe, [fault.slug for fault in faults])


def _observe(slug: str) -> Observed:
    (fault,) = [one for one in FAULTS if one.slug == slug]
    for attempt in range(_ATTEMPTS):
        try:
            with _made(fault) as lab:
                document = _examine(lab, fault)
            break
        except RefusedError as error:
            # On a machine that is short of time some TIME_WAIT are over before the last one is there.
            if error.slug != "census-differs" or attempt == _ATTEMPTS - 1:
                return Observed(slug, {}, refusal=str(error))
        except (TimeoutError, RuntimeError) as error:
            return Observed(slug, {}, trouble=str(error))
    answers = {finding["id"]: finding["severity"] for finding in document["findings"]}
    answers |= {one["id"]: kind for kind in ("healthy", "unknown") for one in document[kind]}
    return Observed(slug, answers)


@contextmanager
def _made(fault: Fault) -> Iterator[Lab]:
    """The host with its fault, for the length of the block.

    Raises:
        RefusedError: the kernel makes no such lab here, or a program is not installed.
        TimeoutError: the fault does not come about.
    """
    for tool in fault.tools:
        installed(tool)
    with Lab() as lab, ExitStack() as running:
        lab.server.set(fault.settings)
        lab.client.set(fault.client_settings)
        if fault.cohorts:
            lab.populate(fault.cohorts)
        for program in fault.programs:
            running.enter_context(_run(lab, program))
        if fault.cut:
            lab.cut(lab.server, lab.links[0].client(4))
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


def _examine(lab: Lab, fault: Fault) -> dict[str, Any]:
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
