"""How to give a listener longer queues: its backlog bounds the accept queue and, since Linux 4.4, the SYN queue."""

from lastack.doctor.applications.remedies import remedies_for
from lastack.doctor.verdicts import Remedy
from lastack.model.model import Model

__all__ = ["SOMAXCONN", "backlog_remedies"]

SOMAXCONN = "net.core.somaxconn"

_LEAST = 4096  # the default since Linux 5.4


def backlog_remedies(model: Model, backlog: int | None, process: str | None) -> list[Remedy]:
    """Raise what binds: the program's number below somaxconn, else somaxconn and then the program's number."""
    return [_general(model, backlog), *remedies_for("backlog", process)]


def _general(model: Model, backlog: int | None) -> Remedy:
    cap = model.setting(SOMAXCONN)
    if backlog is None or cap is None:
        text = f"Ask for a longer backlog in listen(); {SOMAXCONN} must be as large."
        return Remedy(kind="application", text=text)
    if backlog < cap:
        text = f"Ask for a longer backlog in listen(), up to {cap:,} ({SOMAXCONN}), which needs no setting."
        return Remedy(kind="application", text=text)
    wanted = max(4 * cap, _LEAST)
    text = (
        "Allow longer backlogs. It counts when listen() is called, so the program must ask for as much and be "
        "restarted. A longer queue helps with bursts, not with a program that is too slow."
    )
    return Remedy(kind="setting", key=SOMAXCONN, value=str(wanted), text=text)
