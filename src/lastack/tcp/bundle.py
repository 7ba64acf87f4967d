"""Connections that took the same course, in columns: one outcome, and the times of each.

What becomes of a connection hangs on the order of its events alone. So it is worked out once a course, and a hundred
thousand connections cost little more than the few courses that they took.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from lastack.tcp.ends import UNSEEN
from lastack.tcp.lifecycle import Lifecycle, Moments, Outcome, Tally

__all__ = ["Bundle", "Counts", "united"]

_Integers = NDArray[np.int64]
_Endpoints = NDArray[np.uint64]
_PORT = 0xFFFF


class Counts(NamedTuple):
    """What one side of each connection sent; columns of ``lastack.tcp.lifecycle.Tally``."""

    packets: _Integers
    octets: _Integers
    psh: _Integers
    ack: _Integers


class Bundle(NamedTuple):
    """Some connections.

    Attributes:
        outcome: what became of each of them.
        moments: when: numbers of columns of ``times``, or ``UNSEEN``.
        orig: who opened it: address times 65536 plus port; an IPv4 address is its 32 bits, larger ones are numbers.
        resp: the other side.
        times: a row a connection, a column an event; nanoseconds since 1970.
        orig_sent: what the originator sent, None where segments were not counted.
        resp_sent: what the responder sent.
        orig_process: the programs at the originator's end, None where nobody looked.
        resp_process: those at the responder's.
    """

    outcome: Outcome
    moments: Moments
    orig: _Endpoints
    resp: _Endpoints
    times: _Integers
    orig_sent: Counts | None = None
    resp_sent: Counts | None = None
    orig_process: Sequence[str | None] | None = None
    resp_process: Sequence[str | None] | None = None

    @property
    def connections(self) -> int:
        """How many."""
        return len(self.times)

    def when(self, moment: int) -> _Integers | None:
        """The time of a moment in each connection; None where it did not happen."""
        return None if moment == UNSEEN else self.times[:, moment]

    def lifecycles(self, octets: Callable[[int], bytes]) -> Iterator[Lifecycle]:
        """Each connection by itself.

        Args:
            octets: gives the address, 4 or 16 octets, of an endpoint.
        """
        for row, times in enumerate(self.times.tolist()):
            orig, resp = int(self.orig[row]), int(self.resp[row])
            yield Lifecycle(
                (octets(orig), orig & _PORT),
                (octets(resp), resp & _PORT),
                times[0],
                times[-1],
                self.outcome,
                _dated(self.moments, times),
                _tally(self.orig_sent, row),
                _tally(self.resp_sent, row),
                self.orig_process[row] if self.orig_process else None,
                self.resp_process[row] if self.resp_process else None,
            )


def united(bundles: Iterable[Bundle]) -> list[Bundle]:
    """The same connections, those that took the same course in one bundle; segments were counted, nobody looked who."""
    courses: dict[tuple[Outcome, Moments, int], list[Bundle]] = {}
    for bundle in bundles:
        courses.setdefault((bundle.outcome, bundle.moments, bundle.times.shape[1]), []).append(bundle)
    return [some[0] if len(some) == 1 else _one(some) for some in courses.values()]


def _one(bundles: list[Bundle]) -> Bundle:
    orig, resp, times = (
        np.concatenate([getattr(bundle, name) for bundle in bundles]) for name in ("orig", "resp", "times")
    )
    orig_sent, resp_sent = (
        Counts(*map(np.concatenate, zip(*(getattr(bundle, name) for bundle in bundles), strict=True)))
        for name in ("orig_sent", "resp_sent")
    )
    return bundles[0]._replace(orig=orig, resp=resp, times=times, orig_sent=orig_sent, resp_sent=resp_sent)


def _dated(moments: Moments, times: list[int]) -> Moments:
    syn, syn_last, syn_ack, syn_ack_last, ack, reset, end = (_at(times, moment) for moment in moments[:7])
    orig, resp = (tuple(_at(times, moment) for moment in moments) for moments in (moments.orig, moments.resp))
    return Moments(syn, syn_last, syn_ack, syn_ack_last, ack, reset, end, orig, resp)


def _at(times: list[int], moment: int) -> int:
    return UNSEEN if moment == UNSEEN else times[moment]


def _tally(counts: Counts | None, row: int) -> Tally | None:
    return counts and Tally(*(int(column[row]) for column in counts))
