"""Settings that do harm, or will when it is least wanted: a table of the few that an expert would point at."""

from collections.abc import Callable
from typing import NamedTuple

from lastack.doctor.rule import Rule
from lastack.doctor.verdicts import SEVERITIES, Evidence, Finding, Healthy, Remedy, Severity, Unknown, Verdict
from lastack.doctor.wording import counted
from lastack.model.model import Model

__all__ = ["HAZARDS", "ID", "RULE", "Hazard", "check"]

ID = "hazardous-settings"

_RFC_1122_S = 100  # RFC 1122, 4.2.3.5: give up after at least so long
_LEAST_RETRIES = 8  # the first number of tcp_retries2 that lasts for as long


class Hazard(NamedTuple):
    """A setting with values that do harm.

    Attributes:
        key: dotted name.
        harmful: whether a value is, on that host.
        severity: how bad.
        harm: what it does, a clause that follows ``key is value:``.
        better: what to set; None: nothing can be set.
        source: kernel file, commit, RFC section.
    """

    key: str
    harmful: Callable[[Model, int], bool]
    severity: Severity
    harm: str
    better: Callable[[Model], str | None]
    source: str


def _half_table(model: Model) -> int:
    """What the kernel starts tcp_max_tw_buckets and tcp_max_orphans with; 0: not visible."""
    return (model.machine.buckets or 0) // 2


HAZARDS = (
    Hazard(
        "net.ipv4.tcp_tw_recycle",
        lambda _, value: value != 0,
        "warning",
        "clients behind one NAT address, or with Linux 4.10 and later, are dropped at random",
        lambda _: "0",
        'removed in Linux 4.12, commit 4396e46187ca ("tcp: remove tcp_tw_recycle")',
    ),
    Hazard(
        "net.ipv4.tcp_max_tw_buckets",
        lambda model, value: 0 < value < _half_table(model),
        "notice",
        "it was lowered: beyond it, closes go without TIME_WAIT and peers are reset, to save some megabytes",
        lambda model: str(_half_table(model)),
        "Documentation/networking/ip-sysctl.rst; net/ipv4/inet_timewait_sock.c inet_twsk_alloc()",
    ),
    Hazard(
        "net.ipv4.tcp_max_orphans",
        lambda model, value: value < _half_table(model),
        "notice",
        "it was lowered: beyond it, connections that were closed are reset with what they still had to send",
        lambda model: str(_half_table(model)),
        "Documentation/networking/ip-sysctl.rst; net/ipv4/tcp.c tcp_check_oom()",
    ),
    Hazard(
        "net.ipv4.tcp_abort_on_overflow",
        lambda _, value: value != 0,
        "notice",
        "a burst that fills an accept queue resets clients that would have got in a moment later",
        lambda _: "0",
        "net/ipv4/tcp_minisocks.c tcp_check_req(); ip-sysctl.rst",
    ),
    Hazard(
        "net.ipv4.tcp_retries2",
        lambda _, value: value < _LEAST_RETRIES,
        "notice",
        f"connections with data under way are given up in less than {_RFC_1122_S} s, in the midst of a short outage",
        lambda _: "15",
        "RFC 1122, 4.2.3.5; net/ipv4/tcp_timer.c retransmits_timed_out()",
    ),
    Hazard(
        "net.ipv4.tcp_syn_retries",
        lambda _, value: value < 2,
        "notice",
        "connect() fails after 3 s: two lost packets are enough",
        lambda _: "6",
        "net/ipv4/tcp_timer.c tcp_write_timeout()",
    ),
    Hazard(
        "net.ipv4.tcp_synack_retries",
        lambda _, value: value == 0,
        "notice",
        "a SYN-ACK that is lost is not sent again: the client has to begin anew",
        lambda _: "5",
        "net/ipv4/inet_connection_sock.c reqsk_timer_handler()",
    ),
)


def check(model: Model) -> Verdict:
    """Whether some setting is one of those."""
    seen = [(one, value) for one in HAZARDS if (value := model.setting(one.key)) is not None]
    if not seen:
        return Unknown(id=ID, reason="none of the settings in question is visible")
    harmful = [(one, value) for one, value in seen if one.harmful(model, value)]
    if not harmful:
        return Healthy(id=ID, summary=f"{counted(len(seen), 'setting')} looked at", evidence={"settings": len(seen)})
    harmful.sort(key=lambda pair: SEVERITIES.index(pair[0].severity))
    (worst, value), *others = harmful
    more = f"; {counted(len(others), 'more')} likewise" if len(others) > 1 else "; 1 more likewise" if others else ""
    return Finding(
        id=ID,
        severity=worst.severity,
        summary=f"{worst.key} is {value}: {worst.harm}{more}",
        evidence=_evidence(model, harmful),
        cause="Old recipes spread these values; each was meant against a number in a census, or against an attack.",
        remedies=[
            Remedy(kind="setting", key=one.key, value=better, text=f"The default; with {value}, {one.harm}.")
            for one, value in harmful
            if (better := one.better(model)) is not None
        ],
        confidence="high",
    )


def _evidence(model: Model, harmful: list[tuple[Hazard, int]]) -> Evidence:
    return {
        "settings": len(harmful),
        "hazards": [
            {"key": one.key, "value": value, "better": one.better(model), "source": one.source}
            for one, value in harmful
        ],
    }


RULE = Rule(
    id=ID,
    title="Settings that do harm",
    check=check,
    explanation=(
        "A few settings are harmful whatever the host does, and spread with recipes: tcp_tw_recycle, which drops "
        "clients behind NAT (gone since Linux 4.12); tcp_max_tw_buckets and tcp_max_orphans below what the kernel "
        "chose, half the table of connections; tcp_abort_on_overflow, which turns a burst into resets; retry counts "
        "so low that a second of loss ends connections.\n\n"
        "A notice means that nothing fails by it now. tcp_tw_recycle is a warning: it fails clients and no counter of "
        "today's kernels says so. `lastack lint` knows many more, and judges whole files.\n\n"
        "tcp_rfc1337 = 1 is not among them: it keeps a reset from ending TIME_WAIT, which is what it is for. "
        "tcp_syncookies = 2 is the business of syn-queue, and tcp_fin_timeout has a rule of its own."
    ),
    claims=(
        "tw-buckets-zero-is-none",
        "syncookies-two-is-always",
        "keepalive-zero-probes-kills",
        "abort-on-overflow-resets-the-last-ack",
    ),
)
