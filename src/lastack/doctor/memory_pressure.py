"""TCP's memory: all sockets of the machine together, against tcp_mem."""

from lastack.doctor.during import changes, during
from lastack.doctor.orphans import ABORTED, killing
from lastack.doctor.rule import Rule
from lastack.doctor.verdicts import Evidence, Finding, Healthy, Remedy, Severity, Unknown, Verdict
from lastack.doctor.wording import counted
from lastack.model.model import Model

__all__ = ["ID", "RULE", "check"]

ID = "memory-pressure"

_MEM = "net.ipv4.tcp_mem"
_ENTERED = "TcpExt.TCPMemoryPressures"


def check(model: Model) -> Verdict:
    """Whether TCP's memory is scarce, or was between the samples."""
    if _aborted(model) or _scarce(model) or model.delta(_ENTERED):
        return _finding(model)
    if model.machine.memory_scarce is None and model.machine.memory_marks is None:
        reason = "neither /proc/net/protocols nor tcp_mem is visible"
        return Unknown(id=ID, reason=reason, evidence=_evidence(model))
    return Healthy(id=ID, summary=_plenty(model), evidence=_evidence(model))


def _aborted(model: Model) -> int:
    """Connections reset for want of memory; those reset for too many orphans are the business of ``orphans``."""
    return 0 if killing(model) else model.delta(ABORTED) or 0


def _scarce(model: Model) -> bool:
    pages, marks = model.machine.memory_pages, model.machine.memory_marks
    return bool(model.machine.memory_scarce) or (pages is not None and marks is not None and pages > marks[1])


def _exhausted(model: Model) -> bool:
    pages, marks = model.machine.memory_pages, model.machine.memory_marks
    return pages is not None and marks is not None and pages >= marks[2]


def _plenty(model: Model) -> str:
    pages, marks = model.machine.memory_pages, model.machine.memory_marks
    if pages is None:
        return "not scarce"
    return f"{counted(pages, 'page')} in use" + (f", scarce from {marks[1]:,} on" if marks else ", not scarce")


def _severity(model: Model) -> Severity:
    return "critical" if _aborted(model) or _exhausted(model) else "warning"


def _summary(model: Model) -> str:
    pages, marks = model.machine.memory_pages, model.machine.memory_marks
    parts = []
    if _scarce(model):
        of = f" of {marks[2]:,}" if marks else ""
        held = f": TCP holds {pages or 0:,}{of} pages" if pages is not None else ""
        parts.append(f"TCP's memory is scarce on this machine{held}")
    elif model.delta(_ENTERED):
        parts.append(f"TCP's memory was scarce {counted(model.delta(_ENTERED) or 0, 'time')} {during(model)}")
    if _aborted(model):
        parts.append(f"{counted(_aborted(model), 'connection')} reset for want of memory {during(model)}")
    return "; ".join(parts)


def _finding(model: Model) -> Finding:
    return Finding(
        id=ID,
        severity=_severity(model),
        summary=_summary(model),
        evidence=_evidence(model),
        cause=(
            "Data that programs have not read, or that peers have not acknowledged, fills the buffers of many "
            "sockets. Under pressure every connection gets smaller windows and slows down; at the limit the kernel "
            "resets connections. The limit is all namespaces' together."
        ),
        remedies=_remedies(model),
        confidence="high",
    )


def _remedies(model: Model) -> list[Remedy]:
    found = [
        Remedy(
            kind="application",
            text="Find who does not read, or sends to peers that do not: long queues in ss -tmp.",
        ),
        Remedy(
            kind="application", text="Hold fewer idle connections, and bound each one's buffers (SO_RCVBUF, SO_SNDBUF)."
        ),
    ]
    marks = model.machine.memory_marks
    if marks is None:
        return found
    text = "If the machine has that much memory to spare, on the host itself: in pages, and for all sockets together."
    doubled = " ".join(str(2 * mark) for mark in marks)
    return [*found, Remedy(kind="setting", key=_MEM, value=doubled, text=text)]


def _evidence(model: Model) -> Evidence:
    marks = model.machine.memory_marks
    return {
        "pages": model.machine.memory_pages,
        "scarce_from_pages": None if marks is None else marks[1],
        "limit_pages": None if marks is None else marks[2],
        "scarce": model.machine.memory_scarce,
        **changes(model, {_ENTERED: "memory_pressures", ABORTED: "aborted_on_memory"}),
    }


RULE = Rule(
    id=ID,
    title="Memory of all TCP sockets of the machine",
    check=check,
    explanation=(
        "tcp_mem has three numbers of pages, for all sockets of the machine together: below the first all is well; "
        "above the second the kernel is under memory pressure, until it is below the first again; at the third it "
        "gives no more, and resets connections (TCPAbortOnMemory). They are set at boot by the memory that is there, "
        "and are in pages, so copying them from another machine, or reading them as bytes, does harm.\n\n"
        "A warning means pressure now, or some time between two samples; critical, that the limit is reached or that "
        "connections were reset. The kernel's word for it is in /proc/net/protocols and is seen from every "
        "namespace; the numbers only from the first. Memory limits of cgroups are another matter.\n\n"
        "TIME_WAIT is not in this memory: it costs some hundred bytes of another kind."
    ),
    claims=("tcp-mem-full-cuts-off",),
)
