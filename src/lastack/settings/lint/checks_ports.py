"""What a line about local ports does beside the other lines and on the host."""

from lastack.settings.lint.scene import Scene
from lastack.settings.lint.values import Bad, Ports, ports
from lastack.settings.lint.verdict import Judgement, hazard, no_effect, ok, out_of_range
from lastack.settings.release import since

__all__ = ["port_range", "reserved_ports", "unprivileged_port_start"]

_RANGE = "net.ipv4.ip_local_port_range"
_RESERVED = "net.ipv4.ip_local_reserved_ports"
_UNPRIVILEGED = "net.ipv4.ip_unprivileged_port_start"
_DEFAULT_LOW, _DEFAULT_HIGH = 32_768, 60_999
_DEFAULT_SIZE = _DEFAULT_HIGH - _DEFAULT_LOW + 1
_NAMED = 4  # ports that one message names
_LAST_PORT = 65_535

# Where a wide range may begin, so that it takes in none of these.
_FREE_OF_SERVICES = 16_384
# Ports below 12,000 that many hosts listen on sooner or later. Above, only those count that are listened on.
_SERVICES = {
    1433: "SQL Server",
    1883: "MQTT",
    2049: "NFS",
    2181: "ZooKeeper",
    2379: "etcd",
    3306: "MySQL",
    5432: "PostgreSQL",
    5672: "AMQP",
    6379: "Redis",
    6443: "Kubernetes",
    8080: "HTTP",
    8443: "HTTPS",
    9000: "PHP-FPM",
    9090: "Prometheus",
    9092: "Kafka",
    9200: "Elasticsearch",
    10250: "kubelet",
    11211: "memcached",
}


def port_range(text: str, scene: Scene) -> Judgement | None:
    """Ends, parity, services inside."""
    ends = [int(word) for word in text.split()]
    if len(ends) == 1:
        kept = scene.live_numbers(_RANGE)
        ends.append(kept[-1] if len(kept) > 1 else _DEFAULT_HIGH)
    low, high = ends
    wrong = _order(low, high, scene)
    if wrong:
        return wrong
    if text == ("32768 60999" if since(scene.release, "4.2") else "32768 61000"):
        return None
    size = high - low + 1
    inside = _services(low, high, scene)
    hazards = [*_named(inside, scene), *_parity(low, high, scene)]
    if size < _DEFAULT_SIZE:
        hazards.append(f"it leaves {size:,} ports to each destination, fewer than the default {_DEFAULT_SIZE:,}")
    if hazards:
        return hazard("; ".join(hazards), _better(low, high, inside))
    return ok(
        f"{size:,} ports instead of {_DEFAULT_SIZE:,} for outgoing connections to each destination; reserve what "
        f"services inside of it listen on in {_RESERVED}"
    )


def _order(low: int, high: int, scene: Scene) -> Judgement | None:
    if low > high:
        return out_of_range("the first port is above the last, which the kernel refuses", f"{_RANGE} = {high} {low}")
    start = scene.number(_UNPRIVILEGED) if since(scene.release, "4.11") else None
    if start is not None and low < start:
        return out_of_range(
            f"it begins below {_UNPRIVILEGED}, which is {start} {scene.origin(_UNPRIVILEGED)[1]}, and the kernel "
            "refuses that"
        )
    return None


def _parity(low: int, high: int, scene: Scene) -> list[str]:
    if low % 2 != high % 2 or not since(scene.release, "4.2"):
        return []
    return [
        (
            f"both ends are {'odd' if low % 2 else 'even'}: connect() and bind() to port 0 then want the same ports "
            "first, and the kernel logs that it prefers ends of different parity"
        )
    ]


def _services(low: int, high: int, scene: Scene) -> list[int]:
    """Ports of the range that services listen on: those of this host, or else those that many hosts have."""
    reserved = scene.reserved()

    def taken_in(port: int) -> bool:
        return (
            low <= port <= high
            and not _DEFAULT_LOW <= port <= _DEFAULT_HIGH
            and not any(first <= port <= last for first, last in reserved)
        )

    listening = {listener.port for listener in scene.view.listeners or ()}
    return sorted(filter(taken_in, listening)) or sorted(filter(taken_in, _SERVICES))


def _named(services: list[int], scene: Scene) -> list[str]:
    if not services:
        return []
    here = {listener.port for listener in scene.view.listeners or ()}
    names = [str(port) if port in here else f"{port} ({_SERVICES[port]})" for port in services]
    more = len(names) - _NAMED
    which = ", ".join(names[:_NAMED]) + (f" and {more} more" if more > 0 else "")
    who = "this host listens on" if services[0] in here else "services use"
    return [
        f"it takes in ports that {who}, {which}: an outgoing connection may hold one of them when its service starts"
    ]


def _better(low: int, high: int, services: list[int]) -> str | None:
    """The range that was wanted, above the services, its ends of different parity; None where little is left."""
    if services:
        low = max(services[-1] + 1, _FREE_OF_SERVICES)
    if low % 2 == high % 2:
        high += 1 if high < _LAST_PORT else -1
    return f"{_RANGE} = {low} {high}" if high - low + 1 >= _DEFAULT_SIZE else None


def reserved_ports(text: str, scene: Scene) -> Judgement | None:
    """Ports outside of the range need no reservation."""
    if not text:
        return None
    ranges, span = ports(text), scene.numbers(_RANGE)
    if isinstance(ranges, Bad) or len(span) < 2:
        return None
    low, high = span
    inside = _covered(ranges, low, high)
    if not inside:
        return no_effect(
            f"none of these ports is inside of {_RANGE}, which is {low} {high} {scene.origin(_RANGE)[1]}, so none "
            "would be chosen anyway"
        )
    left = high - low + 1 - inside
    if left < _DEFAULT_SIZE // 4:
        return hazard(f"it leaves {left:,} of {high - low + 1:,} ports for outgoing connections to each destination")
    return ok(f"keeps {inside:,} ports of {_RANGE} from being chosen; {left:,} are left")


def _covered(ranges: Ports, low: int, high: int) -> int:
    """Ports from low to high that are in some range; ranges may overlap."""
    count, free = 0, low
    for first, last in sorted(ranges):
        first, last = max(first, free), min(last, high)  # noqa: PLW2901 - cut to what no earlier range covers
        if first <= last:
            count += last - first + 1
            free = last + 1
    return count


def unprivileged_port_start(text: str, scene: Scene) -> Judgement | None:
    """It may not lie inside of the local port range."""
    number, span = int(text), scene.numbers(_RANGE)
    if len(span) > 1 and number > span[0]:
        return out_of_range(f"it is above the first port of {_RANGE}, {span[0]}, and the kernel refuses that")
    if number < 1024:
        return hazard(
            f"any local user may listen on ports from {number} on, and take the place of a service that is down"
        )
    return None
