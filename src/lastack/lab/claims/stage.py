"""What an experiment plays on: a server, a client, the link between them; one process has the sockets of both."""

import os
import socket
import traceback
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from lastack.errors import LastackError
from lastack.lab.claims.claim import Claim, NotTestableError, Seen, Verdict
from lastack.lab.claims.end import End, Option, errno_name
from lastack.lab.claims.tap import Puppet, Tap
from lastack.lab.links import Link

__all__ = ["Pair", "Play", "Stage"]

_LOOPBACK = {4: "127.0.0.1", 6: "::1"}
_FIRST_PUPPET = 4000


class Pair(NamedTuple):
    """The two sockets of a connection."""

    opener: socket.socket
    accepted: socket.socket


class Play:
    """An experiment on its stage.

    Args:
        stage: of its own.
        claim: whose experiment it is.
    """

    def __init__(self, stage: "Stage", claim: Claim) -> None:
        self._stage = stage
        self._claim = claim

    def run(self) -> tuple[Verdict, str]:
        """The verdict, and what was seen, or why nothing could be."""
        try:
            seen: Seen = self._claim.experiment(self._stage)
        except NotTestableError as error:
            return "not-testable-here", str(error)
        except LastackError as error:
            return "not-testable-here", error.message
        except OSError as error:
            return "not-testable-here", f"the experiment broke off: {errno_name(error)}"
        except Exception as error:  # noqa: BLE001 - a mistake in one experiment must not cost the others
            traceback.print_exc()
            return "not-testable-here", f"the experiment broke off: {error!r}"
        return ("holds" if seen.holds else "fails"), seen.observed


class Stage:
    """Two ends and what happens between them.

    Args:
        client: open file of the client's namespace; the server's is the one that we are in.
        link: its addresses.
        family: 4 or 6.
        planted: settings that no experiment can change, in both ends.
        log: open file of /dev/kmsg that does not block; None: this user may not read it.

    Attributes:
        server: one end.
        client: the other.
        family: 4 or 6.
        link: between them.
    """

    def __init__(
        self, client: int, link: Link, family: int, planted: Mapping[str, object], log: int | None = None
    ) -> None:
        home = os.open("/proc/thread-self/ns/net", os.O_RDONLY)
        self.server = End(home, link.server(family), _LOOPBACK[family], planted)
        self.client = End(client, link.client(family), _LOOPBACK[family], planted)
        self.family = family
        self.link = link
        self.log = log
        self._puppets = 0

    def open(
        self, door: socket.socket, *, by: End | None = None, port: int = 0, options: Sequence[Option] = ()
    ) -> Pair:
        """A connection to a listener, from the client or ``by`` another; ``port``: bind to it first, 0: do not.

        Raises:
            NotTestableError: there is no connection.
        """
        end = by or self.client
        target = door.getsockname()[:2]
        attempt = end.connect(target, source=(end.address, port) if port else None, options=options)
        if not attempt.ok:
            raise NotTestableError(f"connect() ends with {attempt.result}")
        return Pair(attempt.socket, self.take(door))

    def take(self, door: socket.socket) -> socket.socket:
        """The next connection that waits at a listener."""
        return self.server.keep(door.accept()[0])

    def wind_up(self, first: socket.socket, second: socket.socket) -> None:
        """Close one, and the other once it has seen that: the first has the TIME_WAIT."""
        first.close()
        second.recv(1)
        second.close()

    def leave(self, door: socket.socket, ports: Sequence[int] = (0,), *, by_server: bool = False) -> None:
        """Open a connection from each port and close it, the client first, or the server; 0: the kernel's choice."""
        for port in ports:
            opener, accepted = self.open(door, port=port)
            if by_server:
                self.wind_up(accepted, opener)
            else:
                self.wind_up(opener, accepted)
        closer = self.server if by_server else self.client
        number = door.getsockname()[1]
        closer.leaves(number, "FIN_WAIT1", 1)

    def puppet(self) -> Puppet:
        """One more peer without a kernel."""
        self._puppets += 1
        address = self.link.client(self.family, _FIRST_PUPPET + self._puppets)
        return Puppet(self.server, self.client, address, self.link.device)

    def tap(self) -> Tap:
        """A look at what passes over the link."""
        return Tap(self.client)
