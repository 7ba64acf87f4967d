"""`lastack explain` as a user runs it."""

import json

import pytest

from lastack.doctor.rule import Rule
from lastack.doctor.rules import RULES
from tests.cli.running import lastack
from tests.settings.cases import RECIPE


def test_a_page_is_plain_text_in_a_pipe() -> None:
    """No escapes, no line that is too wide, the name first."""
    done = lastack("explain", "TIME_WAIT")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("TIME_WAIT (state)\n")
    assert "\x1b" not in done.stdout
    assert max(map(len, done.stdout.splitlines())) <= 100


def test_a_page_is_json_on_demand() -> None:
    """With its sections and what the setting is on this host."""
    document = json.loads(lastack("explain", "--json", "tcp_tw_reuse").stdout)
    assert document["schema"] == "lastack.explain/1"
    assert (document["kind"], document["name"]) == ("setting", "net.ipv4.tcp_tw_reuse")
    assert document["sections"][0]["facts"][0][0] == "on this host now"


def test_a_page_names_its_experiments() -> None:
    """As command lines that run them."""
    done = lastack("explain", "tcp_rfc1337")
    assert "  - lastack lab claims rfc1337-one-keeps-time-wait\n" in done.stdout


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_every_finding_of_the_doctor_is_explained(rule: Rule) -> None:
    """By its id; where a state has the same name, on the state's page."""
    done = lastack("explain", rule.id)
    assert done.returncode == 0
    assert " ".join(rule.explanation.split()) in " ".join(done.stdout.split())


def test_a_pasted_recipe_is_judged() -> None:
    """As an argument, or on standard input, with lint's exit code."""
    pasted, piped = lastack("explain", RECIPE), lastack("explain", "-", stdin=RECIPE)
    assert pasted.returncode == piped.returncode == 1
    assert "removed      net.ipv4.tcp_tw_recycle = 1" in pasted.stdout
    assert pasted.stdout.replace("pasted:", "-:") == piped.stdout


@pytest.mark.parametrize(
    "pasted",
    [
        ["sysctl -w net.ipv4.tcp_fin_timeout=90"],
        ["sysctl", "-w", "net.ipv4.tcp_fin_timeout=90"],
        ["sudo sysctl net.ipv4.tcp_fin_timeout=90"],
        ["echo 90 > /proc/sys/net/ipv4/tcp_fin_timeout"],
    ],
)
def test_a_pasted_command_is_taken_for_the_line_that_it_means(pasted: list[str]) -> None:
    """With quotes or without."""
    done = lastack("explain", *pasted)
    assert (done.returncode, done.stdout.split()[:2]) == (1, ["pasted:1:", "hazard"])


def test_a_slip_is_forgiven_and_said() -> None:
    """The page on stdout, the remark on stderr."""
    done = lastack("explain", "TIME_WIAT")
    assert done.stdout.startswith("TIME_WAIT (state)\n")
    assert done.stderr == "lastack: there is no page about 'TIME_WIAT'; this is the one about TIME_WAIT\n"


def test_what_nobody_knows_is_an_error_with_offers() -> None:
    """Exit code 2; near names where there are any."""
    assert lastack("explain", "quux").returncode == 2
    done = lastack("explain", "timewait_reuse")
    assert done.returncode == 2
    assert "did you mean net.ipv4.tcp_tw_reuse" in done.stderr


def test_without_a_topic_all_are_listed() -> None:
    """Under their kinds."""
    listed = lastack("explain").stdout.splitlines()
    for line in ("states:", "  TIME_WAIT", "settings:", "  net.core.somaxconn", "counters:", "  TW", "findings:"):
        assert line in listed
