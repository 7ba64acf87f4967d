"""Items made ahead, and work shared out: what comes of it is what one thread would make."""

from collections.abc import Iterator
from threading import Barrier, active_count

import pytest

from lastack.capture.threads import ahead, share_out


def _counting(upto: int, made: list[int]) -> Iterator[int]:
    for number in range(upto):
        made.append(number)
        yield number


@pytest.mark.parametrize("count", [0, 1, 2, 50])
def test_ahead(count: int) -> None:
    """All items, in their order; never more than two beyond the one that is worked on."""
    made: list[int] = []
    got = []
    for number in ahead(_counting(count, made)):
        got.append(number)
        assert len(made) <= len(got) + 2
    assert got == made == list(range(count))


def test_an_error_while_making() -> None:
    """Comes to who asks for the item, after those before it."""

    def broken() -> Iterator[int]:
        yield 1
        raise KeyError

    items = ahead(broken())
    assert next(items) == 1
    with pytest.raises(KeyError):
        next(items)


def test_items_that_are_no_longer_wanted() -> None:
    """Are not made, and nothing is left running."""
    before, made = active_count(), list[int]()
    items = ahead(_counting(1000, made))
    assert next(items) == 0
    items.close()  # type: ignore[attr-defined]
    assert len(made) < 5
    assert active_count() == before


@pytest.mark.parametrize("count", [0, 1, 7])
def test_shared_out(count: int) -> None:
    """What is made of each, in the order in which they were given."""
    assert share_out(lambda number: number * number, range(count)) == [number * number for number in range(count)]


def test_side_by_side() -> None:
    """Two are under way at once: each waits for the other here."""
    both = Barrier(2, timeout=60)
    assert sorted(share_out(lambda _: both.wait(), "ab")) == [0, 1]


def test_an_error_in_shared_work() -> None:
    """Comes to who waits for both."""
    with pytest.raises(ZeroDivisionError):
        share_out(lambda number: 1 // number, [3, 2, 1, 0, 1, 2])
