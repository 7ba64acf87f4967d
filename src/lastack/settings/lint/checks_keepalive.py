"""What a line about keepalive, or about the tracker's memory, does beside the other lines and on the host."""

from lastack.settings.lint.scene import Scene
from lastack.settings.lint.verdict import Judgement, hazard, ok

__all__ = ["established_timeout", "keepalive_intvl", "keepalive_probes", "keepalive_time", "time_wait_timeout"]

_TIME = "net.ipv4.tcp_keepalive_time"
_INTVL = "net.ipv4.tcp_keepalive_intvl"
_PROBES = "net.ipv4.tcp_keepalive_probes"
_ESTABLISHED = "net.netfilter.nf_conntrack_tcp_timeout_established"
# Idle limits of NAT and load balancers in large clouds, in seconds: Azure 240, AWS 350, GCP 600.
_CLOUDS = (240, 600)
_UNITS = ((86_400, "d"), (3600, "h"), (60, "min"), (1, "s"))


def keepalive_time(text: str, scene: Scene) -> Judgement | None:
    """When the first probe goes out, and who has forgotten the connection by then."""
    number = int(text)
    if number <= 0:
        return hazard("0 and less are no idle time: write seconds", f"{_TIME} = 7200")
    late = _forgotten_first(number, scene)
    if late:
        return hazard(late)
    if number == 7200:
        return None
    return ok(
        f"the first probe goes out after {span(number)} of idleness instead of 2 h, on sockets with SO_KEEPALIVE only; "
        f"it is not the interval between probes ({_INTVL}), and {_detection(scene)}{_clouds(number)}"
    )


def keepalive_intvl(text: str, scene: Scene) -> Judgement | None:
    """The second part of the wait."""
    number = int(text)
    if number <= 0:
        return hazard("0 and less are no time between probes: write seconds", f"{_INTVL} = 75")
    if number == 75:
        return None
    return ok(
        f"unanswered keepalive probes go out every {span(number)} instead of 75 s, on sockets with SO_KEEPALIVE only: "
        f"{_detection(scene)}"
    )


def keepalive_probes(text: str, scene: Scene) -> Judgement | None:
    """The count of the second part."""
    number = int(text)
    if number == 0:
        return hazard(
            f"0 ends every idle connection with SO_KEEPALIVE after {_TIME}, without one probe", f"{_PROBES} = 9"
        )
    if number < 3:
        return hazard(f"{number} of them lost end a healthy connection", f"{_PROBES} = 3")
    if number == 9:
        return None
    return ok(f"{number} unanswered probes instead of 9 end a connection with SO_KEEPALIVE: {_detection(scene)}")


def established_timeout(text: str, scene: Scene) -> Judgement | None:
    """It must outlast the idle time before a keepalive probe."""
    number, idle = int(text), scene.number(_TIME)
    if number <= 0:
        return hazard("0 and less let entries run out at once", f"{_ESTABLISHED} = 432000")
    if idle is not None and number <= idle:
        return hazard(
            f"an idle connection is forgotten after {span(number)}, before its first keepalive probe ({_TIME} is "
            f"{idle} {scene.origin(_TIME)[1]}): its next segment is dropped or loses its NAT",
        )
    if number == 432_000:
        return None
    return ok(
        f"an idle connection is forgotten after {span(number)} instead of 5 d; entries of peers that vanished go sooner"
    )


def time_wait_timeout(text: str, scene: Scene) -> Judgement | None:
    """The entry, not the socket."""
    del scene
    number = int(text)
    if number == 120:
        return None
    if number <= 0:
        return hazard("0 and less let entries run out at once: a repeated FIN meets none")
    return ok(
        f"the tracker's entry goes {span(number)} after the last FIN instead of 120 s; the host's own TIME_WAIT keeps "
        "its 60 s"
    )


def span(seconds: int) -> str:
    """A time as people say it.

    >>> span(1875), span(7200), span(432_000), span(75)
    ('31 min 15 s', '2 h', '5 d', '1 min 15 s')
    """
    parts = []
    for length, unit in _UNITS:
        count, seconds = divmod(seconds, length)
        if count:
            parts.append(f"{count:,} {unit}")
    return " ".join(parts[:2]) or "0 s"


def _detection(scene: Scene) -> str:
    idle, interval, probes = scene.number(_TIME), scene.number(_INTVL), scene.number(_PROBES)
    if idle is None or interval is None or probes is None:
        return "a dead peer is found after time + intvl x probes"
    return f"a dead peer is found after {span(max(0, idle + interval * probes))}"


def _forgotten_first(number: int, scene: Scene) -> str:
    """Why the first probe comes too late for the connection tracking of this host."""
    memory, origin = scene.origin(_ESTABLISHED)
    if memory is None or not memory.isdigit() or origin == "by default" or number < int(memory):
        return ""
    return (
        f"the first probe goes out after {span(number)}, and connection tracking forgets an idle connection after "
        f"{span(int(memory))} ({_ESTABLISHED} is {memory} {origin})"
    )


def _clouds(number: int) -> str:
    low, high = _CLOUDS
    return f"; NAT and load balancers of clouds forget after {low} s to {high} s" if number > low else ""
