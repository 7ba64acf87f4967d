"""What helps a destination that is short of ports."""

from lastack.doctor.port_remedies import WIDE_RANGE, remedies
from lastack.model.model import Model
from tests.model.samples import UPSTREAM, closed, cohort, listener, model

REUSE = "net.ipv4.tcp_tw_reuse"
TIMESTAMPS = "net.ipv4.tcp_timestamps"
RANGE = "net.ipv4.ip_local_port_range"
RESERVED = "net.ipv4.ip_local_reserved_ports"

WAITING = closed({1: 28_000}, **UPSTREAM)
OPEN = cohort("ESTABLISHED", 28_000, **UPSTREAM, process="nginx/7")


def advice(made: Model) -> dict[str, str | None]:
    """Kind or setting, to value, in order."""
    return {one.key or one.kind: one.value for one in remedies(made, made.destinations[0])}


def test_the_application_comes_before_any_setting() -> None:
    """Reuse of connections is worth more than reuse of ports."""
    assert list(advice(model(WAITING))) == ["application", "network", REUSE, RANGE]
    assert advice(model(WAITING))[REUSE] == "1"


def test_open_connections_get_no_reuse() -> None:
    """It takes over TIME_WAIT only."""
    made = model(OPEN)
    assert list(advice(made)) == ["application", "network", RANGE]
    assert "nginx/7" in remedies(made, made.destinations[0])[0].text


def test_reuse_at_work_is_not_recommended_again() -> None:
    """Nor where it hangs on the peer."""
    assert REUSE not in advice(model(WAITING, settings={REUSE: "1"}))


def test_reuse_without_timestamps() -> None:
    """Timestamps first; and they alone where reuse is on already."""
    off = advice(model(WAITING, settings={TIMESTAMPS: "0"}))
    assert list(off).index(TIMESTAMPS) < list(off).index(REUSE)
    on = advice(model(WAITING, settings={TIMESTAMPS: "0", REUSE: "1"}))
    assert TIMESTAMPS in on
    assert REUSE not in on


def test_the_range_has_ends_of_different_parity() -> None:
    """The kernel logs an error about a range that has not."""
    low, high = WIDE_RANGE
    assert (high - low) % 2 == 1


def test_listeners_are_reserved_before_the_range_grows() -> None:
    """With what is reserved already; ports below the wide range are left alone."""
    made = advice(model(WAITING, listeners=[listener(11_211), listener(80)], settings={RESERVED: "20000-20009"}))
    assert made[RESERVED] == "20000-20009,11211"
    assert list(made).index(RESERVED) < list(made).index(RANGE)
    assert made[RANGE] == "10240 65535"


def test_a_wide_range_is_left_alone() -> None:
    """Nothing to gain."""
    assert RANGE not in advice(model(WAITING, settings={RANGE: "1024 65535"}))


def test_the_range_only_grows() -> None:
    """A lower start is kept."""
    assert advice(model(WAITING, settings={RANGE: "2000 9999"}))[RANGE] == "2000 65535"


def test_lines_for_the_program_that_connects() -> None:
    """A proxy is told what to write, a database's client what its pool wants; who is not visible gets the sentence."""
    web, sql = UPSTREAM | {"process": "nginx/7"}, UPSTREAM | {"process": "java/9", "remote_port": 5432}
    lines = []
    for ends in (web, sql, UPSTREAM):
        made = model(cohort("ESTABLISHED", 28_000, **ends))
        lines.append(" ".join(line for remedy in remedies(made, made.destinations[0]) for line in remedy.lines))
    assert "keepalive 64;" in lines[0]
    assert "setMaximumPoolSize" in lines[1]
    assert lines[2] == ""
