"""Which settings bear on which part of the number of sockets in a state, and in which direction."""

from math import inf
from typing import Literal, NamedTuple

__all__ = ["BEARINGS", "Bearing", "Kind"]

Kind = Literal[
    "load",
    "connections-reused",
    "opened",
    "who-closes",
    "closes",
    "refused",
    "taken-over",
    "replaced",
    "earlier",
    "stay",
]


class Bearing(NamedTuple):
    """A setting that bears on a part of a state's number.

    Attributes:
        state: the state.
        kind: the part: one that a counter witnesses, or the stay, which none does.
        key: the setting.
        lowers: whether only a lower value makes the number smaller, and a higher one larger.
    """

    state: str
    kind: Kind
    key: str
    lowers: bool = True

    def explains(self, sockets: float, values: tuple[str | None, str | None]) -> bool:
        """Whether so many sockets more or less are what the change of its value would make."""
        was, now = map(_number, values)
        return not self.lowers or was is None or now is None or (now > was) == (sockets > 0)


def _number(value: str | None) -> float | None:
    """A setting's number, a negative one being no limit; None where it has none or several."""
    try:
        number = float(value or "")
    except ValueError:
        return None
    return inf if number < 0 else number


BEARINGS = (
    Bearing("TIME_WAIT", "refused", "net.ipv4.tcp_max_tw_buckets"),
    Bearing("TIME_WAIT", "taken-over", "net.ipv4.tcp_tw_reuse", lowers=False),
    Bearing("TIME_WAIT", "taken-over", "net.ipv4.tcp_tw_reuse_delay"),
    Bearing("TIME_WAIT", "taken-over", "net.ipv4.tcp_timestamps", lowers=False),
    Bearing("TIME_WAIT", "taken-over", "net.ipv4.ip_local_port_range", lowers=False),
    Bearing("FIN_WAIT2", "stay", "net.ipv4.tcp_fin_timeout"),
    Bearing("FIN_WAIT1", "stay", "net.ipv4.tcp_orphan_retries", lowers=False),  # 0 acts as 8
    Bearing("CLOSING", "stay", "net.ipv4.tcp_orphan_retries", lowers=False),
    Bearing("LAST_ACK", "stay", "net.ipv4.tcp_orphan_retries", lowers=False),
    Bearing("SYN_RECV", "stay", "net.ipv4.tcp_synack_retries"),
    Bearing("SYN_RECV", "stay", "net.ipv4.tcp_syncookies", lowers=False),
    Bearing("SYN_SENT", "stay", "net.ipv4.tcp_syn_retries"),
)
