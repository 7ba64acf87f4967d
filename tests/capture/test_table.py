"""Sorting by pairs of endpoints, against a dictionary."""

import numpy as np
import pytest

from lastack.capture import table
from lastack.capture.segments import Segments
from lastack.capture.table import sorted_by_pair


def _rows(count: int, ends: int) -> Segments:
    draw = np.random.default_rng(5)
    source, target = draw.integers(0, ends, (2, count)).astype(np.uint64)
    zeros = np.zeros(count, np.uint32)
    return Segments(
        np.arange(count),
        source,
        target + np.uint64(1 << 40),
        zeros,
        zeros,
        zeros.astype(np.int32),
        zeros.astype(np.uint16),
    )


def _grouped(rows: Segments) -> set[tuple[int, ...]]:
    pairs: dict[frozenset[int], list[int]] = {}
    for time, *ends in zip(rows.time.tolist(), rows.source.tolist(), rows.target.tolist(), strict=True):
        pairs.setdefault(frozenset(ends), []).append(time)
    return {tuple(times) for times in pairs.values()}


@pytest.mark.parametrize("colliding", [False, True])
def test_groups(monkeypatch: pytest.MonkeyPatch, colliding: bool) -> None:  # noqa: FBT001 - a parameter of the test
    """Each pair is a group, in the order of time; also where the sorted digits of many pairs collide."""
    if colliding:
        real = table.pair_hash
        mask = np.uint64(0xFFFFFFFF_00000007)
        monkeypatch.setattr(table, "pair_hash", lambda source, target: real(source, target) & mask)
    rows = _rows(5000, 60)
    done = sorted_by_pair(rows)
    groups = {
        tuple(done.rows.time[low:high].tolist())
        for low, high in zip(done.starts.tolist(), done.ends.tolist(), strict=True)
    }
    assert groups == _grouped(rows)


def test_both_directions_are_one_group() -> None:
    """Who sends does not matter."""
    rows = _rows(10, 2)
    turned = rows._replace(source=np.where(np.arange(10) % 2, rows.source, rows.target),
                           target=np.where(np.arange(10) % 2, rows.target, rows.source))  # fmt: skip
    assert sorted_by_pair(turned).starts.tolist() == sorted_by_pair(rows).starts.tolist()
