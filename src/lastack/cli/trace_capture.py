"""``lastack trace --pcap``: connections out of a capture."""

import argparse
import ipaddress
import json
import sys
from collections.abc import Iterator

import numpy as np

from lastack.capture.choose import Choice
from lastack.capture.link import LINKS
from lastack.capture.memory import keep_freed
from lastack.capture.read import Reading
from lastack.cli.files import opened
from lastack.cli.trace_cells import Cells
from lastack.errors import UsageError
from lastack.tcp.bundle import Bundle

__all__ = ["run_capture"]


def run_capture(options: argparse.Namespace) -> int:
    """Read the capture and print what became of its connections. Exit 2 where it ends early or is damaged.

    Raises:
        UsageError: ``bad-address``.
        InputError: ``cannot-read``, ``not-a-capture``; what a damaged capture holds is printed before it is raised.
    """
    keep_freed()
    with opened(options.pcap) as (file, name):
        reading = Reading(file, name, _choice(options), verify=options.checksums == "verify")
        if options.diagram:
            from lastack.cli.trace_draw import draw  # noqa: PLC0415 - the other forms do without

            draw(reading, options)
        elif options.summary:
            _sum_up(reading, options)
        else:
            _list(reading, options)
    for note in _notes(reading):
        sys.stderr.write(f"lastack: {name}: {note}\n")
    if reading.problem:
        sys.stdout.flush()
        raise reading.problem
    return 0


def _choice(options: argparse.Namespace) -> Choice:
    addresses = []
    for text in options.address or ():
        try:
            addresses.append(ipaddress.ip_address(text).packed)
        except ValueError:
            raise UsageError("bad-address", f"{text!r} is no IP address", "names are not looked up") from None
    return Choice(tuple(options.port or ()), tuple(addresses), options.family)


def _list(reading: Reading, options: argparse.Namespace) -> None:
    from lastack.cli.trace_report import lines, object_cells  # noqa: PLC0415 - a summary does without

    left = options.count
    for bundles in reading.batches():
        addresses = reading.decoder.addresses
        if options.json:
            texts = [row for bundle in bundles for row in _rows(object_cells(bundle, addresses))]
        else:
            texts = [line.encode(errors="replace") for bundle in bundles for line in lines(bundle, addresses)]
        some = _by_start(bundles, texts)[:left]
        sys.stdout.flush()
        sys.stdout.buffer.write(b"\n".join([*some, b""]))
        left = None if left is None else left - len(some)
        if left == 0:
            return


def _rows(cells: Cells) -> Iterator[bytes]:
    octets, width = cells.tobytes(), cells.shape[1]
    return (octets[at : at + width] for at in range(0, len(octets), width))


def _by_start(bundles: list[Bundle], texts: list[bytes]) -> list[bytes]:
    """What is said of connections, in the order of their first segments."""
    order = np.argsort(np.concatenate([bundle.times[:, 0] for bundle in bundles]), kind="stable")
    return [texts[number] for number in order.tolist()]


def _sum_up(reading: Reading, options: argparse.Namespace) -> None:
    from lastack.cli.trace_summary import Summary  # noqa: PLC0415 - the list does without

    summary = Summary()
    for bundles in reading.batches(summary.endpoints):
        for bundle in bundles:
            summary.add(bundle, reading.decoder.addresses)
    summary.notes += _notes(reading)
    summary.packets = reading.decoder.packets
    sys.stdout.write(f"{json.dumps(summary.document()) if options.json else summary.text()}\n")


def _notes(reading: Reading) -> Iterator[str]:
    """What was left out, a sentence each."""
    decoder = reading.decoder
    for link, count in sorted(decoder.unknown_links.items()):
        yield f"{count:,} packets of link type {link} are left out; understood are {', '.join(map(str, LINKS))}"
    for count, what in (
        (decoder.cut, "segments were cut before their flags"),
        (decoder.malformed, "segments are malformed: their header is longer than they are"),
        (decoder.incomplete, "fragmented datagrams lack a piece"),
        (reading.follower.retired, "connections were given up while open: more of them waited than are kept"),
    ):
        if count:
            yield f"{count:,} {what}"
