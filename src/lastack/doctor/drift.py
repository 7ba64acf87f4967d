"""Settings that the sysctl files promise and the kernel does not have."""

from lastack.doctor.rule import Rule
from lastack.doctor.verdicts import Evidence, Finding, Healthy, Remedy, Unknown, Verdict
from lastack.doctor.wording import counted
from lastack.model.model import Model
from lastack.model.sample import Promise
from lastack.settings.lint.values import Bad, numbers, ports

__all__ = ["ID", "MACHINES", "RULE", "check", "kept"]

ID = "drift"

_PORTS = "net.ipv4.ip_local_reserved_ports"
# Of the machine's first namespace alone: that another one does not have them, or cannot set them, is no drift.
MACHINES = frozenset(
    (
        "net.core.netdev_max_backlog",
        "net.ipv4.tcp_max_orphans",
        "net.ipv4.tcp_mem",
        "net.netfilter.nf_conntrack_buckets",
        "net.netfilter.nf_conntrack_max",
    )
)
_SHOWN = 10


def check(model: Model) -> Verdict:
    """Whether what somebody wrote down is what the kernel does."""
    if model.promises is None:
        why = model.unseen.get("sysctl files", "the sample does not have the sysctl files")
        return Unknown(id=ID, reason=f"what the host's sysctl files set is not visible: {why}")
    ours = [one for one in model.promises if model.machine.first_namespace or one.key not in MACHINES]
    broken = [one for one in ours if not kept(one)]
    if broken:
        return _finding(model, broken)
    summary = f"{counted(len(ours), 'setting')} as the files have them" if ours else "the sysctl files set none of them"
    unread = {what: why for what, why in model.unseen.items() if what == "sysctl files"}
    return Healthy(id=ID, summary=summary, evidence=_evidence(ours, []), unseen=unread, absent=not ours)


def kept(promise: Promise) -> bool:
    """Whether the live value is the promised one, as the kernel reads it: of several numbers, those that are given."""
    if promise.live is None:
        return False
    if promise.key == _PORTS:
        return ports(promise.value) == ports(promise.live)
    live = promise.live.split()
    promised = numbers(promise.value, len(live))
    if isinstance(promised, Bad):
        return promise.value.split() == live
    return [str(number) for number in promised] == live[: len(promised)]


def _finding(model: Model, broken: list[Promise]) -> Finding:
    missing = [one for one in broken if one.live is None]
    first = broken[0]
    live = "not there" if first.live is None else first.live or "empty"
    more = f"; {counted(len(broken) - 1, 'more setting')} likewise" if len(broken) > 1 else ""
    return Finding(
        id=ID,
        severity="notice",
        summary=f"{first.key} is {live}, not {first.value} as {first.file} has it{more}",
        evidence=_evidence(model.promises or [], broken),
        cause=_cause(model, missing),
        remedies=_remedies(model, missing),
        confidence="high" if model.machine.first_namespace else "medium",
    )


def _cause(model: Model, missing: list[Promise]) -> str:
    gone = (
        " What is not there was removed from the kernel, is misspelt, or belongs to a module that is not loaded."
        if missing
        else ""
    )
    if not model.machine.first_namespace:
        return (
            "A new network namespace, and so a container, starts from the kernel's defaults, whatever the host has: "
            f"the files are read once, at boot, for the first namespace.{gone}"
        )
    return (
        "The files are read at boot. Since then somebody wrote another value, or the file was changed and not "
        f"loaded; or the kernel refused the line. After the next boot the host will be another one.{gone}"
    )


def _remedies(model: Model, missing: list[Promise]) -> list[Remedy]:
    found = [
        Remedy(
            kind="application",
            text="Judge the lines before you load them: `lastack lint --system` says which are out of date or harmful.",
        )
    ]
    if model.machine.first_namespace:
        found.append(Remedy(kind="application", text="Decide which value is meant; `sysctl --system` loads the files."))
    else:
        text = "Set it where the namespace is made: the container's sysctls, the pod's securityContext, the unit."
        found.append(Remedy(kind="application", text=text))
    if missing:
        found.append(Remedy(kind="application", text="Delete lines of keys that are gone: `sysctl -p` fails at them."))
    return found


def _evidence(promises: list[Promise], broken: list[Promise]) -> Evidence:
    return {
        "promised": len(promises),
        "broken": len(broken),
        "settings": [
            {"key": one.key, "promised": one.value, "live": one.live, "place": f"{one.file}:{one.line}"}
            for one in broken[:_SHOWN]
        ],
    }


RULE = Rule(
    id=ID,
    title="What sysctl files promise, against what the kernel has",
    check=check,
    explanation=(
        "Files in sysctl.d are read once, at boot. Later the kernel can have other values: somebody tried something "
        "by hand, a file was edited and never loaded, another program (a tuning daemon, the container runtime) wrote "
        "its own, the kernel was upgraded and lost the key. It shows at the next boot, on another host, or never.\n\n"
        "A new network namespace starts from the kernel's defaults, not from the host's values: a container has none "
        "of the host's tuning unless its own settings say so. Seen from there, the files are promises that nobody "
        "made to it.\n\n"
        "It is a notice, since nothing fails by it; and the file need not be the better one of the two. "
        "`lastack lint --system` judges the lines."
    ),
    claims=("new-namespaces-begin-with-the-kernels-defaults", "tw-recycle-is-gone"),
)
