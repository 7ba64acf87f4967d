"""The server, one client and the link between them."""

import os
from collections.abc import Callable, Collection

from lastack.lab.addresses import ANY, is_loopback, plain
from lastack.lab.links import Link, connect, give_addresses
from lastack.lab.namespace import Namespace
from lastack.lab.worker import Worker

__all__ = ["Line"]


class Line:
    """A link that is up; it knows which addresses it has given out.

    Args:
        server: one end; workers live there.
        client: the other end.
        link: its addresses.

    Raises:
        RefusedError: ``no-veth``, ``no-pyroute2``.
    """

    def __init__(self, server: Namespace, client: Namespace, link: Link) -> None:
        self.server = server
        self.client = client
        self.link = link
        self._next_own = 1
        self._workers: list[Worker] = []
        self._given = {"", *ANY.values(), *map(link.server, ANY), *map(link.client, ANY)}
        connect(server, client, link)

    def own_address(self, family: int) -> str:
        """An address of the link that nobody has yet; to be given. Raises RefusedError: ``no-more-addresses``."""
        address = self.link.client(family, self._next_own)
        self._next_own += 1
        return address

    def give(self, at_server: Collection[str] = (), at_client: Collection[str] = ()) -> None:
        """See that the ends have these addresses, which may be mapped, and find those of the other end."""
        new = [
            sorted({plain(address) for address in addresses if not is_loopback(address)} - self._given)
            for addresses in (at_server, at_client)
        ]
        if any(new):
            give_addresses(self.server, self.client, self.link, *new)
            self._given.update(*new)

    def worker(self, make: Callable[[int], object]) -> Worker:
        """A worker at the server's end; ``make`` gets an open file of the client's network namespace."""
        client = os.open(f"/proc/{self.client.pid}/ns/net", os.O_RDONLY)
        try:
            self._workers.append(Worker(self.server, lambda: make(client)))
        finally:
            os.close(client)
        return self._workers[-1]

    def close(self) -> None:
        """End the workers."""
        for worker in self._workers:
            worker.close()
