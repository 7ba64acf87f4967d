"""Loads that are being driven."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from lastack.lab.cuts import cut
from lastack.lab.driver import Driver
from lastack.lab.line import Line
from lastack.lab.load import Load, Report, add_up
from lastack.lab.route import Route
from lastack.lab.worker import Worker

__all__ = ["Running", "start"]

_TO_THE_END_S = 86_400


class Running:
    """A load on its way. Ends with its lab, if not before."""

    def __init__(self, workers: Sequence[Worker]) -> None:
        self._workers = workers

    def report(self) -> Report:
        """Wait for the end of the load."""
        try:
            return add_up(worker.result(_TO_THE_END_S) for worker in self._workers)
        finally:
            self.stop()

    def stop(self) -> None:
        """End it at once; what it has open is closed."""
        for worker in self._workers:
            worker.close()
        self._workers = ()


def start(line: Line, load: Load) -> Running:
    """Drive a load over a line.

    Raises:
        RefusedError: ``no-more-addresses``.
    """
    share = replace(load, rate=None if load.rate is None else load.rate / load.processes)
    address = line.link.server if load.opener == "client" else line.link.client
    workers = []
    for number in range(load.processes):
        worker = line.worker(Driver)
        worker.post("drive", replace(share, port=load.port + number), address(load.family), _sources(line, load))
        workers.append(worker)
    return Running(workers)


def _sources(line: Line, load: Load) -> list[str]:
    """Fresh addresses for the opener; cut off from answers where handshakes are not to finish."""
    addresses = [line.own_address(load.family) for _ in range(load.addresses)]
    if load.opener == "server":
        line.give(at_server=addresses)
    else:
        line.give(at_client=addresses)
    if not load.finish:
        line.server.call(_cut_all, addresses)
    return addresses


def _cut_all(addresses: Iterable[str]) -> None:
    with Route() as route:
        for address in addresses:
            cut(route, address)
