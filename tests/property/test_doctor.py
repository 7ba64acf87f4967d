"""Laws of the doctor: whatever a sample holds, every rule answers, and the letter fits its sheet."""

import io
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from lastack.cli.doctor_layout import Sheet
from lastack.cli.doctor_report import render
from lastack.doctor.diagnosis import diagnose
from lastack.doctor.rules import RULES
from lastack.doctor.verdicts import SEVERITIES, Verdict
from lastack.model.model import Model
from lastack.model.sample import Cohort, Sample, Silence
from tests.model.samples import SETTINGS, cohort, listener, sample

STATES = ("ESTABLISHED", "SYN_SENT", "SYN_RECV", "FIN_WAIT1", "FIN_WAIT2", "TIME_WAIT", "CLOSE_WAIT", "LAST_ACK")
COUNTERS = (
    *("TCPTimeWaitOverflow", "ListenOverflows", "ListenDrops", "SyncookiesSent", "TCPReqQFullDrop", "TWRecycled"),
    *("PAWSEstab", "PAWSTimewait"),
    *("TCPAbortOnClose", "TCPAbortOnData", "TCPAbortOnTimeout", "TCPAbortOnMemory", "TCPMemoryPressures"),
)
NUMBERS = st.integers(0, 60_000)


@st.composite
def cohorts(draw: st.DrawFn) -> Cohort:
    """Sockets of any kind, of which some wait for something."""
    count = draw(st.integers(1, 30_000))
    state = draw(st.sampled_from(STATES))
    fields: dict[str, Any] = draw(
        st.fixed_dictionaries(
            {
                "role": st.sampled_from([None, "active", "passive"]),
                "local": st.sampled_from([None, "10.0.0.1", "::1", "::ffff:10.0.0.1"]),
                "local_port": st.sampled_from([None, 80, 8443]),
                "remote": st.sampled_from([None, "10.0.0.2", "127.0.0.1"]),
                "remote_port": st.sampled_from([None, 5432]),
                "process": st.sampled_from([None, "nginx/7", "app/8", "/"]),
                "uid": st.sampled_from([None, 0, 33]),
                "orphan": st.booleans(),
            }
        )
    )
    part = st.integers(0, count)
    waiting = {name: draw(part) for name in ("retried", "probed", "kept_alive", "bind_parity")}
    closes = {draw(st.integers(0, 59)): count} if state == "TIME_WAIT" and draw(st.booleans()) else {}
    return cohort(state, count, **fields, **waiting, closes=closes)


@st.composite
def samples(draw: st.DrawFn) -> Sample:
    """A host as it may be saved by any version, with any setting hidden."""
    hidden = draw(st.sets(st.sampled_from(sorted(SETTINGS)), max_size=4))
    doors = [
        listener(
            port, queue=draw(st.none() | NUMBERS), backlog=draw(st.none() | NUMBERS), drops=draw(st.none() | NUMBERS)
        )
        for port in draw(st.lists(st.sampled_from([80, 8443, 40_000]), max_size=3))
    ]
    silences = [
        Silence(state="CLOSE_WAIT", process="app/8", uid=33, seconds={draw(st.sampled_from([0, 1, 64])): draw(NUMBERS)})
    ]
    return sample(
        *draw(st.lists(cohorts(), max_size=8)),
        listeners=doors,
        settings=dict.fromkeys(hidden),
        has_timers=draw(st.booleans()),
        silences=draw(st.sampled_from([None, silences])),
        bound_ports=draw(st.sampled_from([None, [40_001]])),
        opened_ports=draw(st.none() | NUMBERS),
        counters={"TcpExt": {name: draw(NUMBERS) for name in COUNTERS}, "Tcp": {"ActiveOpens": draw(NUMBERS)}},
        uptime_s=draw(st.sampled_from([1000.0, 1010.0])),
    )


@settings(deadline=None, max_examples=40)
@given(samples(), st.none() | samples(), st.integers(24, 140))
def test_every_rule_answers_and_the_letter_fits(now: Sample, before: Sample | None, width: int) -> None:
    """Once each, by its own id, worst first; no line is wider than the sheet but for a word that is."""
    model = Model.of(now, before)
    diagnosis = diagnose(model)
    verdicts: list[Verdict] = [*diagnosis.findings, *diagnosis.healthy, *diagnosis.unknown]
    answers = [one.id for one in verdicts]
    assert sorted(answers) == sorted(rule.id for rule in RULES)
    severities = [SEVERITIES.index(finding.severity) for finding in diagnosis.findings]
    assert severities == sorted(severities)
    letter = io.StringIO()
    render(diagnosis, model, Sheet(letter, width))
    assert all(len(line) <= max(width, 48) for line in letter.getvalue().splitlines())


@settings(deadline=None, max_examples=40)
@given(samples())
def test_one_sample_never_speaks_of_what_happened(now: Sample) -> None:
    """Counters since boot, whatever they stand at, change no answer."""
    still = diagnose(Model.of(now))
    moved = replace(
        now, counters={group: {name: n + 999 for name, n in of.items()} for group, of in now.counters.items()}
    )
    assert diagnose(Model.of(moved)) == still
