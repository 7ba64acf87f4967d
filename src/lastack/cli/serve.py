"""Show this host's TCP on a page: the state diagram, alive; findings, destinations, queues; and Prometheus's /metrics.

It listens on loopback. From elsewhere, use ssh -L 9797:127.0.0.1:9797 HOST, or give it TLS files and a token or an
authority of client certificates. Nothing on the page changes the host. Started by root, it is nobody once everything is
open.
"""

import argparse
import signal
import sys

from lastack.cli.duration import duration
from lastack.cli.options import add_netns
from lastack.errors import RefusedError, UsageError

__all__ = ["configure", "run"]

_LISTEN = "127.0.0.1:9797"


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of ``lastack serve``."""
    add = parser.add_argument
    add("--listen", metavar="ADDR:PORT", default=_LISTEN, help=f"where ({_LISTEN}); port 0: any")
    add("--every", metavar="S", type=_interval, default=2.0, help="time from one sample to the next (2s)")
    add("--store", metavar="FILE", help="what `lastack record` writes: history, before and after")
    add_netns(parser)
    add("--host", metavar="NAME", action="append", default=[], help="a name that browsers reach this page by; repeat")
    add("--token", metavar="FILE", help="let in who shows the token in this file, as password or bearer")
    add("--tls-cert", metavar="FILE", help="certificate chain, PEM")
    add("--tls-key", metavar="FILE", help="its key, PEM")
    add("--client-ca", metavar="FILE", help="let in who has a certificate of this authority, PEM")
    add("--user", metavar="NAME", default="nobody", help="who to be once everything is open, if started by root")
    add("--insecure", action="store_true", help="listen beyond loopback without TLS, or let everybody in")


def _interval(text: str) -> float:
    seconds = duration(text)
    if not 0.2 <= seconds <= 60:
        raise argparse.ArgumentTypeError("a fifth of a second to a minute")
    return seconds


def run(options: argparse.Namespace) -> int:
    """Open what it needs, give root up, serve until interrupted."""
    try:
        from lastack.web.serving import serving  # noqa: PLC0415 - help and completion do without
    except ImportError:
        hint = "pip install 'lastack[serve]'"
        raise RefusedError("no-web-server", "starlette, uvicorn or prometheus_client is not installed", hint) from None
    from lastack.web.listening import address  # noqa: PLC0415 - as above

    if bool(options.tls_cert) != bool(options.tls_key) or (options.client_ca and not options.tls_cert):
        raise UsageError("options-clash", "--tls-cert and --tls-key go together, and --client-ca with both")
    where = address(options.listen)
    if not where.is_loopback and not options.insecure:
        _demand(options)
    signal.signal(signal.SIGTERM, lambda *_: None)  # uvicorn ends at it, and then raises it again
    serving(options, where, _say)
    return 0


def _demand(options: argparse.Namespace) -> None:
    if options.tls_cert and (options.token or options.client_ca):
        return
    hint = (
        "--tls-cert and --tls-key, and --token or --client-ca; or use ssh -L 9797:127.0.0.1:9797; "
        "--insecure if you mean it"
    )
    raise UsageError("open-to-all", f"on {options.listen} others could read this host's connections", hint)


def _say(text: str) -> None:
    sys.stderr.write(f"lastack: {text}\n")
    sys.stderr.flush()
