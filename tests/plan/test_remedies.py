"""From findings to steps."""

from lastack.doctor.diagnosis import Diagnosis, diagnose
from lastack.doctor.verdicts import Finding, Remedy
from lastack.model.model import Model
from lastack.plan.plan import Step, validated
from lastack.plan.remedies import steps_of, summary_of
from tests.model.samples import DEFAULT_PORTS, SERVED, UPSTREAM, closed, model
from tests.plan.plans import plan


def _short_of_ports() -> Model:
    """A proxy that closes each connection to its upstream: no port is left."""
    return model(closed({30: DEFAULT_PORTS}, **UPSTREAM))


def _finding(*remedies: Remedy, severity: str = "warning") -> Finding:
    fields = {"summary": "s", "evidence": {}, "cause": "c", "confidence": "high"}
    return Finding(id=f"a-{severity}", severity=severity, remedies=list(remedies), **fields)  # type: ignore[arg-type] # by name


def _steps(*findings: Finding) -> list[Step]:
    diagnosis = Diagnosis(findings=list(findings), healthy=[], unknown=[])
    return steps_of(diagnosis, model())[0]


def test_what_helps_most_comes_first_setting_or_not() -> None:
    """A pool of connections beats every setting, and is in the same list."""
    short = _short_of_ports()
    steps, left_out = steps_of(diagnose(short), short)
    assert [step.kind for step in steps[:2]] == ["application", "network"]
    assert {step.key for step in steps if step.kind == "setting"} == {
        "net.ipv4.tcp_tw_reuse",
        "net.ipv4.ip_local_port_range",
    }
    assert left_out == []
    assert validated(plan(*steps))


def test_a_setting_comes_with_all_that_is_known_of_it() -> None:
    """Reason, finding, present value, effect, hazards, how to see that it worked, claims."""
    short = _short_of_ports()
    steps, _ = steps_of(diagnose(short), short)
    step = next(step for step in steps if step.key == "net.ipv4.tcp_tw_reuse")
    assert (step.now, step.value) == ("2", "1")
    assert step.because.startswith("ephemeral-ports (critical): ")
    assert "takes over ports in TIME_WAIT" in step.reason
    assert step.effect
    assert any("firewall" in hazard for hazard in step.hazards)
    assert "TWRecycled" in step.check
    assert step.claims


def test_an_empty_plan_has_its_reason() -> None:
    """A server that closes first: its TIME_WAIT are harmless, and nothing needs a change."""
    quiet = model(closed({3: 5}, **SERVED))
    diagnosis = diagnose(quiet)
    steps, left_out = steps_of(diagnosis, quiet)
    assert (steps, left_out) == ([], [])
    assert summary_of(diagnosis, steps).startswith("Nothing to change: ")
    assert "time-wait: 5 TIME_WAIT, harmless" in summary_of(diagnosis, steps)


def test_a_remedy_that_two_findings_name_is_one_step() -> None:
    """The first that names it is the one it is done for."""
    remedy = Remedy(kind="setting", key="net.core.somaxconn", value="16384", text="t")
    advice = Remedy(kind="application", text="accept faster")
    steps = _steps(_finding(advice, remedy, severity="critical"), _finding(remedy, advice))
    assert [(step.kind, step.because) for step in steps] == [
        ("application", "a-critical (critical): s"),
        ("setting", "a-critical (critical): s"),
    ]


def test_an_applications_lines_come_with_their_process_and_their_source() -> None:
    """As the finding has them; what is general has none."""
    known = Remedy(
        kind="application", text="t", process="nginx/7", lines=("listen 80 backlog=4096;",), source="https://x"
    )
    steps = _steps(_finding(known, Remedy(kind="application", text="u")))
    assert [(step.process, step.lines, step.source) for step in steps] == [
        ("nginx/7", ["listen 80 backlog=4096;"], "https://x"),
        ("", [], ""),
    ]
    assert [step.told for step in steps] == ["[application nginx/7] t", "[application] u"]


def test_what_this_host_cannot_be_given_is_left_out_and_said() -> None:
    """A setting that it does not have, and one that is so already."""
    gone = Remedy(kind="setting", key="net.ipv4.tcp_tw_recycle", value="1", text="t")
    already = Remedy(kind="setting", key="net.ipv4.tcp_timestamps", value="1", text="t")
    diagnosis = Diagnosis(findings=[_finding(gone, already)], healthy=[], unknown=[])
    steps, left_out = steps_of(diagnosis, model())
    assert steps == []
    assert [(item.what, item.why) for item in left_out] == [
        ("net.ipv4.tcp_tw_recycle = 1", "this kernel does not have it here"),
        ("net.ipv4.tcp_timestamps = 1", "it is so already"),
    ]
    assert "no remedy is left" in summary_of(diagnosis, steps)
