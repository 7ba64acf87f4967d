"""Whether SYN cookies keep a connection's options."""

import pytest

from lastack.doctor.cookie_options import check
from lastack.doctor.verdicts import Finding, Healthy, Unknown, Verdict
from tests.model.samples import later, model, sample

COOKIES, TIMESTAMPS = "net.ipv4.tcp_syncookies", "net.ipv4.tcp_timestamps"


@pytest.mark.parametrize(
    ("cookies", "timestamps", "answer"),
    [
        ("1", "1", Healthy),
        ("1", "2", Healthy),
        ("0", "0", Healthy),
        ("1", "0", Finding),
        ("2", "0", Finding),
        (None, "0", Unknown),
        ("1", None, Unknown),
    ],
)
def test_cookies_need_timestamps(cookies: str | None, timestamps: str | None, answer: type[Verdict]) -> None:
    """Either way of having them; without cookies nothing is lost."""
    verdict = check(model(settings={COOKIES: cookies, TIMESTAMPS: timestamps}))
    assert isinstance(verdict, answer)
    if isinstance(verdict, Finding):
        assert verdict.severity == "notice"
        assert (verdict.remedies[0].key, verdict.remedies[0].value) == (TIMESTAMPS, "1")


def test_how_many_were_made_so() -> None:
    """Between two samples."""
    off = sample(settings={TIMESTAMPS: "0"})
    verdict = check(later(off, off, SyncookiesRecv=12))
    assert isinstance(verdict, Finding)
    assert verdict.summary.endswith("; 12 connections without them in 10 s")
