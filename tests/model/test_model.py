"""The model as a whole."""

from lastack.model.model import Model
from tests.model.samples import SERVED, article, cohort, later, listener, model, sample


def test_fields() -> None:
    """The public fields: whoever changes them changes every surface."""
    assert Model.__struct_fields__ == (
        "taken_at",
        "host",
        "kernel",
        "netns",
        "source",
        "exact",
        "states",
        "time_wait",
        "ports",
        "destinations",
        "opened_ports",
        "peer_closes",
        "folded",
        "close_wait",
        "fin_wait2",
        "closing",
        "open",
        "has_timers",
        "accept_queues",
        "syn_queues",
        "settings",
        "counters",
        "sockstat",
        "conntrack",
        "machine",
        "kept_alive",
        "files",
        "promises",
        "change",
        "no_change",
        "unseen",
    )


def test_states_of_the_article() -> None:
    """Listeners are counted as LISTEN; most first."""
    made = Model.of(article())
    assert list(made.states.items()) == [
        ("TIME_WAIT", 25_087),
        ("ESTABLISHED", 1_070),
        ("FIN_WAIT2", 247),
        ("CLOSE_WAIT", 125),
        ("FIN_WAIT1", 17),
        ("LISTEN", 9),
        ("LAST_ACK", 7),
        ("CLOSING", 4),
        ("SYN_RECV", 2),
    ]
    assert made.total == 26_568


def test_an_empty_sample() -> None:
    """Nothing there: nothing in the model."""
    made = model()
    assert (made.states, made.total, made.destinations, made.close_wait) == ({}, 0, [], [])


def test_it_is_the_same_however_often() -> None:
    """A pure function of its samples."""
    assert Model.of(article(), article()) == Model.of(article(), article())


def test_the_namespace_by_name_where_it_has_one() -> None:
    """What a user asked for is what a user reads."""
    assert model(netns_name="blue").netns == "blue"
    assert model().netns == "net:[4026531840]"


def test_deltas_need_two_samples() -> None:
    """A counter since boot says nothing of the present."""
    alone = model(counters={"TcpExt": {"ListenOverflows": 99}})
    assert (alone.delta("TcpExt.ListenOverflows"), alone.no_change) == (None, "one sample only")
    two = later(sample(), sample(), ListenOverflows=4)
    assert (two.delta("TcpExt.ListenOverflows"), two.delta("TcpExt.Absent"), two.no_change) == (4, None, "")


def test_samples_that_do_not_compare_give_no_growth() -> None:
    """Of another boot, the earlier sample is as good as none."""
    now = sample(cohort("CLOSE_WAIT", 1, **SERVED))
    made = Model.of(now, sample(boot_id="other"))
    assert made.change is None
    assert made.close_wait[0].growth is None


def test_settings_as_numbers() -> None:
    """None where the kernel does not show one."""
    assert model().setting("net.core.somaxconn") == 4096
    assert model().setting("net.core.absent") is None


def test_ports_without_bound_ones_say_so() -> None:
    """Kernels before 6.8 do not show ports that are bound and nothing else."""
    made = model(bound_ports=None, listeners=[listener(40_000)])
    assert made.ports is not None
    assert (made.ports.bound, made.ports.bound_complete) == (1, False)
