"""A frame: everything that the page shows of one moment, as one JSON document of the event stream."""

from typing import NamedTuple

from msgspec import Struct, json

from lastack.doctor.diagnosis import Diagnosis, diagnose
from lastack.doctor.verdicts import Finding, Healthy, Unknown
from lastack.metrics.family import Cost
from lastack.model.edges import EdgeFlow, edge_flows
from lastack.model.model import Model
from lastack.model.places import Places, places
from lastack.model.sample import Sample

__all__ = ["MOST", "SCHEMA", "Frame", "Queue", "Shot", "Target", "shoot"]

SCHEMA = "lastack.live/1"
MOST = 20


class Target(Struct, frozen=True, kw_only=True):
    """A destination of connections opened here.

    Attributes:
        label: ``local > remote:port``.
        in_use: local ports in use towards it, TIME_WAIT included.
        time_wait: of them, those in TIME_WAIT.
        available: ports that a destination can have; ``null``: the port range is not visible.
        headroom: ports left; ``null`` as above.
        exhausted_in_s: seconds until none is left at the present rates; ``null``: it does not come to that, or is not
            known.
        opens_per_s: new connections a second, at least.
        processes: ``name/pid`` of visible holders.
    """

    label: str
    in_use: int
    time_wait: int
    available: int | None
    headroom: int | None
    exhausted_in_s: int | None
    opens_per_s: float
    processes: list[str]


class Queue(Struct, frozen=True, kw_only=True):
    """A listening socket.

    Attributes:
        label: ``address:port``.
        process: ``name/pid``; ``null``: not visible.
        queue: connections that wait for accept(); ``null``: not visible.
        capacity: how many fit; ``null`` as above.
        half_open: requests in SYN_RECV at that address and port.
    """

    label: str
    process: str | None
    queue: int | None
    capacity: int | None
    half_open: int


class Frame(Struct, frozen=True, kw_only=True, tag_field="schema", tag=SCHEMA):
    """One moment.

    Attributes:
        taken_at: when, RFC 3339, UTC.
        host: the host's name.
        kernel: release.
        netns: the namespace.
        exact: ``false`` where sockets changed during every dump.
        interval_s: seconds that rates are means of; ``null``: the first frame, which has none.
        total: sockets.
        states: state to sockets; states without any are left out.
        edges: what goes over each edge of the state diagram.
        places: state to where its sockets are.
        closes_per_second: 60 numbers, newest last: sockets that entered TIME_WAIT in that second and are in it still.
        destinations: the fullest, at most 20.
        other_destinations: how many more.
        listeners: the fullest queues first, at most 20.
        other_listeners: how many more.
        findings: what the doctor finds, worst first.
        healthy: what it looked at and is fine.
        unknown: what it cannot tell.
        unseen: what could not be read, to the reason.
        cost_s: what it took to look: wall time.
        cost_cpu_s: and CPU time.
    """

    taken_at: str
    host: str
    kernel: str
    netns: str
    exact: bool
    interval_s: float | None
    total: int
    states: dict[str, int]
    edges: list[EdgeFlow]
    places: dict[str, Places]
    closes_per_second: list[int]
    destinations: list[Target]
    other_destinations: int
    listeners: list[Queue]
    other_listeners: int
    findings: list[Finding]
    healthy: list[Healthy]
    unknown: list[Unknown]
    unseen: dict[str, str]
    cost_s: float
    cost_cpu_s: float


class Shot(NamedTuple):
    """One moment, for the page and for Prometheus.

    Attributes:
        document: the frame's JSON.
        model: what metrics are made of.
        diagnosis: as ``model``.
        cost: what it took to look at the kernel.
    """

    document: bytes
    model: Model
    diagnosis: Diagnosis
    cost: Cost


def shoot(sample: Sample, previous: Sample | None, cost: Cost) -> Shot:
    """Everything of a sample and of one some seconds before.

    Raises:
        InputError: ``malformed-sample``, ``malformed-setting``.
    """
    model = Model.of(sample, previous)
    diagnosis = diagnose(model)
    return Shot(json.encode(_frame(model, diagnosis, sample, previous, cost)), model, diagnosis, cost)


def _frame(model: Model, diagnosis: Diagnosis, sample: Sample, previous: Sample | None, cost: Cost) -> Frame:
    return Frame(
        taken_at=model.taken_at,
        host=model.host,
        kernel=model.kernel,
        netns=model.netns,
        exact=model.exact,
        interval_s=model.change.interval_s if model.change else None,
        total=model.total,
        states=model.states,
        edges=edge_flows(sample, previous),
        places=places(sample.cohorts),
        closes_per_second=model.time_wait.closes,
        destinations=_targets(model),
        other_destinations=max(len(model.destinations) - MOST, 0),
        listeners=_queues(model),
        other_listeners=max(len(model.accept_queues) - MOST, 0),
        findings=diagnosis.findings,
        healthy=diagnosis.healthy,
        unknown=diagnosis.unknown,
        unseen=model.unseen,
        cost_s=round(cost.duration_s, 6),
        cost_cpu_s=round(cost.cpu_s, 6),
    )


def _targets(model: Model) -> list[Target]:
    return [
        Target(
            label=one.label,
            in_use=one.in_use,
            time_wait=one.time_wait,
            available=one.available,
            headroom=None if one.outlook is None else one.outlook.headroom,
            exhausted_in_s=None if one.outlook is None else one.outlook.exhausted_in_s,
            opens_per_s=round(one.opens_per_s, 3),
            processes=one.processes[:3],
        )
        for one in model.destinations[:MOST]
    ]


def _queues(model: Model) -> list[Queue]:
    half_open = {(one.address, one.port): one.half_open for one in model.syn_queues}
    return [
        Queue(
            label=one.label,
            process=one.process,
            queue=one.queue,
            capacity=one.capacity,
            half_open=half_open.get((one.address, one.port), 0),
        )
        for one in model.accept_queues[:MOST]
    ]
