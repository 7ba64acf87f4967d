"""Kill a recorder with SIGKILL at random moments, again and again, and read what it had acknowledged.

The writer is the real one, in a forked child, as fast as the disk takes samples: half of its time goes into commits, so
half of the kills fall there. It tells through a pipe what was committed; that pipe outlives it.
"""

import os
import random
import signal
import time
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from lastack.store.reader import Reader
from lastack.store.schema import connect
from lastack.store.writer import Writer
from tests.store.stores import milliseconds, series

__all__ = ["Outcome", "run_trials"]

_LONGEST_S = 0.15
_KEPT = 400  # samples, before the oldest go
_BYTES = 8  # of a number in the pipe


class Outcome(NamedTuple):
    """What trials led to.

    Attributes:
        kills: how many writers were killed at work.
        samples: how many they had acknowledged.
        lost: what was wrong, a sentence each.
    """

    kills: int
    samples: int
    lost: list[str]


def run_trials(seed: int, count: int, folder: str) -> Outcome:
    """One after the other, on one store."""
    chance = random.Random(seed)  # noqa: S311 - chance, not secrecy
    store = str(Path(folder, "store.db"))
    kills, last, lost = 0, -1, []
    for trial in range(count):
        acknowledged, killed = _trial(store, last + 1, chance.uniform(0, _LONGEST_S))
        kills += killed
        last = max([last, *acknowledged])
        lost += [f"trial {trial}: {wrong}" for wrong in _wrong(store, last)]
    return Outcome(kills, last + 1, lost)


def _trial(store: str, first: int, seconds: float) -> tuple[list[int], bool]:
    """Write from that number on until killed; which numbers were acknowledged, and whether the kill came at work."""
    heard, told = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(heard)
        try:
            _write(store, first, told)
        finally:
            os._exit(70)
    os.close(told)
    time.sleep(seconds)
    os.kill(child, signal.SIGKILL)
    killed = os.WIFSIGNALED(os.waitpid(child, 0)[1])
    with os.fdopen(heard, "rb") as pipe:
        content = pipe.read()
    return [int.from_bytes(content[at : at + _BYTES], "big") for at in range(0, len(content), _BYTES)], killed


def _write(store: str, first: int, told: int) -> None:
    with Writer(store) as writer:
        for number, sample in enumerate(series(1_000_000, first), first):
            writer.append(sample)
            os.write(told, number.to_bytes(_BYTES, "big"))
            if number % 50 == 0:
                writer.prune(before_ms=milliseconds(number - _KEPT), most_bytes=1 << 40)


def _wrong(store: str, last: int) -> Iterator[str]:
    """What is not as it must be: the file sound, everything acknowledged there but what was old enough to go."""
    connection = connect(store, write=True)
    (answer,) = connection.execute("PRAGMA integrity_check").fetchone()
    connection.close()
    if answer != "ok":
        yield f"the file is damaged: {answer}"
    with Reader(store) as reader:
        found = {
            sum(one.count for one in sample.cohorts if one.state == "ESTABLISHED") - 100
            for sample in reader.between(0, milliseconds(10_000_000))
        }
    if missing := set(range(max(last - _KEPT, 0), last + 1)) - found:
        yield f"{len(missing)} samples are lost, the first {min(missing)} of {last}"
    if max(found, default=-1) > last + 1:
        yield "there is more than was written"
