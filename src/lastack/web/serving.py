"""Everything put together, in the order that root is needed: socket, files, store, namespace; then no more root."""

import argparse
import os
from collections.abc import Callable
from contextlib import ExitStack

from lastack.cli.draw import plain
from lastack.kernel.namespaces import settle
from lastack.kernel.sampler import take_sample
from lastack.metrics.exposition import render
from lastack.metrics.family import Cost
from lastack.web.app import application
from lastack.web.frame import shoot
from lastack.web.guard import Guard
from lastack.web.hub import Hub
from lastack.web.listening import Address, open_socket, read_token, tls
from lastack.web.privilege import LOST, become
from lastack.web.recordings import Recordings
from lastack.web.sampler import Sampler
from lastack.web.server import STREAMS, prepare

__all__ = ["serving"]


def serving(options: argparse.Namespace, where: Address, say: Callable[[str], None]) -> None:
    """Serve until interrupted.

    Args:
        options: of ``lastack serve``.
        where: to listen.
        say: told where it is, and what went wrong.

    Raises:
        UsageError: ``no-such-user``.
        InputError: ``bad-token``, ``bad-tls-file``, the store's.
        RefusedError: ``address-refused``, ``unsafe-token``, ``still-root``, the store's, the namespace's.
    """
    with ExitStack() as stack:
        listening = stack.enter_context(open_socket(where))
        token = read_token(options.token) if options.token else None
        context = tls(options.tls_cert, options.tls_key, options.client_ca) if options.tls_cert else None
        recordings = Recordings(options.store) if options.store else None
        if recordings:
            stack.callback(recordings.close)
        if options.netns:
            settle(options.netns)  # every thread that begins from here on is there; the socket is where it was opened
        hub = Hub(STREAMS, options.every)
        sampler = Sampler(
            options.every, options.netns, hub.publish, lambda why: say(plain(why)), lambda: hub.streams > 0
        )
        hub.ask = sampler.look
        guarded = Guard(application(hub, recordings, sampler.moment), [os.uname().nodename, *options.host], token)
        server = prepare(guarded, context)
        _warm_up(options.netns)
        if become(options.user):
            say(f"{LOST} (--user root keeps them in sight)")
        sampler.start()
        stack.callback(sampler.stop)
        say(Address(*listening.getsockname()[:2]).url(secure=context is not None))
        server.run(sockets=[listening])


def _warm_up(netns: str | None) -> None:
    """Look once, so that all modules are in: without root, their files may be out of reach."""
    shot = shoot(take_sample(netns), None, Cost(0, 0))
    for accept in ("", "application/openmetrics-text"):
        render(shot.model, accept=accept)
