"""Who closes first."""

from lastack.doctor.close_order import COSTLY, check
from lastack.doctor.verdicts import Finding, Healthy
from lastack.model.model import Model
from tests.model.samples import DEFAULT_PORTS, SERVED, UPSTREAM, article, closed, model


def test_a_server_that_closes_first_pays_nothing() -> None:
    """25,087 as server on the article's host."""
    verdict = check(Model.of(article()))
    assert isinstance(verdict, Healthy)
    assert verdict.summary == "closed here first: 25,087 as server, which costs nothing"
    groups = verdict.evidence["groups"]
    assert isinstance(groups, list)
    # 25,087 in 60 s.
    assert (groups[0]["role"], groups[0]["place"], groups[0]["closes_per_s"]) == ("passive", "10.0.0.1:80", 418.1)


def test_a_client_that_closes_first_pays_with_ports() -> None:
    """A fifth of the ports is worth knowing, less is not."""
    least = -int(-COSTLY * DEFAULT_PORTS // 1)
    verdict = check(model(closed({30: least}, **UPSTREAM)))
    assert isinstance(verdict, Finding)
    assert verdict.severity == "notice"
    assert f"pays with {least:,} of {DEFAULT_PORTS:,} local ports" in verdict.summary
    assert "They suffice so far" in verdict.cause
    assert isinstance(check(model(closed({30: least - 1}, **UPSTREAM))), Healthy)


def test_both_sides_are_told_apart() -> None:
    """Each with what it costs."""
    verdict = check(model(closed({30: 600}, **UPSTREAM), closed({30: 300}, **SERVED)))
    assert isinstance(verdict, Healthy)
    assert verdict.summary == "closed here first: 300 as server, which costs nothing, 600 as client"
    groups = verdict.evidence["groups"]
    assert isinstance(groups, list)
    assert [(row["place"], row["ports_percent"]) for row in groups] == [
        ("10.0.0.1 > 10.0.0.2:8080", 2.1),
        ("10.0.0.1:80", 0.0),
    ]


def test_an_idle_host() -> None:
    """Nothing was closed here first."""
    verdict = check(model())
    assert isinstance(verdict, Healthy)
    assert verdict.absent
