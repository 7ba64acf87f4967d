"""What a scrape waits for, what it counts itself, and how old the rest is."""

import asyncio

from lastack.metrics.family import Cost
from lastack.model.recount import Recount
from lastack.web.frame import Shot, shoot
from lastack.web.hub import Hub
from lastack.web.recounts import Recounts
from lastack.web.scrapes import PROMPT_S, SHARE, Scrapes
from tests.metrics.reading import read
from tests.model.samples import cohort, sample

_FOREVER = 1e6
_COUNTED = Recount({"CLOSE_WAIT": 7}, exact=True, counters={"TcpExt": {"ListenDrops": 9}}, sockstat={})

_Series = dict[tuple[str, tuple[tuple[str, str], ...]], float]


class Seen:
    """A hub whose last look found 5 CLOSE_WAIT of a web server and took so long; the next one finds 6."""

    def __init__(self, cost: Cost, *, fresh_s: float = -1.0) -> None:
        self.asked = 0
        self.hub = Hub(1, fresh_s)
        self.hub.ask = self._ask
        self.waited = 0
        self._cost = cost

    def shot(self, close_wait: int) -> Shot:
        """A look."""
        return shoot(sample(cohort("CLOSE_WAIT", close_wait, process="web/1")), None, self._cost)

    def _ask(self) -> None:
        self.asked += 1

    async def _fresh(self) -> Shot | None:
        self.waited += 1
        return self.shot(6)

    async def scrape(self) -> _Series:
        """One scrape, after the look."""
        self.hub.open()
        self.hub.publish(self.shot(5))
        await asyncio.sleep(0)
        found = await Scrapes(self.hub, self._fresh, Recounts(lambda: _COUNTED)).exposition("")
        assert found
        return read(found[0])


def _close_wait(series: _Series) -> tuple[float, float]:
    """Of all, and of the web server."""
    return series["lastack_sockets", (("state", "CLOSE_WAIT"),)], series["lastack_close_wait", (("process", "web"),)]


def test_a_quick_look_is_waited_for() -> None:
    """Everything is of the scrape."""
    seen = Seen(Cost(PROMPT_S / 2, 0.0))
    series = asyncio.run(seen.scrape())
    assert (_close_wait(series), seen.waited) == ((6, 6), 1)
    assert series["lastack_detail_age_seconds", ()] == 0


def test_a_dear_look_is_not_taken_for_each_scrape() -> None:
    """States and counters are of now; who holds what is of the look before, as is said; no new one is asked for."""
    seen = Seen(Cost(1.0, _FOREVER / SHARE))
    series = asyncio.run(seen.scrape())
    assert (_close_wait(series), seen.waited, seen.asked) == ((7, 5), 0, 0)
    assert series["node_netstat_TcpExt_ListenDrops", ()] == 9
    assert 0 < series["lastack_detail_age_seconds", ()] < 60
    assert series["lastack_detail_cpu_seconds", ()] == _FOREVER / SHARE
    assert series["lastack_scrape_cpu_seconds", ()] < 10


def test_a_long_look_that_is_due_is_asked_for_and_not_waited_for() -> None:
    """The next scrape will have it."""
    seen = Seen(Cost(PROMPT_S * 2, 0.0))
    series = asyncio.run(seen.scrape())
    assert (_close_wait(series), seen.waited, seen.asked) == ((7, 5), 0, 1)


def test_a_look_of_now_will_do_whatever_it_took() -> None:
    """Where somebody watches, there always is one."""
    seen = Seen(Cost(10.0, 10.0), fresh_s=_FOREVER)
    asyncio.run(seen.scrape())
    assert (seen.waited, seen.asked) == (1, 0)


async def _nothing() -> None:
    return None


def test_nothing_to_see() -> None:
    """A first look that never comes."""
    assert asyncio.run(Scrapes(Hub(1), _nothing, Recounts(lambda: _COUNTED)).exposition("")) is None
