"""Hosts cut into stages."""

import pytest

from lastack.errors import UsageError
from lastack.fleet.stages import DEFAULT, stages_of


def _sizes(count: int, sizes: str) -> list[int]:
    return [len(stage) for stage in stages_of([f"h{at}" for at in range(count)], sizes)]


@pytest.mark.parametrize(
    ("count", "sizes", "expected"),
    [
        (1000, DEFAULT, [1, 9, 90, 900]),
        (20, DEFAULT, [1, 1, 18]),
        (1, DEFAULT, [1]),
        (0, DEFAULT, []),
        (20, "1,10%,100%", [1, 1, 18]),
        (20, "5", [5, 15]),
        (7, "50%, 100%", [4, 3]),
        (3, "10,20", [3]),
    ],
)
def test_each_size_is_how_many_have_it_by_then(count: int, sizes: str, expected: list[int]) -> None:
    """Shares are rounded up, sizes that add nothing passed over, and the rest comes last."""
    assert _sizes(count, sizes) == expected


def test_every_host_is_in_one_stage_in_order() -> None:
    """None is left out, none comes twice."""
    hosts = [f"h{at}" for at in range(37)]
    assert [host for stage in stages_of(hosts, "2,3%,5,40%") for host in stage] == hosts


@pytest.mark.parametrize("sizes", ["", "0", "0%", "101%", "1,", "ten", "-1", "50%,1", "1;2"])
def test_what_is_no_list_of_sizes(sizes: str) -> None:
    """Also one that goes back."""
    with pytest.raises(UsageError) as caught:
        _sizes(100, sizes)
    assert caught.value.slug == "bad-stages"
