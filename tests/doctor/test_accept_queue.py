"""Accept queues: full, overflowing, fine, out of sight."""

import pytest

from lastack.doctor.accept_queue import check
from lastack.doctor.verdicts import Finding, Healthy, Unknown, Verdict
from lastack.model.model import Model
from tests.model.samples import article, later, listener, model, sample

SOMAXCONN = "net.core.somaxconn"


def severity(verdict: Verdict) -> str | None:
    """Of a finding; None: healthy."""
    return verdict.severity if isinstance(verdict, Finding) else None


@pytest.mark.parametrize(
    ("queue", "expected"), [(0, None), (74, None), (75, "warning"), (99, "warning"), (100, "critical")]
)
def test_fill(queue: int, expected: str | None) -> None:
    """A backlog of 99 is room for 100: three quarters, and full."""
    assert severity(check(model(listeners=[listener(queue=queue, backlog=99)]))) == expected


def test_a_full_queue_that_lost_nothing() -> None:
    """Two samples, no overflow: full, and not yet losing."""
    full = sample(listeners=[listener(queue=100, backlog=99)])
    assert severity(check(later(full, full, ListenOverflows=0))) == "warning"
    assert severity(check(later(full, full, ListenOverflows=1))) == "critical"


def test_overflow_between_two_samples() -> None:
    """33 in 10 s, though the queues are short now; the evidence names the fullest."""
    now = sample(listeners=[listener(80, queue=5), listener(81)])
    verdict = check(later(now, now, ListenOverflows=33))
    assert isinstance(verdict, Finding)
    assert verdict.severity == "warning"
    assert verdict.summary.startswith("33 connection attempts met a full accept queue in 10 s")
    assert verdict.evidence["listen_overflows_per_s"] == 3.3
    queues = verdict.evidence["queues"]
    assert isinstance(queues, list)
    assert queues[0] == {
        "listener": "0.0.0.0:80",
        "process": None,
        "queue": 5,
        "backlog": 128,
        "capacity": 129,
        "lost": None,
    }


def test_the_listener_that_lost_is_named() -> None:
    """Though its queue is short now, and another's longer."""
    before = sample(listeners=[listener(80, queue=5, drops=7), listener(81, process="app/9", drops=100)])
    now = sample(listeners=[listener(80, queue=5, drops=7), listener(81, process="app/9", drops=133)])
    verdict = check(later(before, now, ListenOverflows=33))
    assert isinstance(verdict, Finding)
    assert verdict.summary.endswith("in 10 s, at 0.0.0.0:81 (app/9), which has room now")
    queues = verdict.evidence["queues"]
    assert isinstance(queues, list)
    assert [(row["listener"], row["lost"]) for row in queues] == [("0.0.0.0:81", 33)]


def test_overflows_since_boot_are_no_present_trouble() -> None:
    """One sample says nothing of now, and the verdict says so."""
    verdict = check(model(counters={"TcpExt": {"ListenOverflows": 9999}}, listeners=[listener()]))
    assert isinstance(verdict, Healthy)
    assert verdict.unseen == {"overflows": "one sample only"}


@pytest.mark.parametrize(
    ("backlog", "cap", "who", "kind"),
    [
        (10, "4096", "the program's own number binds", "application"),
        (4096, "4096", "somaxconn, 4,096, binds", "setting"),
        (511, "128", "was lowered since, to 128", "setting"),
        (10, None, "which of the two binds is not visible", "application"),
    ],
)
def test_which_limit_binds(backlog: int, cap: str | None, who: str, kind: str) -> None:
    """min(listen(), somaxconn): the remedy touches the smaller one."""
    made = model(listeners=[listener(queue=backlog + 1, backlog=backlog)], settings={SOMAXCONN: cap})
    verdict = check(made)
    assert isinstance(verdict, Finding)
    assert who in verdict.cause
    assert [remedy.kind for remedy in verdict.remedies] == ["application", kind]


def test_a_higher_cap_is_of_use_only_after_a_restart() -> None:
    """listen() takes the cap once."""
    made = model(listeners=[listener(queue=129, backlog=128)], settings={SOMAXCONN: "128"})
    verdict = check(made)
    assert isinstance(verdict, Finding)
    remedy = verdict.remedies[-1]
    assert (remedy.key, remedy.value) == (SOMAXCONN, "4096")
    assert "restarted" in remedy.text


def test_the_listener_is_named() -> None:
    """With its process."""
    verdict = check(model(listeners=[listener(8080, queue=200, backlog=128, process="java/42")]))
    assert isinstance(verdict, Finding)
    assert verdict.summary == "the accept queue of 0.0.0.0:8080 (java/42) holds 200 of 129"


def test_healthy() -> None:
    """The article's nine listeners, none at all, and one with a few waiting."""
    nine = check(Model.of(article()))
    assert isinstance(nine, Healthy)
    assert nine.summary == "9 queues, none with a connection waiting"
    none = check(model())
    assert isinstance(none, Healthy)
    assert none.summary == "no listeners"
    some = check(model(listeners=[listener(queue=5)]))
    assert isinstance(some, Healthy)
    assert some.summary == "fullest holds 5 of 129 (0.0.0.0:80)"


def test_cannot_tell_from_proc_alone() -> None:
    """/proc/net/tcp shows no queue of a listener, one sample no overflow."""
    hidden = sample(listeners=[listener(queue=None, backlog=None)], source="proc")
    verdict = check(Model.of(hidden))
    assert isinstance(verdict, Unknown)
    assert "without sock_diag" in verdict.reason
    still = check(later(hidden, hidden, ListenOverflows=0))
    assert isinstance(still, Healthy)
    assert still.summary == "no overflow between the samples"


def test_overflow_with_queues_out_of_sight() -> None:
    """The counter alone finds it."""
    hidden = sample(listeners=[listener(queue=None, backlog=None)], source="proc")
    assert severity(check(later(hidden, hidden, ListenOverflows=3))) == "warning"


def test_a_kernel_without_the_counter() -> None:
    """Two samples and no ListenOverflows."""
    verdict = check(later(sample(), sample()))
    assert isinstance(verdict, Healthy)
    assert verdict.unseen == {"overflows": "this kernel has no ListenOverflows"}


def test_lines_for_the_program_that_listens() -> None:
    """More workers, then a longer backlog, in its own configuration."""
    verdict = check(model(listeners=[listener(queue=129, process="gunicorn/7")]))
    assert isinstance(verdict, Finding)
    lines = [line for remedy in verdict.remedies for line in remedy.lines]
    assert lines[:2] == ['worker_class = "gthread"', "workers = 5"]
    assert lines[-1] == "backlog = 4096"


def test_one_of_several_that_share_a_port() -> None:
    """The others have room: it is one program that does not accept, not the load."""
    shared = [
        listener(queue=129, process="app/7"),
        listener(queue=0, process="app/8"),
        listener(queue=3, process="app/9"),
    ]
    verdict = check(model(listeners=shared))
    assert isinstance(verdict, Finding)
    assert "app/7" in verdict.summary
    assert "there is room at 2 other sockets" in verdict.cause
