"""A census of a saved file: output of netstat or ss, /proc/net/tcp, or a snapshot."""

from typing import TYPE_CHECKING

from lastack.cli.census_report import Subject
from lastack.cli.files import opened
from lastack.model.census import SocketRow, Tally
from lastack.text.read import Snapshot, read

if TYPE_CHECKING:
    from lastack.model.sample import Sample

__all__ = ["of_sample", "saved"]


def saved(path: str, by: tuple[str, ...], top: int) -> Subject:
    """Count a file's sockets; ``-`` is standard input. Memory does not grow with the file, only with its groups.

    Raises:
        InputError: the file cannot be read, or is no list of sockets.
    """
    tally = Tally(by, top)
    with opened(path) as (file, name):
        reading = read(file, name=name)
        if isinstance(reading, Snapshot):
            return _snapshot(reading.content(), name, tally)
        for row in reading:
            tally.add(row)
    return Subject(tally.census(), reading.kind, warnings=reading.warnings)


def _snapshot(document: bytes, name: str, tally: Tally) -> Subject:
    from lastack.model.sample import decode_series  # noqa: PLC0415 - msgspec is not needed for text

    return of_sample(decode_series(document, name)[-1], "snapshot", tally)


def of_sample(sample: "Sample", source: str, tally: Tally) -> Subject:
    """Count the sockets of a sample."""
    netns = sample.netns_name or sample.netns
    for listener in sample.listeners:
        tally.add(
            SocketRow(
                "LISTEN",
                listener.family,
                listener.address,
                listener.port,
                process=listener.process,
                uid=listener.uid,
                cgroup=listener.cgroup,
                netns=netns,
            )
        )
    for cohort in sample.cohorts:
        row = SocketRow(
            cohort.state,
            cohort.family,
            cohort.local,
            cohort.local_port,
            cohort.remote,
            cohort.remote_port,
            cohort.process,
            cohort.uid,
            cohort.cgroup,
            netns,
        )
        for age, count in cohort.closes.items():
            tally.add(row._replace(close_age_s=age), count)
        if undated := cohort.count - sum(cohort.closes.values()):
            tally.add(row, undated)
    return Subject(
        tally.census(has_timers=True),
        source,
        sample.taken_at,
        sample.kernel,
        sample.netns,
        sample.exact,
        tuple(f"{what} unseen: {reason}" for what, reason in sample.unseen.items()),
    )
