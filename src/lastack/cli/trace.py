"""Show connections from SYN to the end of TIME_WAIT, live or from a capture.

Live, from the kernel's tracepoints, it needs root (or CAP_PERFMON and a readable tracefs); a capture needs no
privilege. A capture may be pcap or pcapng, packed by gzip or not; ``-`` is standard input.
"""

import argparse
import os
from importlib.util import find_spec

from lastack.cli.duration import duration
from lastack.cli.options import add_color
from lastack.errors import RefusedError, UsageError

__all__ = ["configure", "run"]


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    parser.add_argument("--pcap", metavar="FILE|-", help="read this capture, rather than trace live")
    parser.add_argument("--json", action="store_true", help="print a JSON object a connection; one with --summary")
    parser.add_argument("--summary", action="store_true", help="print kinds, closers, percentiles, resets by cause")
    parser.add_argument("--diagram", action="store_true", help="draw each connection: segments, states, TIME_WAIT")
    parser.add_argument("--svg", action="store_true", help="draw one connection as SVG")
    parser.add_argument("--count", type=_count, metavar="N", help="stop after so many connections")
    choice = parser.add_argument_group("which connections")
    choice.add_argument("--port", type=_port, action="append", metavar="N", help="with this port at either end")
    choice.add_argument("--address", action="append", metavar="IP", help="with this address at either end")
    choice.add_argument("--family", type=int, choices=(4, 6), help="of IPv4, or of IPv6")
    capture = parser.add_argument_group("captures")
    capture.add_argument(
        "--checksums",
        choices=("ignore", "verify"),
        default="ignore",
        help="verify: leave segments out whose checksum is wrong (hosts that leave checksums to the card send such)",
    )
    live = parser.add_argument_group("live")
    live.add_argument(
        "--netns",
        metavar="NAME|PID|PATH",
        help="of this network namespace alone; without it, of the whole machine",
    )
    live.add_argument("--for", type=duration, dest="duration", metavar="DURATION", help="end after so long: 90s, 5m")
    live.add_argument("--ends", action="store_true", help="sockets as they end, no more: needs no privilege")
    add_color(parser)


def run(options: argparse.Namespace) -> int:
    """Trace.

    Raises:
        UsageError: ``options-clash``, ``bad-address``.
        InputError: the capture cannot be read, or is none.
        RefusedError: the kernel or the privilege does not allow it.
    """
    options.diagram |= options.svg
    shown = [name for name in ("summary", "diagram") if getattr(options, name)]
    if len(shown) > 1 or (options.diagram and options.json):
        other = "--json" if options.json else "--summary"
        raise UsageError("options-clash", f"{other} and a diagram: one of them")
    if options.pcap is None:
        if options.checksums != "ignore":
            raise UsageError("options-clash", "--checksums is for captures", "name one with --pcap FILE")
        if options.ends:
            from lastack.cli.trace_ends import run_ends  # noqa: PLC0415 - the only road without numpy

            return run_ends(options)
        _require_numpy()
        from lastack.cli.trace_live import run_live  # noqa: PLC0415 - a capture needs none of it

        return run_live(options)
    live_only = [name for name, value in _live_only(options).items() if value]
    if live_only:
        raise UsageError("options-clash", f"{live_only[0]} is for a live trace, --pcap names a capture")
    _require_numpy()
    from lastack.cli.trace_capture import run_capture  # noqa: PLC0415 - a live trace needs none of it

    return run_capture(options)


def _require_numpy() -> None:
    if find_spec("numpy") is None:
        raise RefusedError(
            "no-numpy", "connections are followed with numpy, which is not installed", 'install "lastack[trace]"'
        )
    # Nothing here multiplies matrices, and threads that wait for some take time to start.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")


def _live_only(options: argparse.Namespace) -> dict[str, object]:
    return {"--netns": options.netns, "--for": options.duration, "--ends": options.ends}


def _port(text: str) -> int:
    if not text.isascii() or not text.isdecimal() or not 0 < int(text) < 1 << 16:
        raise argparse.ArgumentTypeError(f"{text!r} is no port, 1 to 65535")
    return int(text)


def _count(text: str) -> int:
    if not text.isascii() or not text.isdecimal() or int(text[:12]) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is no number of connections")
    return int(text[:12])
