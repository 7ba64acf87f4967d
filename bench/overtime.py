"""Recording: what a sample costs, what a day takes on the disk, how fast a week is drawn."""

import gc
import resource
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from msgspec.structs import replace

from bench.timing import Goal, Result, Timing
from lastack.cli.record_loop import ROWS
from lastack.kernel.holdings import Holdings
from lastack.kernel.sampler import take_sample
from lastack.lab import Cohort, Lab
from lastack.lab.load import Load
from lastack.model.sample import Sample
from lastack.store.reader import Reader
from lastack.store.schema import COLUMNS
from lastack.store.writer import Writer

__all__ = ["overtime"]

_EVERY_S = 10.0
_DAY = 8640  # samples
_CLIENTS = 200  # client addresses with connections of their own
_WATCHED = 12  # samples: two minutes
_WARM = 3


def overtime() -> Result:
    """A busy host of about 10,000 sockets whose load goes on, sampled every ten seconds for two minutes."""
    with Lab() as lab:
        lab.populate([Cohort("LISTEN", 5), Cohort("ESTABLISHED", 2000), Cohort("CLOSE_WAIT", 100)])
        running = lab.start(Load(seconds=3600, rate=133, addresses=_CLIENTS, port=8080, hold_s=1.0))
        samples, cpu_s = lab.server.call(_recorded, _WATCHED + 6)
        running.stop()
    samples = samples[6:]  # until TIME_WAIT has filled up
    sockets = sum(cohort.count for cohort in samples[-1].cohorts)
    share = 100 * sum(cpu_s[6:]) / len(samples) / _EVERY_S
    with tempfile.TemporaryDirectory() as folder:
        week = Path(folder, "store.db")
        day_bytes = _day(samples, week)
        _week(week)
        chart = _timed(lambda: _chart(week), 9)
        moment = _timed(lambda: _moment(week), 9)
    goals = [
        Goal(f"a sample every 10 s at {sockets:,} sockets: at most 0.5% of a core", f"{share:.2f}%", share <= 0.5),
        Goal("a day of them: at most 15 MB", f"{day_bytes / 1e6:.1f} MB", day_bytes <= 15e6),
        Goal("a week's chart: at most 300 ms", f"{chart.median_s * 1000:.0f} ms", chart.median_s <= 0.3),
    ]
    return Result(
        f"Recording {sockets:,} sockets",
        f"{len(samples[-1].cohorts)} cohorts of {_CLIENTS} clients that come and go, 133 closes a second. The day is "
        "those two minutes again and again; a chart has 600 points of every state.",
        {"a week's chart, 60,480 samples": chart, "one moment of that week": moment},
        goals,
    )


def _recorded(count: int) -> tuple[list[Sample], list[float]]:
    """So many samples, and the CPU time that sampling and writing each took, the fsync included."""
    samples, spent, holdings = [], [], Holdings()
    with tempfile.TemporaryDirectory() as folder, Writer(f"{folder}/store.db") as writer:
        due = time.monotonic()
        for _ in range(count):
            before = _cpu_s()
            samples.append(take_sample(rows=ROWS, holdings=holdings))
            writer.append(samples[-1])
            if len(samples) == 1:
                gc.freeze()  # as the recorder does
            spent.append(_cpu_s() - before)
            due += _EVERY_S
            time.sleep(max(due - time.monotonic(), 0))
    return samples, spent


def _cpu_s() -> float:
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


def _day(samples: list[Sample], path: Path) -> int:
    """Bytes of a store of a day."""
    with Writer(str(path)) as writer:
        _no_disk(writer)
        for number in range(_DAY):
            writer.append(_at(samples, number))
    return path.stat().st_size


def _week(path: Path) -> None:
    """Make a week of the store of a day: six more days of the same samples, each at its time."""
    with Writer(str(path)) as writer:
        _no_disk(writer)
        database = writer._connection  # noqa: SLF001 - a bench may look inside
        states = ", ".join(COLUMNS.values())
        for day in range(1, 7):
            shift = {"ids": day * _DAY, "ms": day * 86_400_000}
            database.execute(
                f"INSERT INTO moment SELECT id + :ids, at_ms + :ms, series, chain + :ids, closes, opened, {states} "  # noqa: S608 - the names are ours
                f"FROM moment WHERE id <= {_DAY}",
                shift,
            )
            database.execute(f"INSERT INTO body SELECT moment + :ids, packed FROM body WHERE moment <= {_DAY}", shift)  # noqa: S608 - as above


def _no_disk(writer: Writer) -> None:
    """To fill a store is not what is measured."""
    writer._connection.execute("PRAGMA synchronous = OFF")  # noqa: SLF001 - as said


def _at(samples: list[Sample], number: int) -> Sample:
    """The sample of that number, at its time."""
    at_s = 1_767_225_600 + int(number * _EVERY_S)
    taken_at = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(at_s))
    return replace(samples[number % len(samples)], taken_at=taken_at, uptime_s=1000.0 + number * _EVERY_S)


def _chart(store: Path) -> None:
    with Reader(str(store)) as reader:
        extent = reader.extent()
        assert extent is not None
        assert len(reader.chart(extent.first_ms, extent.last_ms, 600)) >= 590


def _moment(store: Path) -> None:
    with Reader(str(store)) as reader:
        extent = reader.extent()
        assert extent is not None
        assert reader.at((extent.first_ms + extent.last_ms) // 2)


def _timed(work: Callable[[], None], runs: int) -> Timing:
    seconds = []
    for _ in range(_WARM + runs):
        begun = time.perf_counter()
        work()
        seconds.append(time.perf_counter() - begun)
    return Timing(seconds[_WARM:])
