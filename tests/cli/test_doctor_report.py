"""The report on a terminal: what a reader sees."""

import io
import re

import pytest

from lastack.cli.doctor_layout import Sheet
from lastack.cli.doctor_report import render
from lastack.doctor.diagnosis import Diagnosis, diagnose
from lastack.doctor.verdicts import Finding, Remedy
from lastack.model.model import Model
from tests.model.samples import SERVED, article, cohort, later, listener, model, sample

HOSTILE = "\x1b[31m[bold]evil\n\u202e[/bold]"


def report(made: Model, width: int = 80, *, terminal: bool = False) -> str:
    """What is printed."""
    out = io.StringIO()
    render(diagnose(made), made, Sheet(out, width, terminal))
    return out.getvalue()


def busy() -> Model:
    """Several findings, two samples."""
    return later(
        sample(),
        sample(cohort("CLOSE_WAIT", 30, **SERVED, process="a/1"), listeners=[listener(queue=129)]),
        TCPTimeWaitOverflow=5,
        SyncookiesSent=5,
        TCPAbortOnClose=0,
        PAWSEstab=0,
        Tcp_AttemptFails=0,
    )


def test_the_article() -> None:
    """The verdict first, then the host, the census with the most frequent state first, the finding, the healthy."""
    lines = report(Model.of(article())).splitlines()
    assert lines[0] == "Warning: close-wait; the rest is healthy."
    assert lines[1].startswith("web1  Linux 6.18.0")
    assert lines[2].startswith("26,568 TCP sockets: 25,087 TIME_WAIT, 1,070 ESTABLISHED,")
    text = " ".join(" ".join(lines).split())
    assert "WARNING close-wait" in text
    assert "evidence close_wait 125" in text
    assert "1. [application]" in text
    assert "25,087 TIME_WAIT, harmless" in text
    assert "one sample only (`lastack doctor --interval 5` takes two): time-wait-refused," in text
    assert "overflows, cookies and drops" in text


def test_a_healthy_host_fits_a_screen() -> None:
    """24 lines of 80 columns."""
    healthy = [one for one in article().cohorts if one.state != "CLOSE_WAIT"]
    lines = report(model(*healthy, listeners=article().listeners)).splitlines()
    assert lines[0] == "All healthy as far as one sample tells: nothing needs a change."
    assert len(lines) <= 24


@pytest.mark.parametrize("width", [40, 80, 132])
def test_no_line_is_wider_than_the_console(width: int) -> None:
    """Nor padded with blanks to its width."""
    for made in (Model.of(article()), busy()):
        for line in report(made, width).splitlines():
            assert len(line) <= width
            assert line == line.rstrip()


@pytest.mark.parametrize(
    ("width", "verdict"),
    [
        (95, "Critical: accept-queue; warning: time-wait-refused, close-wait, syn-queue; the rest is healthy."),
        (85, "Critical: accept-queue; warning: time-wait-refused; 2 more; the rest is healthy."),
        (60, "Critical: accept-queue; 3 more; the rest is healthy."),
        (40, "4 findings; the rest is healthy."),
    ],
)
def test_the_verdict_is_one_line(width: int, verdict: str) -> None:
    """As many findings by name as fit, worst first; the others as a number."""
    assert report(busy(), width).splitlines()[0] == verdict


def test_colours_carry_no_meaning() -> None:
    """Without its escape sequences the coloured report is the plain one."""
    made = busy()
    coloured = report(made, terminal=True)
    assert "\x1b[1;31mCRITICAL" in coloured
    assert re.sub(r"\x1b\[[\d;]*m", "", coloured) == report(made)


@pytest.mark.parametrize("terminal", [True, False])
def test_hostile_names_stay_text(terminal: bool) -> None:  # noqa: FBT001 - both kinds of console
    """Neither markup nor control characters of a process, host or namespace reach the terminal."""
    made = Model.of(
        sample(
            cohort("CLOSE_WAIT", 300, **SERVED, process=f"{HOSTILE}/7"),
            listeners=[listener(queue=500, process=f"{HOSTILE}/8")],
            host=HOSTILE,
            netns_name=HOSTILE,
            unseen={HOSTILE: HOSTILE},
        )
    )
    text = report(made, 200, terminal=terminal)
    assert r"\x1b[31m[bold]evil\n\u202e[/bold]" in text
    assert "\x1b[31m[bold]" not in text
    assert "\u202e" not in text


def test_what_cannot_be_told_has_its_reason() -> None:
    """A line for a rule, and one for what could not be read."""
    lines = report(
        model(settings={"net.ipv4.ip_local_port_range": None}, unseen={"processes": "needs root"})
    ).splitlines()
    assert lines[0].startswith("Nothing wrong in sight; ")
    block = "\n".join(lines[lines.index("CANNOT TELL, BECAUSE") :])
    assert re.search(r"net\.ipv4\.ip_local_port_range is not visible: ephemeral-ports,\s+bound-ports", block)
    assert re.search(r"^  processes +needs root$", block, re.MULTILINE)


def test_two_samples_leave_no_reservation() -> None:
    """With the counters at hand nothing is unseen."""
    counted = ("TCPTimeWaitOverflow", "TCPAbortOnClose", "PAWSEstab", "ListenOverflows", "SyncookiesSent")
    zero = dict.fromkeys((*counted, "Tcp_AttemptFails"), 0)
    lines = report(later(sample(), sample(), **zero)).splitlines()
    assert lines[0] == "All healthy: nothing needs a change."
    assert "one sample only" not in " ".join(lines)


def test_lines_to_write_stand_below_their_remedy() -> None:
    """Further in, each on a line of its own, with the page that documents them."""
    remedy = Remedy(
        kind="application",
        text="Write this.",
        lines=("keepalive 32;", "proxy_http_version 1.1;"),
        source="https://x.org/y",
    )
    finding = Finding(
        id="x", severity="warning", summary="s", evidence={}, cause="c", remedies=[remedy], confidence="high"
    )
    out = io.StringIO()
    render(Diagnosis(findings=[finding], healthy=[], unknown=[]), model(), Sheet(out, 80))
    lines = out.getvalue().splitlines()
    at = lines.index("  remedies  1. [application] Write this.")
    assert lines[at + 1 :] == [
        " " * 17 + "keepalive 32;",
        " " * 17 + "proxy_http_version 1.1;",
        " " * 15 + "https://x.org/y",
    ]


def test_a_sample_that_is_less_than_whole_says_so() -> None:
    """Read from /proc, or changed under the dump."""
    head = report(model(source="proc", exact=False), 200).splitlines()[1]
    assert "read from /proc" in head
    assert "inexact" in head


def test_an_empty_host() -> None:
    """No sockets is a census too."""
    assert "no TCP sockets" in report(model())


def test_one_of_a_kind_is_in_the_singular() -> None:
    """One socket; one finding, where its name does not fit."""
    assert "\n1 TCP socket: 1 LISTEN\n" in report(model(listeners=[listener()]))
    assert report(Model.of(article()), 40).startswith("1 finding; the rest is healthy.\n")
