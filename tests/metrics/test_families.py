"""What metrics say of hosts made by hand."""

import re

from lastack.doctor.diagnosis import diagnose
from lastack.metrics.families import FAMILIES
from lastack.metrics.family import MOST, OTHER, Cost, Detail, Row, Scene
from lastack.tcp.states import NAMES
from tests.metrics.reading import rows
from tests.model.samples import DEFAULT_PORTS, UPSTREAM, article, closed, cohort, listener, model


def test_states_are_all_there() -> None:
    """Zeros too, so that a series does not end where a state is empty."""
    found = rows("lastack_sockets", model())
    assert set(found.values()) == {0}
    assert {name for (name,) in found} == set(NAMES) - {"BOUND_INACTIVE"}


def test_the_articles_host() -> None:
    """Its numbers, by their families."""
    scene = model(*article().cohorts, listeners=article().listeners, sockstat=article().sockstat)
    assert rows("lastack_sockets", scene)[("TIME_WAIT",)] == 25_087
    assert rows("lastack_closes_last_minute", scene) == {("peer",): 25_087, ("here",): 0, ("unknown",): 0}
    assert rows("lastack_time_wait_mini_sockets", scene) == {(): 25_334}
    assert rows("lastack_close_wait", scene) == {("httpd",): 125}
    assert rows("lastack_finding_info", scene) == {("close-wait", "warning", "medium"): 1}
    assert rows("lastack_check_info", scene)[("time-wait", "healthy")] == 1


def test_a_destination_has_its_ports() -> None:
    """Used, in TIME_WAIT, left; when they end, where they do."""
    full = model(closed(dict.fromkeys(range(60), 400), **UPSTREAM), cohort("ESTABLISHED", 5, **UPSTREAM))
    label = ("10.0.0.1 > 10.0.0.2:8080",)
    assert rows("lastack_destination_ports_used", full) == {label: 24_005}
    assert rows("lastack_destination_ports_time_wait", full) == {label: 24_000}
    assert rows("lastack_destination_ports_headroom", full) == {label: DEFAULT_PORTS - 24_005}
    assert rows("lastack_destination_exhausted_in_seconds", full) == {}
    assert rows("lastack_ports_available", full) == {(): DEFAULT_PORTS}
    hidden = model(cohort("ESTABLISHED", 5, **UPSTREAM), settings={"net.ipv4.ip_local_port_range": None})
    assert rows("lastack_destination_ports_headroom", hidden) == {}


def test_many_destinations_are_few_series() -> None:
    """A thousand: the fullest have their own, the others one; nothing is lost from the sum."""
    many = [
        cohort("ESTABLISHED", number, **UPSTREAM | {"remote": f"10.1.{number // 256}.{number % 256}"})
        for number in range(1, 1001)
    ]
    found = rows("lastack_destination_ports_used", model(*many))
    assert len(found) == MOST + 1
    assert found[(OTHER,)] == sum(range(1, 1001 - MOST))
    assert sum(found.values()) == 500_500
    assert rows("lastack_destination_ports_headroom", model(*many))[(OTHER,)] == DEFAULT_PORTS - (1000 - MOST)


def test_listeners_keep_their_series() -> None:
    """By port, whatever their queues: sockets that share a port are one, with the fill of the fullest."""
    listeners = [listener(80, queue=129, backlog=128), listener(80, queue=0, backlog=128)]
    listeners += [listener(port, queue=1) for port in range(1000, 1100)]
    scene = model(listeners=listeners)
    fill = rows("lastack_listener_queue_fill", scene)
    assert (fill[("0.0.0.0:80",)], len(fill)) == (1.0, MOST + 1)
    assert rows("lastack_listener_queue_capacity", scene)[("0.0.0.0:80",)] == 258
    assert rows("lastack_listener_queue", scene)[(OTHER,)] == 101 - MOST
    assert rows("lastack_listener_half_open", scene)[("0.0.0.0:80",)] == 0


def test_a_program_called_other_makes_no_series_twice() -> None:
    """Names are of others' choosing: it goes where the rest goes."""
    names = ["other", *(f"p{number}" for number in range(50))]
    scene = model(*(cohort("CLOSE_WAIT", 200 - at, process=f"{name}/{at}") for at, name in enumerate(names)))
    found = rows("lastack_close_wait", scene)
    assert sum(found.values()) == sum(range(150, 201))
    assert (OTHER,) in found


def test_what_a_scrape_costs() -> None:
    """As it was measured; left out where it was not."""
    assert rows("lastack_scrape_cpu_seconds", model(), Cost(0.5, 0.25)) == {(): 0.25}
    assert rows("lastack_scrape_duration_seconds", model(), Cost(0.5, 0.25)) == {(): 0.5}
    assert rows("lastack_scrape_cpu_seconds", model()) == {}


def test_how_old_the_detail_is() -> None:
    """Not at all where all is of one look, unless nobody knows."""
    assert rows("lastack_detail_age_seconds", model(), Cost(0.5, 0.25)) == {(): 0}
    assert rows("lastack_detail_cpu_seconds", model(), Cost(0.5, 0.25)) == {(): 0.25}
    assert rows("lastack_detail_age_seconds", model()) == rows("lastack_detail_cpu_seconds", model()) == {}
    scene = Scene(model(), diagnose(model()), Cost(0.5, 0.25), Detail(30.0, Cost(3.0, 2.0)))
    for name, value in (("lastack_detail_age_seconds", 30.0), ("lastack_detail_cpu_seconds", 2.0)):
        (family,) = [one for one in FAMILIES if one.name == name]
        assert list(family.rows(scene)) == [Row((), value)]


def test_settings_with_one_number() -> None:
    """Others are left out."""
    found = rows("lastack_setting", model())
    assert found[("net.ipv4.tcp_max_tw_buckets",)] == 131_072
    assert ("net.ipv4.ip_local_port_range",) not in found


def test_names_are_good_and_unlike() -> None:
    """Each family once, in Prometheus's alphabet, with a sentence of help."""
    names = [family.name for family in FAMILIES]
    assert len(set(names)) == len(names)
    assert all(re.fullmatch(r"(lastack|node)_[A-Za-z0-9_]+", name) for name in names)
    assert all(family.help.endswith(".") for family in FAMILIES)
