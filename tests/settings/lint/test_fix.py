"""--fix leaves a file as it should be, says why, and leaves alone what it need not touch."""

import pytest

from lastack.settings.lint.fix import fix
from lastack.settings.lint.judge import fails, judge, read_files
from lastack.settings.lint.scene import View
from lastack.settings.release import parse_release
from tests.settings.cases import RECIPE

VIEW = View(parse_release("6.18"))


def active(content: bytes) -> list[str]:
    """The lines that are no comments."""
    return [line for line in content.decode().splitlines() if line and not line.startswith("#")]


def test_the_recipe_keeps_what_does_no_harm() -> None:
    """Removed and hazardous lines are commented out or replaced, with their reasons; then nothing fails."""
    fixed = fix(RECIPE.encode(), VIEW)
    assert active(fixed) == [
        "net.ipv4.tcp_syncookies = 1",
        "net.ipv4.tcp_tw_reuse = 1",
        "net.ipv4.tcp_max_syn_backlog = 8192",
        "net.ipv4.tcp_keepalive_time = 1200",
        "net.ipv4.ip_local_port_range = 16384 65001",
    ]
    text = fixed.decode()
    assert "# lastack: removed: Linux 4.12 removed it" in text
    assert "\n# net.ipv4.tcp_max_tw_buckets = 5000\n" in text
    assert not fails(judge(read_files([("f", fixed)]), VIEW))


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (b"net.core.rmem_defualt = 262144\n", ["net.core.rmem_default = 262144"]),
        (b"sysctl -w net.ipv4.tcp_fin_timeout=30\n", ["net.ipv4.tcp_fin_timeout=30"]),
        (b"net.ipv4.tcp_fin_timeout = \xe2\x80\x9c30\xe2\x80\x9d\n", ["net.ipv4.tcp_fin_timeout = 30"]),
        (b"net.ipv4.tcp_sack = true\n", ["net.ipv4.tcp_sack = 1"]),
        (b"net.ipv4.tcp_fin_timeout = 90\n", ["net.ipv4.tcp_fin_timeout = 60"]),
        (b"net.ipv4.ip_local_port_range = 20000 60000\n", ["net.ipv4.ip_local_port_range = 20000 60001"]),
        (b"net.ipv4.tcp_tw_reuse = 9\n", []),
        (b"net.ipv4.tcp_fin_timeout = 30\nnet.ipv4.tcp_fin_timeout = 15\n", ["net.ipv4.tcp_fin_timeout = 15"]),
        (
            b"net.ipv4.tcp_max_tw_buckets = 262144\nnet.ipv4.tcp_max_tw_buckets = 5000\n",
            ["net.ipv4.tcp_max_tw_buckets = 262144"],
        ),
        (b"net.ipv4.tcp_max_tw_bucket = 5000\n", []),
        (
            b"net.ipv4.ip_conntrack_max = 600000\n",
            ["net.netfilter.nf_conntrack_max = 600000"],
        ),
    ],
)
def test_what_is_meant_is_written(before: bytes, after: list[str]) -> None:
    """Slips are corrected, hazards get a better value, the rest is commented out; a winner that goes wins nothing."""
    assert active(fix(before, VIEW)) == after


def test_what_is_fine_or_not_known_stays_byte_for_byte() -> None:
    """Comments, blank lines, endings, unknown keys and lines without effect."""
    content = b"# mine\r\n\r\nnet.ipv4.tcp_syncookies=1\r\nfoo.bar = 1\nnet.ipv4.nonsense = 1\n\t\nvm.swappiness = 10"
    assert fix(content, VIEW) == content


def test_every_change_has_its_reason_above_it() -> None:
    """And the old line stands between the reason and the new line."""
    lines = fix(b"net.ipv4.tcp_fin_timeout = 90\r\n", VIEW).split(b"\r\n")
    assert lines[0].startswith(b"# lastack: hazard: Above 60")
    assert lines[1:] == [b"# net.ipv4.tcp_fin_timeout = 90", b"net.ipv4.tcp_fin_timeout = 60", b""]


def test_reasons_name_no_line_numbers() -> None:
    """They change while the file is being fixed."""
    fixed = fix(b"net.ipv4.tcp_fin_timeout = 30\nnet.ipv4.tcp_fin_timeout = 15\n", VIEW)
    assert b"Another line sets it to 15" in fixed


@pytest.mark.parametrize(
    "content",
    [
        RECIPE.encode(),
        b"sysctl -w sysctl -w sysctl -w sysctl -w sysctl -w a b = 1\n",
        b"--" * 9 + b"net.ipv4.x=1",
        b"\0\xff",
    ],
)
def test_a_fixed_file_needs_no_fixing(content: bytes) -> None:
    """Once is enough."""
    fixed = fix(content, VIEW)
    assert fix(fixed, VIEW) == fixed
