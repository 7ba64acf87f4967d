"""A frame: what follows from a sample, as JSON."""

import json
from typing import Any

from msgspec.structs import replace

from lastack.metrics.family import Cost
from lastack.web.frame import MOST, Frame, shoot
from tests.model.samples import UPSTREAM, article, closed, cohort, listener, sample


def frame(*samples: Any) -> dict[str, Any]:  # noqa: ANN401 - Sample
    """The document of the last of them."""
    previous = samples[0] if len(samples) > 1 else None
    found: dict[str, Any] = json.loads(shoot(samples[-1], previous, Cost(0.25, 0.125)).document)
    return found


def test_the_articles_host() -> None:
    """Its numbers, its finding, its closes."""
    found = frame(article())
    assert list(found) == ["schema", *Frame.__struct_fields__]
    assert found["states"]["TIME_WAIT"] == 25_087
    assert found["total"] == 26_568
    assert sum(found["closes_per_second"]) == 25_087
    assert [one["id"] for one in found["findings"]] == ["close-wait"]
    assert found["places"]["TIME_WAIT"]["places"][0]["count"] == 25_087
    assert (found["cost_s"], found["cost_cpu_s"], found["interval_s"]) == (0.25, 0.125, None)


def test_two_samples_give_rates() -> None:
    """Over the time between them."""
    before = replace(article(), uptime_s=990.0)
    assert frame(before, article())["interval_s"] == 10.0


def test_destinations_have_their_headroom() -> None:
    """28,232 ports less those in use, 31 closes a second make 1,860 more."""
    found = frame(sample(cohort("ESTABLISHED", 40, **UPSTREAM), closed(dict.fromkeys(range(60), 31), **UPSTREAM)))
    (one,) = found["destinations"]
    assert (one["label"], one["in_use"], one["time_wait"]) == ("10.0.0.1 > 10.0.0.2:8080", 1900, 1860)
    assert (one["available"], one["headroom"]) == (28_232, 26_332)


def test_a_frame_is_bounded() -> None:
    """However many listeners and destinations there are."""
    many = [cohort("ESTABLISHED", 1, **UPSTREAM | {"remote": f"10.0.{n // 250}.{n % 250 + 1}"}) for n in range(2000)]
    found = frame(sample(*many, listeners=[listener(port) for port in range(1, 1001)]))
    assert len(found["destinations"]) == len(found["listeners"]) == MOST
    assert (found["other_destinations"], found["other_listeners"]) == (2000 - MOST, 1000 - MOST)
    assert len(json.dumps(found)) < 50_000
