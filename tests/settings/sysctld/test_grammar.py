"""Lines are what the two loaders read; what they cannot read has a problem, and a repair where that is plain."""

import pytest

from lastack.settings.sysctld.grammar import Line, dotted, parse


def one(content: bytes) -> Line:
    """The only line."""
    (line,) = parse(content)
    return line


@pytest.mark.parametrize(
    ("content", "key", "value"),
    [
        (b"net.ipv4.tcp_tw_reuse = 1", "net.ipv4.tcp_tw_reuse", "1"),
        (b"net/ipv4/tcp_tw_reuse=1\n", "net.ipv4.tcp_tw_reuse", "1"),
        (b"\t net.ipv4.tcp_tw_reuse\t=\t1 \r\n", "net.ipv4.tcp_tw_reuse", "1"),
        (b"net.ipv4.ip_local_port_range = 1024 65000", "net.ipv4.ip_local_port_range", "1024 65000"),
        (b"net.ipv4.conf.eth0/100.forwarding = 1", "net.ipv4.conf.eth0/100.forwarding", "1"),
        (b"net/ipv4/conf/eth0.100/forwarding = 1", "net.ipv4.conf.eth0/100.forwarding", "1"),
        (b"kernel.core_pattern = |/bin/x a=b", "kernel.core_pattern", "|/bin/x a=b"),
        (b"kernel.domainname = m\xc3\xbcnchen", "kernel.domainname", "m\u00fcnchen"),
        (b"net.ipv4.ip_local_reserved_ports =", "net.ipv4.ip_local_reserved_ports", ""),
    ],
)
def test_assignments_in_every_spelling(content: bytes, key: str, value: str) -> None:
    """Dots or slashes, spaces or none, CRLF, no newline at the end: one key and one value."""
    line = one(content)
    assert (line.kind, line.key, line.value) == ("assignment", key, value)


@pytest.mark.parametrize("content", [b"# a = 1", b"  ; a = 1", b"#", b";"])
def test_comments(content: bytes) -> None:
    """Both signs begin one, after spaces too."""
    assert one(content).kind == "comment"


@pytest.mark.parametrize("content", [b"\n", b"  \t\n", b"\r\n"])
def test_blank_lines(content: bytes) -> None:
    """Nothing but spaces is nothing."""
    assert one(content).kind == "blank"


def test_an_empty_file_has_no_lines() -> None:
    """And a newline at the end begins no further one."""
    assert list(parse(b"")) == []
    assert [line.number for line in parse(b"a.b = 1\n\nc.d = 2\n")] == [1, 2, 3]


def test_a_leading_dash_tolerates_failure_or_excludes() -> None:
    """With a value failures are ignored; without one the key is kept out of patterns."""
    assert one(b"-net.ipv4.tcp_tw_recycle = 1").tolerant
    exclusion = one(b"-net.ipv4.conf.all.rp_filter")
    assert (exclusion.kind, exclusion.key) == ("exclusion", "net.ipv4.conf.all.rp_filter")


def test_patterns_are_known_by_their_characters() -> None:
    """A star, a question mark or a bracket makes one."""
    assert one(b"net.ipv4.conf.*.rp_filter = 1").is_pattern
    assert one(b"net.ipv4.tcp_keepalive_?ime = 1").is_pattern
    assert one(b"net.ipv4.tcp_keepalive_[ti]* = 1").is_pattern
    assert not one(b"net.ipv4.tcp_tw_reuse = 1").is_pattern


@pytest.mark.parametrize(
    ("content", "problem", "repair"),
    [
        (b"net.ipv4.tcp_tw_reuse 1", "it has no `=`", "net.ipv4.tcp_tw_reuse = 1"),
        (b"net.ipv4.tcp_tw_reuse: 1", "it has no `=`", "net.ipv4.tcp_tw_reuse = 1"),
        (b"hello", "it has no `=`", None),
        (b"= 1", "it has no key before the `=`", None),
        (b"--net.ipv4.x=1", "it begins with more than one `-`", "-net.ipv4.x = 1"),
        (b"/proc/sys/net/ipv4/x = 1", "a key is a path below /proc/sys, without that", "net.ipv4.x = 1"),
        (b"net.ipv4.tcp tw = 1", "there is a space inside of the key 'net.ipv4.tcp tw'", None),
        (b"net/../kernel/x = 1", "its path climbs by `..`", None),
        (b"sysctl -w net.ipv4.x=1", "it is a shell command", "net.ipv4.x=1"),
        (b"sudo sysctl -q -w net.ipv4.x=1", "it is a shell command", "net.ipv4.x=1"),
        (b"echo 1 > /proc/sys/net/ipv4/x", "it is a shell command", "net.ipv4.x = 1"),
        (b'echo "1024 65000" >/proc/sys/net/ipv4/x', "it is a shell command", "net.ipv4.x = 1024 65000"),
        (b"\xef\xbb\xbfa.b = 1", "a byte order mark (U+FEFF) stands in column 1", "a.b = 1"),
        (b"a.b\xe2\x80\x8bc = 1", "a zero-width space (U+200B) stands in column 4", "a.bc = 1"),
        (b"a.b\xc2\xa0= 1", "a no-break space (U+00A0) stands in column 4", "a.b = 1"),
        (b"a.b = \xe2\x80\x9c1\xe2\x80\x9d", "a curly quote (U+201C) stands in column 7", "a.b = 1"),
        (b"a.b = \xe2\x88\x921", "a minus sign that is no ASCII minus (U+2212) stands in column 7", "a.b = -1"),
        (b"a.b \xef\xbc\x9d 1", "a full-width equals sign (U+FF1D) stands in column 5", "a.b = 1"),
        ("\u0430.b = 1".encode(), "the character \u0430 (U+0430) stands in column 1", None),
        (b"a.b = 1\0", "a NUL byte (U+0000) stands in column 8", None),
        (b"a.b = 1\rc.d = 2", "a carriage return in the middle (U+000D) stands in column 8", None),
        (b"a.b = \xff", "a byte that is no UTF-8 (0xFF) stands in column 7", None),
        (b"a.b = \x1b[1m", "a control character (U+001B) stands in column 7", None),
    ],
)
def test_what_is_no_line_says_why_and_what_was_meant(content: bytes, problem: str, repair: str | None) -> None:
    """The problem is named exactly, with the place of a character nobody can see; a repair is offered where plain."""
    line = one(content)
    assert (line.kind, line.problem, line.repair) == ("malformed", problem, repair)


@pytest.mark.parametrize("content", [b"a" * 100_000, b"a/" * 50_000, b"echo " + b" " * 100_000, b"a.b " * 30_000])
def test_long_lines_take_no_long_time(content: bytes) -> None:
    """A line of any length is read in one go: no pattern walks it again and again."""
    assert one(content).kind == "malformed"


def test_where_the_loaders_part_a_line_says_so() -> None:
    """A space after the dash, separators repeated or at the end, and comments behind a value are remarked on."""
    for content in (b"- a.b = 1", b"a..b = 1", b"a.b. = 1", b"a.b = 1 # one"):
        assert len(one(content).remarks) == 1
    assert one(b"a.b = 1").remarks == ()


def test_separators_are_told_by_the_first() -> None:
    """If it is a dot, slashes stand for dots inside of names; if it is a slash, dots do."""
    assert dotted("a.b/c.d") == "a.b/c.d"
    assert dotted("a/b.c/d") == "a.b/c.d"
    assert dotted("/a/b") == "a.b"
    assert dotted("kernel") == "kernel"
