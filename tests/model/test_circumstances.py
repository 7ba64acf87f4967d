"""What else differs: one sentence each, and none where nothing does."""

import pytest
from msgspec.structs import replace

from lastack.model.circumstances import circumstances
from lastack.model.sample import Sample
from tests.model.samples import article, cohort, listener, sample

LATER: dict[str, object] = {"uptime_s": 2000.0}


@pytest.mark.parametrize(
    ("changed", "slug"),
    [
        ({"host": "web2"}, "host"),
        ({"kernel": "6.19.0"}, "kernel"),
        ({"boot_id": "b1"}, "boot"),
        ({"netns": "net:[1]"}, "namespace"),
        ({"uptime_s": 999.0}, "order"),
        ({"uptime_s": 1030.0}, "overlap"),
        ({"uptime_s": 30.0, "boot_id": "b1"}, "young"),
        ({"source": "proc"}, "source"),
        ({"exact": False}, "inexact"),
        ({"unseen": {"processes": "needs root"}}, "hidden"),
    ],
)
def test_each_is_said(changed: dict[str, object], slug: str) -> None:
    """Each by its slug; an ordinary later sample has none."""
    before, after = article(), replace(article(), uptime_s=2000.0)
    assert circumstances(before, after) == []
    assert slug in {one.id for one in circumstances(before, replace(article(), **LATER | changed))}


def held_by(process: str) -> Sample:
    """A host one of whose connections is held by a process."""
    return sample(cohort("ESTABLISHED", 5, process=process), uptime_s=2000.0)


def test_a_restart_is_told_from_a_new_worker() -> None:
    """All processes of a name are others: it was restarted, and what it held was closed then."""
    (found,) = circumstances(sample(cohort("ESTABLISHED", 5, process="httpd/812")), held_by("httpd/990"))
    assert (found.id, found.text) == ("program", "httpd was started anew (pid 812, then pid 990)")
    one = sample(cohort("ESTABLISHED", 5, process="httpd/812"), listeners=[listener(process="httpd/1")])
    two = sample(
        cohort("ESTABLISHED", 5, process="httpd/813"), listeners=[listener(process="httpd/1")], uptime_s=2000.0
    )
    assert circumstances(one, two) == []


def test_a_changed_backlog_is_said() -> None:
    """A listener with the same address and another backlog."""
    found = circumstances(sample(listeners=[listener()]), sample(listeners=[listener(backlog=4096)], uptime_s=2000.0))
    assert [one.text for one in found] == ["the backlog of 0.0.0.0:80 was 128 and is 4,096"]
