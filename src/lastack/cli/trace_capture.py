"""``lastack trace --pcap``: connections out of a capture."""

import argparse
import json
import sys
from collections.abc import Iterator

import numpy as np

from lastack.capture.addresses import Addresses
from lastack.capture.choose import Choice
from lastack.capture.link import LINKS
from lastack.capture.memory import keep_freed
from lastack.capture.read import Reading
from lastack.capture.threads import share_out
from lastack.capture.window import Positions
from lastack.cli.files import opened
from lastack.cli.trace_choice import chosen
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
        reading = Reading(file, name, Choice(*chosen(options)), verify=options.checksums == "verify")
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


def _list(reading: Reading, options: argparse.Namespace) -> None:
    left = options.count
    say = _objects if options.json else _lines
    for bundles in reading.batches():
        # In the order of their first segments.
        order = np.argsort(np.concatenate([bundle.times[:, 0] for bundle in bundles]), kind="stable")[:left]
        sys.stdout.flush()
        sys.stdout.buffer.writelines(say(bundles, reading.decoder.addresses, order))
        left = None if left is None else left - len(order)
        if left == 0:
            return


def _objects(bundles: list[Bundle], addresses: Addresses, order: Positions) -> Iterator[bytes | memoryview]:
    from lastack.cli.trace_cells import in_turn  # noqa: PLC0415 - a summary does without
    from lastack.cli.trace_report import object_lines  # noqa: PLC0415 - likewise

    return in_turn(share_out(lambda bundle: object_lines(bundle, addresses), bundles), order)


def _lines(bundles: list[Bundle], addresses: Addresses, order: Positions) -> Iterator[bytes | memoryview]:
    from lastack.cli.trace_report import lines  # noqa: PLC0415 - a summary does without

    texts = [line for bundle in bundles for line in lines(bundle, addresses)]
    return (f"{texts[number]}\n".encode(errors="replace") for number in order.tolist())


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
