"""Fleets for Prometheus: what the exporter says of a few real hosts, as the history of many, in blocks of its own."""

import re
import shutil
import socket
import subprocess
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple
from urllib.error import URLError
from urllib.request import urlopen

__all__ = ["Made", "served"]

_LINE = re.compile(r"(?P<name>\w+)(?:\{(?P<labels>.*)\})? (?P<value>\S+)")
_EVERY_S = 60
_PATIENCE_S = 60.0


class Made(NamedTuple):
    """A host.

    Attributes:
        instance: as Prometheus calls it.
        job: its job.
        exposition: what its exporter says, in the older text format.
        per_scrape: what to add to each counter of these names from one scrape to the next; others stand still.
    """

    instance: str
    job: str
    exposition: str
    per_scrape: dict[str, int] = {}  # noqa: RUF012 - a default that nobody changes

    def lines(self, scrapes: Sequence[int]) -> Iterator[tuple[str, str]]:
        """Family and line, of OpenMetrics."""
        for line in self.exposition.splitlines():
            found = _LINE.fullmatch(line)
            if found:
                own = f'instance="{self.instance}",job="{self.job}"'
                labels = ",".join(filter(None, [found["labels"], own]))
                step = self.per_scrape.get(found["name"], 0)
                for number, at_s in enumerate(scrapes):
                    yield found["name"], f"{found['name']}{{{labels}}} {float(found['value']) + number * step} {at_s}"


@contextmanager
def served(hosts: Iterable[Made], folder: Path, scrapes: int = 3) -> Iterator[str]:
    """A Prometheus with so many scrapes of these hosts, a minute apart, the last one now; its address.

    Raises:
        FileNotFoundError: prometheus or promtool is not installed.
        CalledProcessError: promtool does not take them.
    """
    for program in ("prometheus", "promtool"):
        if shutil.which(program) is None:
            raise FileNotFoundError(program)
    now = int(time.time())
    _write(hosts, [now - _EVERY_S * ago for ago in reversed(range(scrapes))], folder / "made.txt")
    command = ["promtool", "tsdb", "create-blocks-from", "openmetrics", "made.txt", "data"]
    subprocess.run(command, cwd=folder, check=True, capture_output=True)
    (folder / "prometheus.yml").write_text("")
    with socket.create_server(("127.0.0.1", 0)) as free:
        address = f"127.0.0.1:{free.getsockname()[1]}"
    options = ["--config.file=prometheus.yml", "--storage.tsdb.path=data", f"--web.listen-address={address}"]
    with subprocess.Popen(["prometheus", *options], cwd=folder, stderr=subprocess.DEVNULL) as running:
        try:
            _await(lambda: _ready(f"http://{address}/-/ready"))
            yield f"http://{address}"
        finally:
            running.terminate()


def _write(hosts: Iterable[Made], scrapes: Sequence[int], path: Path) -> None:
    families: dict[str, list[str]] = {}
    for host in hosts:
        for name, line in host.lines(scrapes):
            families.setdefault(name, []).append(line)
    with path.open("w") as file:
        for name, lines in families.items():
            file.write(f"# TYPE {name} unknown\n")
            file.writelines(f"{line}\n" for line in lines)
        file.write("# EOF\n")


def _ready(url: str) -> bool:
    try:
        with urlopen(url, timeout=5):  # noqa: S310 - ours
            return True
    except (URLError, OSError):
        return False


def _await(holds: Callable[[], bool]) -> None:
    until = time.monotonic() + _PATIENCE_S
    while not holds():
        if time.monotonic() > until:
            raise TimeoutError("Prometheus did not start")
        time.sleep(0.1)
