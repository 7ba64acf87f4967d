"""Counts by key, against a Counter."""

from collections import Counter

import numpy as np
import pytest

from lastack.tcp import tops
from lastack.tcp.tops import Tops


def _keys(seed: int, count: int) -> list[np.ndarray[tuple[int], np.dtype[np.uint64]]]:
    draw = np.random.default_rng(seed)
    return [draw.zipf(1.5, count).astype(np.uint64) % np.uint64(500), draw.integers(0, 3, count).astype(np.uint64)]


def test_the_largest() -> None:
    """Keys of two columns in the order of their counts; each kind is counted for itself."""
    found, all_of_them, some = Tops(), Counter[tuple[int, ...]](), Counter[tuple[int, ...]]()
    for seed in range(6):
        keys = _keys(seed, 400)
        found.add(keys, [1, seed % 2])
        pairs = list(zip(*(column.tolist() for column in keys), strict=True))
        all_of_them.update(pairs)
        some.update(pairs if seed % 2 else [])
    expected = sorted(all_of_them, key=lambda key: (-all_of_them[key], key))[:7]
    assert found.largest(7) == [(key, (all_of_them[key], some[key])) for key in expected]
    assert found.exact


def test_more_than_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    """The rare ones are dropped, that is told, and the frequent ones keep their counts."""
    monkeypatch.setattr(tops, "_MOST", 50)
    found = Tops()
    for number in range(2000):
        found.add([np.array([7, 1000 + number], np.uint64)], [1])
    assert found.largest(1) == [((7,), (2000,))]
    assert not found.exact


def test_nothing() -> None:
    """Nothing added, nothing found."""
    assert Tops().largest(3) == []
