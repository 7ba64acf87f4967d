"""Parts of a change: from rates stated by hand, in sockets worked out by hand."""

from typing import Any

from lastack.model.causes import Cause, causes
from lastack.model.flow import Flow


def rates(**fields: Any) -> Flow:  # noqa: ANN401 - the fields of Flow
    """A flow of ten closes a second, all of the connections opened, one segment of data each."""
    known: dict[str, Any] = {
        "window_s": 60.0,
        "time_wait": 600,
        "closes": [10] * 60,
        "entered_per_s": 10.0,
        "refused_per_s": 0.0,
        "taken_over_per_s": 0.0,
        "taken_over": 0.0,
        "replaced": 0.0,
        "opened_per_s": 10.0,
        "data_per_s": 10.0,
    }
    return Flow(**known | fields)


def parts(before: Flow, after: Flow, **differing: tuple[str, str]) -> dict[str, Cause]:
    """The parts of the change of TIME_WAIT, by kind."""
    settings = {f"net.ipv4.{key}": values for key, values in differing.items()}
    found = causes({"TIME_WAIT": (before.time_wait, after.time_wait)}, before, after, settings, 1.0)
    return {cause.kind: cause for cause in found}


def test_half_the_load_is_half_the_sockets() -> None:
    """300 fewer, all by the load, none of the limit that was lowered beside it."""
    half = rates(time_wait=300, closes=[5] * 60, entered_per_s=5.0, opened_per_s=5.0, data_per_s=5.0)
    found = parts(rates(), half, tcp_max_tw_buckets=("131072", "5000"))
    assert {kind: cause.sockets for kind, cause in found.items()} == {"load": -300}
    assert found["load"].settings == []


def test_keep_alive_is_fewer_connections_for_the_same_data() -> None:
    """A tenth of the connections, as much data: the connections carry ten times as much."""
    kept = rates(time_wait=60, closes=[1] * 60, entered_per_s=1.0, opened_per_s=1.0)
    found = parts(rates(), kept)
    assert {kind: cause.sockets for kind, cause in found.items()} == {"connections-reused": -540}
    assert (found["connections-reused"].before, found["connections-reused"].after) == (1, 10)


def test_the_limit_accounts_for_what_was_refused() -> None:
    """Four closes a second of ten lost their TIME_WAIT, and the lower limit did that."""
    limited = rates(time_wait=360, closes=[6] * 60, entered_per_s=6.0, refused_per_s=4.0)
    found = parts(rates(), limited, tcp_max_tw_buckets=("131072", "360"))
    assert {kind: cause.sockets for kind, cause in found.items()} == {"refused": -240}
    assert found["refused"].settings == ["net.ipv4.tcp_max_tw_buckets"]


def test_a_limit_that_was_raised_refuses_nothing() -> None:
    """More closes are refused since the load grew: a higher limit is not what did it."""
    more = rates(entered_per_s=10.0, refused_per_s=10.0, opened_per_s=20.0, data_per_s=20.0)
    found = parts(rates(), more, tcp_max_tw_buckets=("600", "601"))
    assert found["refused"].sockets == -600
    assert found["load"].sockets == 600
    assert found["refused"].settings == []


def test_without_counters_there_are_closes_alone() -> None:
    """Two lone snapshots: fewer were closed first here; whether by load or otherwise cannot be told."""
    alone: dict[str, Any] = {"window_s": None, "opened_per_s": None, "data_per_s": None}
    fewer = rates(time_wait=60, closes=[1] * 60, entered_per_s=1.0, **alone)
    assert {kind: one.sockets for kind, one in parts(rates(**alone), fewer).items()} == {"closes": -540}


def test_the_stay_in_fin_wait2_is_its_timeout_at_most() -> None:
    """As many closes, a quarter of the sockets: each stays shorter, in which the timeout may have part."""
    settings = {"net.ipv4.tcp_fin_timeout": ("60", "15")}
    found = causes({"FIN_WAIT2": (600, 150)}, rates(), rates(), settings, 1.0)
    assert [(one.kind, one.sockets, one.before, one.after) for one in found] == [("stay", -450, 60, 15)]
    assert found[0].settings == ["net.ipv4.tcp_fin_timeout"]


def test_a_longer_timeout_does_not_shorten_the_stay() -> None:
    """The other way round the setting is not named."""
    settings = {"net.ipv4.tcp_fin_timeout": ("15", "60")}
    (found,) = causes({"FIN_WAIT2": (600, 150)}, rates(), rates(), settings, 1.0)
    assert found.settings == []


def test_a_few_sockets_are_noise() -> None:
    """A part as small as chance makes is listed, and not called more."""
    little = rates(time_wait=606, closes=[10] * 60, entered_per_s=10.1, opened_per_s=10.1, data_per_s=10.1)
    (found,) = parts(rates(), little).values()
    assert (found.sockets, found.beyond_noise) == (6, False)
