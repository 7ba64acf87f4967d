"""The upstreams of a host."""

from lastack.doctor.upstreams import Upstream, upstreams
from tests.model.samples import DEFAULT_PORTS, closed, cohort, model

CONNECTED = {"role": "active", "local": "127.0.0.1", "remote": "127.0.0.1", "remote_port": 9000}
ACCEPTED = {"role": "passive", "local": "127.0.0.1", "local_port": 9000, "remote": "127.0.0.1"}


def test_both_ends_of_one_host_are_one_upstream() -> None:
    """Six a second that this end closed, four that the other did, and five open: half a second each."""
    [one] = upstreams(
        model(
            closed(dict.fromkeys(range(20), 6), **CONNECTED),
            closed(dict.fromkeys(range(20), 4), **ACCEPTED),
            cohort("ESTABLISHED", 5, **CONNECTED, process="nginx/7"),
        )
    )
    assert (one.label, one.here_per_s, one.there_per_s) == ("127.0.0.1 > 127.0.0.1:9000", 6.0, 4.0)
    assert (one.per_s, one.life_s, one.processes) == (10.0, 0.5, ["nginx/7"])
    assert one.spent == 360 / DEFAULT_PORTS


def test_an_upstream_of_which_nothing_is_open() -> None:
    """Only its own TIME_WAIT show: they spend no port here."""
    [one] = upstreams(model(closed({0: 50}, **ACCEPTED)))
    assert one == Upstream("127.0.0.1 > 127.0.0.1:9000", 9000, 0.0, 5.0)
    assert (one.life_s, one.spent) == (0.0, 0.0)
