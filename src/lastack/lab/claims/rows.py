"""The claims, one row each; a family a file."""

from lastack.lab.claims.accept_queue import ACCEPT_QUEUE
from lastack.lab.claims.claim import Claim
from lastack.lab.claims.closing import CLOSING
from lastack.lab.claims.giving_up import GIVING_UP
from lastack.lab.claims.keepalive import KEEPALIVE
from lastack.lab.claims.machine import MACHINE
from lastack.lab.claims.negotiating import NEGOTIATING
from lastack.lab.claims.ports import PORTS
from lastack.lab.claims.reuse import REUSE
from lastack.lab.claims.syn_queue import SYN_QUEUE
from lastack.lab.claims.time_wait import TIME_WAIT
from lastack.lab.claims.tracking import TRACKING
from lastack.lab.claims.tw_buckets import TW_BUCKETS

__all__ = ["CLAIMS"]

_FAMILIES = (
    PORTS,
    NEGOTIATING,
    SYN_QUEUE,
    ACCEPT_QUEUE,
    REUSE,
    TIME_WAIT,
    TW_BUCKETS,
    CLOSING,
    KEEPALIVE,
    GIVING_UP,
    TRACKING,
    MACHINE,
)

# Where IPv6 has code of its own, or where the net.ipv4 of a setting's name makes people doubt it.
_OVER_IPV6 = (
    "port-range-is-per-destination",
    "port-range-skips-bound-ports",
    "syncookies-are-a-fallback",
    "syncookies-keep-the-door-open",
    "max-syn-backlog-idle-under-cookies",
    "accept-queue-holds-backlog-plus-one",
    "tw-reuse-lets-connect-take-over",
    "tw-reuse-two-is-loopback-alone",
    "tw-reuse-two-spares-the-own-address",
    "time-wait-lasts-60-s",
    "time-wait-yields-to-a-new-syn",
    "rfc1337-one-keeps-time-wait",
    "tw-buckets-overflow-answers-with-rst",
    "tw-buckets-cap-orphan-fin-wait2",
    "fin-timeout-bounds-fin-wait2",
    "keepalive-detection-time",
    "syn-retries-time",
)


def _rows() -> dict[str, Claim]:
    rows = {claim.id: claim for claims in _FAMILIES for claim in claims}
    again = [rows[slug].over_ipv6() for slug in _OVER_IPV6]
    return rows | {claim.id: claim for claim in again}


CLAIMS = _rows()
