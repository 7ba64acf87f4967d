"""Recounts: one for all who ask at once."""

import asyncio

import pytest

from lastack.errors import RefusedError
from lastack.model.recount import Recount
from lastack.web.recounts import GOOD_FOR_S, Recounts


class Kernel:
    """One more socket at each count; and a clock."""

    def __init__(self) -> None:
        self.counts = 0
        self.now = 0.0
        self.silent = False

    def count(self) -> Recount:
        """The next one."""
        if self.silent:
            raise RefusedError("unreadable-file", "no")
        self.counts += 1
        return Recount({"ESTABLISHED": self.counts}, exact=True, counters={}, sockstat={})


async def _asked() -> tuple[list[int], Kernel]:
    kernel = Kernel()
    recounts = Recounts(kernel.count, lambda: kernel.now)
    seen = [one.recount.states["ESTABLISHED"] for one in await asyncio.gather(*(recounts.now() for _ in range(50)))]
    kernel.now += GOOD_FOR_S
    seen.append((await recounts.now()).recount.states["ESTABLISHED"])
    kernel.silent = True
    seen.append((await recounts.now()).recount.states["ESTABLISHED"])
    kernel.now += GOOD_FOR_S
    with pytest.raises(RefusedError):
        await recounts.now()
    return seen, kernel


def test_the_kernel_is_walked_once_a_second() -> None:
    """Whoever asks; and an error is not an old count."""
    seen, kernel = asyncio.run(_asked())
    assert seen == [1] * 50 + [2, 2]
    assert kernel.counts == 2


def test_a_count_says_what_it_took() -> None:
    """Wall and CPU time."""
    cost = asyncio.run(Recounts().now()).cost
    assert 0 < cost.cpu_s <= cost.duration_s + 0.01
