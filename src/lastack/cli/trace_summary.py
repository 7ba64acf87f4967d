"""``lastack trace --summary``: what became of all connections, in kinds, percentiles and largest."""

from collections import Counter
from collections.abc import Callable, Iterator

import numpy as np
from numpy.typing import NDArray

from lastack.capture.addresses import Addresses
from lastack.cli.draw import bar, columns
from lastack.cli.trace_report import duration_text, endpoint_text
from lastack.tcp.bundle import Bundle
from lastack.tcp.conn_state import CONN_STATES
from lastack.tcp.ends import UNSEEN
from lastack.tcp.resets import CAUSES
from lastack.tcp.spread import Spread
from lastack.tcp.states import NAMES
from lastack.tcp.tops import Tops

__all__ = ["SCHEMA", "Summary"]

SCHEMA = "lastack.trace-summary/1"

_PERCENTILES = (50, 90, 99)
_SHOWN = 10
_WIDTH = 24
_PORT = 0xFFFF
_PORT_BITS = np.uint64(16)

# The kinds that are counted for each listener and each destination, and whether an outcome is of that kind.
_KINDS: dict[str, Callable[[Bundle], bool]] = {
    "connections": lambda _: True,
    "established": lambda bundle: bundle.outcome.handshake in {"three-way", "simultaneous"},
    "unanswered": lambda bundle: bundle.outcome.handshake == "syn-only",
    "refused": lambda bundle: bundle.outcome.handshake == "refused",
    "reset": lambda bundle: bool(bundle.outcome.reset_by) and bundle.outcome.handshake != "refused",
    "time_wait_client": lambda bundle: bundle.outcome.time_wait in {"orig", "both"},
    "time_wait_server": lambda bundle: bundle.outcome.time_wait in {"resp", "both"},
}

_SIDES = {"orig": "client", "resp": "server", "both": "both at once", "": "nobody", "none": "nobody"}


class Summary:
    """Adds bundles up.

    Attributes:
        lost: events that the kernel could not hand over.
        packets: packets read; None live.
        notes: what a reader must know, a sentence each.
    """

    def __init__(self) -> None:
        self.lost = 0
        self.packets: int | None = None
        self.notes: list[str] = []
        self._connections = self._syn_retransmits = 0
        self._counts: dict[str, Counter[str]] = {
            name: Counter() for name in ("handshake", "teardown", "active_closer", "time_wait", "conn_state", "resets")
        }
        self._handshake, self._round_trip = Spread(), Spread()
        self._states: dict[tuple[str, str], Spread] = {}
        self._listeners, self._destinations = Tops(), Tops()
        self._addresses = Addresses()

    def endpoints(self) -> list[NDArray[np.uint64]]:
        """Endpoints whose addresses will still be asked for."""
        return [*self._listeners.keys, *self._destinations.keys]

    def add(self, bundle: Bundle, addresses: Addresses) -> None:
        """Add connections. ``addresses`` is the same each time."""
        self._addresses = addresses
        outcome, count = bundle.outcome, bundle.connections
        self._connections += count
        self._syn_retransmits += count * outcome.syn_retransmits
        for name in ("handshake", "teardown", "active_closer", "time_wait", "conn_state"):
            self._counts[name][getattr(outcome, name)] += count
        if outcome.reset_by:
            self._counts["resets"][outcome.reset_cause] += count
        self._add_times(bundle)
        kinds = [int(is_kind(bundle)) for is_kind in _KINDS.values()]
        self._listeners.add([bundle.resp], kinds)
        self._destinations.add([bundle.resp, (bundle.orig >> _PORT_BITS) << _PORT_BITS], kinds)

    def _add_times(self, bundle: Bundle) -> None:
        moments = bundle.moments
        for begin, end, spread in (
            (moments.syn, moments.ack, self._handshake),
            (moments.syn_last, moments.ack, self._round_trip),
        ):
            if UNSEEN not in (begin, end):
                spread.add(bundle.times[:, end] - bundle.times[:, begin])
        outcome = bundle.outcome
        for side, states, times in (
            ("orig", outcome.orig_states, moments.orig),
            ("resp", outcome.resp_states, moments.resp),
        ):
            for state, entered, left in zip(states, times, times[1:], strict=False):
                if entered not in (UNSEEN, left):
                    spread = self._states.setdefault((state, side), Spread())
                    spread.add(bundle.times[:, left] - bundle.times[:, entered])

    def document(self) -> dict[str, object]:
        """The document of schema ``lastack.trace-summary/1``."""
        return {
            "schema": SCHEMA,
            "connections": self._connections,
            "packets": self.packets,
            "lost_events": self.lost,
            "syn_retransmits": self._syn_retransmits,
            **{name: dict(counts.most_common()) for name, counts in self._counts.items()},
            "handshake_time_us": _percentiles(self._handshake),
            "handshake_round_trip_us": _percentiles(self._round_trip),
            "states": [
                {"state": state, "side": side, "us": _percentiles(spread)} for (state, side), spread in self._ordered()
            ],
            "listeners": [{"listener": name, **counts} for name, counts in self._largest_listeners()],
            "destinations": [
                {"source": source, "destination": name, **counts}
                for source, name, counts in self._largest_destinations()
            ],
            "exact": self._listeners.exact and self._destinations.exact,
            "notes": self.notes,
        }

    def _ordered(self) -> list[tuple[tuple[str, str], Spread]]:
        return sorted(self._states.items(), key=lambda item: (NAMES.index(item[0][0]), item[0][1]))

    def _named(self, end: int) -> str:
        return endpoint_text(self._addresses.octets(end), end & _PORT)

    def _largest_listeners(self) -> Iterator[tuple[str, dict[str, int]]]:
        for (end,), counts in self._listeners.largest(_SHOWN):
            yield self._named(end), dict(zip(_KINDS, counts, strict=True))

    def _largest_destinations(self) -> Iterator[tuple[str, str, dict[str, int]]]:
        for (end, source), counts in self._destinations.largest(_SHOWN):
            name = self._named(source).removesuffix(":0").strip("[]")
            yield name, self._named(end), dict(zip(_KINDS, counts, strict=True))

    def text(self) -> str:
        """For people."""
        read = "" if self.packets is None else f" in {self.packets:,} packets"
        blocks = [[f"{self._connections:,} connections{read}, {self._syn_retransmits:,} SYNs sent again"]]
        if self.lost:
            blocks[0].append(f"{self.lost:,} events were LOST: the numbers below are too small")
        blocks += [self._block(*each) for each in _HEADINGS]
        blocks.append(self._times())
        blocks.append(_table("listener", (([name], counts) for name, counts in self._largest_listeners())))
        rows = (([name, source], counts) for source, name, counts in self._largest_destinations())
        blocks.append(_table("destination", rows, "from"))
        blocks.append([f"note: {note}" for note in self.notes])
        return "\n\n".join("\n".join(block) for block in blocks if block)

    def _block(self, name: str, heading: str, words: dict[str, str]) -> list[str]:
        counts = self._counts[name].most_common()
        if not counts:
            return []
        rows = [
            (words.get(key, key) or "not told", f"{count:,}", f"{100 * count / self._connections:.1f} %")
            for key, count in counts
        ]
        bars = [bar(count, counts[0][1], _WIDTH) for _, count in counts]
        return [heading, *(f"  {line}  {mark}" for line, mark in zip(columns(rows), bars, strict=True))]

    def _times(self) -> list[str]:
        spreads = [("handshake, SYN to ACK", self._handshake), ("handshake, last SYN to ACK", self._round_trip)]
        spreads += [(f"{state} at the {_SIDES[side]}", spread) for (state, side), spread in self._ordered()]
        rows = [
            (name, f"{spread.count:,}", *map(duration_text, (spread.percentile(each) for each in _PERCENTILES)),
             duration_text(spread.most))
            for name, spread in spreads
            if spread.count
        ]  # fmt: skip
        head = ("time spent", "seen", *(f"p{each}" for each in _PERCENTILES), "most")
        return columns([head, *rows]) if rows else []


_HEADINGS: tuple[tuple[str, str, dict[str, str]], ...] = (
    ("handshake", "handshake", {}),
    ("teardown", "teardown", {"": "told by one side only"}),
    ("active_closer", "closed first", _SIDES),
    ("time_wait", "TIME_WAIT held by", _SIDES),
    ("resets", "resets by cause", {cause: f"{cause}: {why}" for cause, why in CAUSES.items()}),
    ("conn_state", "conn_state", {state: f"{state}: {what}" for state, what in CONN_STATES.items()}),
)


def _percentiles(spread: Spread) -> dict[str, float]:
    values = {f"p{each}": spread.percentile(each) for each in _PERCENTILES} | {"max": float(spread.most)}
    return {"count": spread.count, **{name: round(value / 1000, 3) for name, value in values.items()}}


def _table(heading: str, rows: Iterator[tuple[list[str], dict[str, int]]], *more: str) -> list[str]:
    cells = [(*names, *(f"{count:,}" for count in counts.values())) for names, counts in rows]
    head = (heading, *more, *(kind.replace("_", " ") for kind in _KINDS))
    return columns([head, *cells], left=1 + len(more)) if cells else []
