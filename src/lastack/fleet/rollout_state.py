"""How far a rollout has come, as a file: written before each thing that it does, so that a new controller goes on.

Replaced in one step and synced; the values that hosts had are in it before any is changed.
"""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Literal

from msgspec import DecodeError, Struct, field, json

from lastack.doctor.verdicts import Severity
from lastack.errors import InputError, RefusedError
from lastack.plan.health import Reading

__all__ = ["SCHEMA", "HostState", "Phase", "Rollout", "Sick", "Status", "load", "locked", "save"]

SCHEMA = "lastack.rollout/1"

Phase = Literal["before", "changing", "watching", "undoing", "stopped", "done"]
Status = Literal["waiting", "changed", "kept", "undone", "had-it", "unreachable", "refused", "lost"]
Sick = dict[str, dict[str, Severity]]  # host, as Prometheus calls it, to fault, to how bad; the healthy have none


class HostState(Struct):
    """A host.

    Attributes:
        status: ``waiting``; ``changed``: and not yet judged; ``kept``; ``undone``; ``had-it``: nothing to change;
            ``unreachable``, ``refused``: left as it is, see note; ``lost``: changed, and could not be put back.
        before: key to value, of what is changed.
        note: why.
        address: where Ansible connects to, if the inventory says so.
        in_prometheus: whether the doctor there judges it as well; None: it was not asked.
    """

    status: Status = "waiting"
    before: dict[str, str] = field(default_factory=dict)
    note: str = ""
    address: str = ""
    in_prometheus: bool | None = None


class Rollout(Struct, kw_only=True, tag_field="schema", tag=SCHEMA):
    """A rollout. In JSON, ``schema`` is ``lastack.rollout/1``.

    Attributes:
        settings: key to the value that all are to have.
        inventory: where the hosts are from.
        mark: names the rollout on the hosts.
        stages: hosts that are changed together.
        stage: the one that is at work, from 0.
        phase: ``before``: watching what is normal; ``changing``; ``watching`` what comes of it; ``undoing``;
            ``stopped``; ``done``.
        reason: why it was stopped; empty: it was not.
        hosts: how each stands.
        baseline: of the stage at work, what was normal on each host.
        sick: before that stage, in all of Prometheus; None: it was not asked.
    """

    settings: dict[str, str]
    inventory: str
    mark: str
    stages: list[list[str]]
    stage: int = 0
    phase: Phase = "before"
    reason: str = ""
    hosts: dict[str, HostState]
    baseline: dict[str, list[Reading]] = field(default_factory=dict)
    sick: Sick | None = None

    def of_status(self, *statuses: Status) -> list[str]:
        """Hosts that stand so."""
        return [name for name, host in self.hosts.items() if host.status in statuses]

    def at_work(self) -> list[str]:
        """The hosts of this stage that are, or will be, changed."""
        return [name for name in self.stages[self.stage] if self.hosts[name].status in {"waiting", "changed"}]


def load(path: str) -> Rollout | None:
    """What the file says; None: there is none.

    Raises:
        InputError: ``rollout-damaged``.
    """
    try:
        return json.decode(Path(path).read_bytes(), type=Rollout)
    except FileNotFoundError:
        return None
    except (OSError, DecodeError) as error:
        raise InputError("rollout-damaged", f"{path} is no state of a rollout: {error}") from None


def save(path: str, rollout: Rollout) -> None:
    """Write it.

    Raises:
        InputError: ``cannot-write``.
    """
    beside = Path(f"{path}.tmp")
    try:
        with beside.open("wb") as file:
            file.write(json.format(json.encode(rollout), indent=1) + b"\n")
            file.flush()
            os.fsync(file.fileno())
        beside.replace(path)
    except OSError as error:
        raise InputError("cannot-write", f"{path}: {error.strerror}") from None


@contextmanager
def locked(path: str) -> Iterator[None]:
    """One controller at a time.

    Raises:
        InputError: ``cannot-write``.
        RefusedError: ``rollout-running``.
    """
    try:
        file = Path(f"{path}.lock").open("w")  # noqa: SIM115 - closed below
    except OSError as error:
        raise InputError("cannot-write", f"{path}.lock: {error.strerror}") from None
    with file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise RefusedError("rollout-running", f"another controller is at work with {path}") from None
        yield
