"""All rules together, and their document."""

import json

import pytest

from lastack.doctor.diagnosis import diagnose, to_json
from lastack.doctor.rules import RULES
from lastack.doctor.verdicts import SEVERITIES
from lastack.model.model import Model
from tests.model.samples import SERVED, article, cohort, later, listener, model, sample

SICK = later(
    sample(),
    sample(cohort("CLOSE_WAIT", 30, **SERVED, process="a/1"), listeners=[listener(queue=129)]),
    TCPTimeWaitOverflow=5,
)


def test_the_article() -> None:
    """One finding, CLOSE_WAIT; TIME_WAIT is among the healthy."""
    diagnosis = diagnose(Model.of(article()))
    assert [finding.id for finding in diagnosis.findings] == ["close-wait"]
    assert {"time-wait", "ephemeral-ports", "accept-queue", "syn-queue"} <= {item.id for item in diagnosis.healthy}
    assert {item.reason for item in diagnosis.unknown} <= {"one sample only"}


def test_worst_first() -> None:
    """By severity, then in the order of the rules."""
    found = [(finding.severity, finding.id) for finding in diagnose(SICK).findings]
    assert found == [("critical", "accept-queue"), ("warning", "time-wait-refused"), ("warning", "close-wait")]


def test_every_rule_answers_once() -> None:
    """Nothing is left out."""
    diagnosis = diagnose(SICK)
    answers = [finding.id for finding in diagnosis.findings]
    answers += [item.id for item in diagnosis.healthy] + [item.id for item in diagnosis.unknown]
    assert sorted(answers) == sorted(rule.id for rule in RULES)


@pytest.mark.parametrize("severity", SEVERITIES)
def test_reaches(severity: str) -> None:
    """A warning reaches warning and notice, not critical; health reaches nothing."""
    article_reaches = diagnose(Model.of(article())).reaches(severity)  # type: ignore[arg-type]  # one of SEVERITIES
    assert article_reaches == (severity != "critical")
    assert not diagnose(model()).reaches(severity)  # type: ignore[arg-type]  # as above


def test_the_document() -> None:
    """Plain values with the keys that others read."""
    made = Model.of(article())
    document = json.loads(json.dumps(to_json(diagnose(made), made)))
    assert document["schema"] == "lastack.doctor/1"
    assert (document["total"], document["states"]["CLOSE_WAIT"], document["interval_s"]) == (26_568, 125, None)
    [finding] = document["findings"]
    assert set(finding) == {"id", "severity", "summary", "evidence", "cause", "remedies", "confidence", "claims"}
    assert finding["claims"] == ["close-wait-has-no-timer"]
    assert finding["remedies"][0]["kind"] == "application"
    assert {"id", "summary", "evidence"} <= set(document["healthy"][0])


def test_the_document_of_two_samples() -> None:
    """The seconds between them; a setting remedy has its key and value."""
    document = to_json(diagnose(SICK), SICK)
    assert document["interval_s"] == 10.0
    remedies = [remedy for finding in document["findings"] for remedy in finding["remedies"]]
    assert {"key", "value", "kind", "text"} in [set(remedy) for remedy in remedies]


def test_the_document_of_a_host_that_shows_little() -> None:
    """What cannot be told has its reason."""
    made = model(settings={"net.ipv4.ip_local_port_range": None}, unseen={"processes": "needs root"})
    document = to_json(diagnose(made), made)
    assert {"id", "reason"} <= set(document["unknown"][0])
    assert document["unseen"] == {"processes": "needs root"}
